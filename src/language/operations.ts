// One operation of a client: asked for, written down in the history, and over before the next.
import * as v from 'valibot';
import { type Answer, answerSchema } from '../kernel/control.ts';
import { Bug, type CallError } from '../kernel/errors.ts';
import type { Operation, Outcome } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { CALL_TIMEOUT_MS, OPERATION_DEADLINE_MS } from '../kernel/limits.ts';
import { LineError } from './lineError.ts';
import { quote } from './printable.ts';
import type { Run } from './run.ts';

export type OperationOrder = (
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'get' | 'delete'; readonly key: string }
) &
  Pick<Operation, 'number'>;

/** The client answers within its own deadline; what takes longer than this has no answer. */
export const ANSWER_TIMEOUT_MS = OPERATION_DEADLINE_MS + CALL_TIMEOUT_MS;

/** An operation as the history has it, and why it failed, which the history does not say. */
export type EndedOperation = Operation & Pick<Answer, 'error'>;

/** Returns when the operation is over and its effects have settled. `client` is a live one. */
export function runOperation(
  run: Run,
  client: NodeId,
  order: OperationOrder,
  line: number,
): Promise<EndedOperation> {
  if (order.kind === 'get') return recordOperation(run, client, order, line);
  return run.activity.during(async () => {
    const operation = await recordOperation(run, client, order, line);
    if (operation.server !== null) await run.settle(operation.server, line);
    return operation;
  });
}

/** Returns when the operation is over. `client` is a live one. */
export async function recordOperation(
  run: Run,
  client: NodeId,
  order: OperationOrder,
  line: number,
): Promise<EndedOperation> {
  const refusal = run.refusalOf(order.key);
  if (refusal !== undefined) {
    throw new LineError('E_BAD_KEY', `${quote(order.key)} is no key: ${refusal}`);
  }
  const session = run.topology.client(client);
  const seq = run.nextOperation(session);
  const invokedAt = run.moment();
  const { kind, number, ...params } = order;
  const answer = await askClient(run, client, kind, params, line);
  const operation: Operation = {
    session: client,
    incarnation: session.incarnation,
    seq,
    kind,
    key: order.key,
    value: kind === 'put' ? order.value : answer.value,
    outcome: answer.outcome,
    invokedAt,
    returnedAt: answer.outcome === 'unknown' ? null : run.moment(),
    server: answer.server,
    version: answer.version,
    applied: answer.applied,
    line,
    ...(number !== undefined && { number }),
  };
  run.chronicle.add(operation);
  const { error } = answer;
  return error === undefined ? operation : { ...operation, error };
}

/** Asks a client for something that it gives an Answer to. */
export async function askClient(
  run: Run,
  client: NodeId,
  method: string,
  params: Json,
  line: number,
): Promise<Answer> {
  const terms = { line, timeoutMs: ANSWER_TIMEOUT_MS };
  const { result, error } = await run.ask(client, method, params, terms);
  if (error !== undefined) return unanswered(error);
  const parsed = v.safeParse(answerSchema, result);
  if (!parsed.success) throw new Bug(`client ${client} answered ${method} with no Answer`);
  return parsed.output;
}

function unanswered(error: CallError): Answer {
  const outcome = error.definite ? 'fail' : 'unknown';
  return { outcome, value: null, server: null, version: null, applied: null };
}

export type AnswerCode = 'ERR_KEY' | 'ERR_DEP' | 'ERR_UNREACHABLE';

/** How an outcome that is no value is printed; undefined for `ok`. */
export function outcomeCode(outcome: Outcome): AnswerCode | undefined {
  switch (outcome) {
    case 'ok':
      return undefined;
    case 'absent':
      return 'ERR_KEY';
    case 'stale':
      return 'ERR_DEP';
    case 'fail':
    case 'unknown':
      return 'ERR_UNREACHABLE';
  }
}

/** What the error of a log that has no room comes to, for a user. */
const DISK_FULL = 'the disk is full';

/** What a note says about a read that no server could answer, where that has a reason. */
export function describeRead({ error }: Pick<Answer, 'error'>): string | undefined {
  return error === 'E_STORAGE' ? `ERR_UNREACHABLE: ${DISK_FULL}` : undefined;
}

/** What a note says about a write that was not done, or may not have been; undefined for `ok`. */
export function describeWrite({
  outcome,
  error,
}: Pick<Answer, 'outcome' | 'error'>): string | undefined {
  const isFull = error === 'E_STORAGE';
  switch (outcome) {
    case 'ok':
    case 'absent':
      return undefined;
    case 'stale':
      return 'ERR_DEP: refused, the server has not seen what this session depends on';
    case 'fail':
      return `ERR_UNREACHABLE: not done, ${isFull ? DISK_FULL : 'no server took it'}`;
    case 'unknown': {
      const why = isFull ? DISK_FULL : 'no answer came';
      return `ERR_UNREACHABLE: indeterminate, ${why}; it may have been done or not`;
    }
  }
}

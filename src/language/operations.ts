// Runs one operation of a client: asks for it, records it in the history, and ends before the next
// one begins.
import * as v from 'valibot';
import { type Answer, answerSchema } from '../kernel/control.ts';
import { Bug, type CallError, type CallErrorCode, meaningOf } from '../kernel/errors.ts';
import type { Operation, Outcome, Recorded } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { CALL_TIMEOUT_MS, OPERATION_DEADLINE_MS } from '../kernel/limits.ts';
import { LineError } from './lineError.ts';
import type { Effects } from './nodeCalls.ts';
import { quote } from './printable.ts';
import type { Run } from './run.ts';
import type { AskOutcome } from './unlessDead.ts';

export type OperationOrder = (
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'get' | 'delete'; readonly key: string }
) &
  Pick<Operation, 'number' | 'modifiers'>;

/**
 * The client answers within its own deadline; an operation that takes longer than this has no
 * answer.
 */
export const ANSWER_TIMEOUT_MS = OPERATION_DEADLINE_MS + CALL_TIMEOUT_MS;

/** What the history does not record of an operation: why it failed, and its effects. */
export type EndedOperation = Operation & Reason & Effects;

/** Calls a client's method that returns an Answer. */
export type AskClient = typeof askClient;

/** Why an operation has no answer. */
export type Reason = Pick<Answer, 'error' | 'data'>;

/** How an operation of any kind ended. */
export type Ended = Pick<Recorded, 'kind' | 'invokedAt' | 'returnedAt'> &
  Pick<Answer, 'outcome' | 'server' | 'error' | 'isSet'>;

/** Resolves when the operation has ended and its effects are complete. `client` must be alive. */
export function runOperation(
  run: Run,
  client: NodeId,
  order: OperationOrder,
  line: number,
): Promise<EndedOperation> {
  const operate = (ask: AskClient) => recordOperation(run, client, order, line, ask);
  return hasEffects(run, order) ? untilQuiet(run, operate, line) : operate(askClient);
}

/**
 * Resolves when the operation has ended, and its effects at the server that answered. `operate` has
 * to use the given way to ask the client.
 */
export function untilQuiet<T extends Pick<Answer, 'server'> & Effects>(
  run: Run,
  operate: (ask: AskClient) => Promise<T>,
  line: number,
): Promise<T> {
  return run.activity.during(async () => {
    const operation = await operate(askWithEffects);
    if (operation.server !== null) await run.quiesceServer(operation.server, line, operation);
    return operation;
  });
}

/** Whether effects of such an operation may be under way at servers after its answer. */
export function hasEffects({ protocol }: Run, { kind }: Pick<Recorded, 'kind'>): boolean {
  return kind !== 'get' || protocol.hasRepairs === true;
}

/** Resolves when the operation has ended. `client` must be alive. */
export async function recordOperation(
  run: Run,
  client: NodeId,
  order: OperationOrder,
  line: number,
  ask: AskClient = askClient,
): Promise<EndedOperation> {
  assertIsKey(run, order.key);
  const session = run.topology.client(client);
  const seq = run.history.nextNumber(session);
  const invokedAt = run.moment();
  const { kind, number, modifiers, ...named } = order;
  const params = modifiers === undefined ? named : { ...named, modifiers: [...modifiers] };
  const answer = await ask(run, client, kind, params, line);
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
    ...(modifiers !== undefined && { modifiers }),
    ...(answer.context !== undefined && { context: answer.context }),
    ...(answer.siblings !== undefined && { siblings: answer.siblings }),
  };
  run.history.add(operation);
  const { error, data, settled } = answer;
  if (error === undefined && settled === undefined) return operation;
  const why = { ...(error !== undefined && { error }), ...(data !== undefined && { data }) };
  return { ...operation, ...why, ...(settled !== undefined && { settled }) };
}

/** Throws a LineError for a text that is no key of the protocol that runs. */
export function assertIsKey(run: Run, key: string): void {
  const refusal = run.protocol.refuseKey?.(key, run.options);
  if (refusal !== undefined)
    throw new LineError('E_BAD_KEY', `${quote(key)} is no key: ${refusal}`);
}

/** Calls a client's method that returns an Answer. */
export async function askClient(
  run: Run,
  client: NodeId,
  method: string,
  params: Json,
  line: number,
): Promise<Answer & Effects> {
  const terms = { line, timeoutMs: ANSWER_TIMEOUT_MS };
  return answerOf(client, method, await run.ask(client, method, params, terms));
}

/** As `askClient`, for a caller that waits for the effects. */
async function askWithEffects(
  run: Run,
  client: NodeId,
  method: string,
  params: Json,
  line: number,
): Promise<Answer & Effects> {
  const terms = { line, timeoutMs: ANSWER_TIMEOUT_MS };
  const asked = await run.operate(client, method, params, terms);
  const answer = answerOf(client, method, asked);
  return asked.settled === undefined ? answer : { ...answer, settled: asked.settled };
}

function answerOf(client: NodeId, method: string, { result, error }: AskOutcome): Answer {
  if (error !== undefined) return unanswered(error);
  const parsed = v.safeParse(answerSchema, result);
  if (!parsed.success) throw new Bug(`client ${client} answered ${method} with no Answer`);
  return parsed.output;
}

function unanswered(error: CallError): Answer {
  const outcome = error.definite ? 'fail' : 'unknown';
  return { outcome, value: null, server: null, version: null, applied: null };
}

/** A code of the language, or one that the protocol has declared as an answer. */
export type AnswerCode = 'ERR_KEY' | 'ERR_DEP' | 'ERR_CAS' | 'ERR_UNREACHABLE' | `ERR_${string}`;

/** How an answer without a value is printed; undefined for one with a value. */
export function outcomeCode({
  outcome,
  error,
  isSet,
}: {
  readonly outcome: Outcome;
  readonly error?: CallErrorCode;
  readonly isSet?: boolean;
}): AnswerCode | undefined {
  if (error !== undefined && isOwn(error)) return error;
  if (isSet === false) return 'ERR_CAS';
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

/** Whether the protocol has declared this code as an answer. */
function isOwn(error: CallErrorCode): error is `ERR_${string}` {
  return meaningOf(error).isAnswer === true;
}

/** What such a code means, with what the error's data says. */
function tellOwn(error: CallErrorCode, data: Json | undefined): string {
  const { text, tell } = meaningOf(error);
  const told = data === undefined ? undefined : tell?.(data);
  return told === undefined ? text : `${text} (${told})`;
}

/** How a user is told that a log has no space. */
const DISK_FULL = 'the disk is full';

/** The note on a read that no server could answer; undefined if no reason is known. */
export function describeRead({ error, data }: Reason): string | undefined {
  if (error !== undefined && isOwn(error)) return `${error}: ${tellOwn(error, data)}`;
  return error === 'E_STORAGE' ? `ERR_UNREACHABLE: ${DISK_FULL}` : undefined;
}

/**
 * Why no server took an operation, if its client has a link to none: a server's death cuts those
 * that it had. Undefined if that is not why.
 */
export function describeIsolation(
  { topology }: Run,
  client: NodeId,
  answer: Pick<Answer, 'outcome'> & Reason,
): string | undefined {
  if (answer.outcome !== 'fail' || answer.error === 'E_STORAGE') return undefined;
  if (topology.find(client) === undefined) return undefined;
  if (topology.serversOf(client).length > 0) return undefined;
  const [server] = topology.ids('server');
  const advice =
    server === undefined
      ? 'no server is alive'
      : `\`createConnection ${client} ${server}\` connects it`;
  return `client ${client} is connected to no live server; ${advice}`;
}

/** The note on a write that was not done, or may not have been; undefined for `ok`. */
export function describeWrite({
  outcome,
  error,
  data,
}: Pick<Answer, 'outcome'> & Reason): string | undefined {
  const isFull = error === 'E_STORAGE';
  if (error !== undefined && isOwn(error) && outcome !== 'ok') {
    const done = outcome === 'fail' ? 'not done' : 'indeterminate';
    return `${error}: ${done}, ${tellOwn(error, data)}`;
  }
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

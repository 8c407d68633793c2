// Runs one command of a protocol's own that is an operation of the checkers, and records it.
import type { Answer } from '../kernel/control.ts';
import { Bug } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { OperationMeaning } from '../kernel/protocol.ts';
import type { Effects } from './nodeCalls.ts';
import { type AskClient, askClient, assertIsKey, type Ended } from './operations.ts';
import type { Run } from './run.ts';

export interface MeaningfulOrder {
  readonly command: string;
  /** The key, and what else its meaning needs (protocol.ts). */
  readonly args: readonly string[];
  readonly meaning: OperationMeaning;
  /** As in the history. */
  readonly number?: number;
}

/**
 * Runs a command of the protocol's own that is an operation of the checkers, and records it.
 * `client` must be alive.
 */
export async function recordMeaningful(
  run: Run,
  client: NodeId,
  { command, args, meaning, number }: MeaningfulOrder,
  line: number,
  ask: AskClient = askClient,
): Promise<Answer & Ended & Effects> {
  const [key = '', ...texts] = args;
  assertIsKey(run, key);
  const session = run.topology.client(client);
  const seq = run.history.nextNumber(session);
  const invokedAt = run.moment();
  const answer = await ask(run, client, 'command', { name: command, args: [...args] }, line);
  const { outcome, server, version, applied } = answer;
  const shared = {
    ...{ session: client, incarnation: session.incarnation, seq, key, outcome, invokedAt },
    returnedAt: outcome === 'unknown' ? null : run.moment(),
    ...{ server, version, applied, line },
    ...(number !== undefined && { number }),
  };
  run.history.add({ ...shared, ...recordedAs(meaning, texts, answer) });
  return { ...answer, kind: meaning.kind, invokedAt, returnedAt: shared.returnedAt };
}

/** The fields that only this kind of operation has. */
function recordedAs(meaning: OperationMeaning, texts: readonly string[], answer: Answer) {
  const [first = '', second = ''] = texts;
  switch (meaning.kind) {
    case 'append':
      return { ...meaning, kind: meaning.kind, value: first };
    case 'pop':
      return { ...meaning, kind: meaning.kind, value: answer.value };
    case 'cas': {
      const isSet = answer.outcome === 'ok' ? (answer.isSet ?? null) : null;
      const isTold = answer.outcome !== 'ok' || isSet !== null;
      if (!isTold) throw new Bug('a client answered a compare-and-set without saying what it did');
      const { found } = answer;
      return { ...meaning, expected: first, value: second, isSet, ...(found && { found }) };
    }
  }
}

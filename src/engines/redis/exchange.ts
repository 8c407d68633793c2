// One operation of a client at a server of Redis.
import type { Answer } from '../../kernel/control.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Request } from '../store/store.ts';
import { toAnswer, toWords } from './commands.ts';
import type { RespConnection } from './respConnection.ts';
import type { Terms } from './terms.ts';

/** The share of an operation's time in which replicas have to say that they have a write. */
const WAIT_SHARE = 0.5;

export interface Exchange {
  readonly connection: RespConnection;
  readonly server: NodeId;
  /** That of the run's names. */
  readonly prefix: string;
  readonly terms: Terms;
  /** How many replicas must have a write before it is acknowledged. */
  readonly replicas: number;
}

/** Settles once. Rejects with a CallError. */
export async function operate(
  { connection, server, prefix, terms, replicas }: Exchange,
  request: Request,
  timeoutMs: number,
): Promise<Answer> {
  const words = toWords(request, prefix, { server, newTerm: terms.unused });
  const answer = toAnswer(request, server, await connection.send(words, timeoutMs));
  terms.saw(answer.applied);
  // A read, or a compare that has failed, has written nothing.
  if (replicas === 0 || request.kind === 'get' || answer.version === null) return answer;
  const wait = ['WAIT', replicas, Math.round(timeoutMs * WAIT_SHARE)];
  const copies = await connection.send(wait, timeoutMs);
  if (Number(copies) >= replicas) return answer;
  const text = `${copies} of ${replicas}`;
  throw new CallError('ERR_REDIS_NOT_COPIED', text, text);
}

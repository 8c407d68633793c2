// Requests that a server forwards for sessions: each attempt is made once, and its copies have the
// same answer, because what was refused for certain must not be done when a copy comes later.
import { CallError } from '../kernel/errors.ts';
import { lifeKey } from '../kernel/ids.ts';
import type { SessionRequest } from './sessionTable.ts';

export interface Attempt extends SessionRequest {
  /** Counted over the servers that the session asks for this request; a copy has the same. */
  readonly attempt: number;
}

export class LatestAttempts<T> {
  readonly #latestBySession = new Map<number, Attempt & { readonly answer: T }>();

  /**
   * The answer of this very attempt, or what `make` gives for a new one. Throws E_BAD_REQUEST for a
   * copy of what the session has given up on.
   */
  once(attempt: Attempt, make: () => T): T {
    const name = lifeKey(attempt.session);
    const latest = this.#latestBySession.get(name);
    const order =
      latest === undefined ? 1 : attempt.seq - latest.seq || attempt.attempt - latest.attempt;
    if (order < 0) throw new CallError('E_BAD_REQUEST', 'a late copy of an old write');
    if (latest !== undefined && order === 0) return latest.answer;
    const { session, seq } = attempt;
    const answer = make();
    this.#latestBySession.set(name, { session, seq, attempt: attempt.attempt, answer });
    return answer;
  }
}

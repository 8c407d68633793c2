// Requests that a server forwards for sessions: each attempt is made once, and its copies get the
// same answer. Otherwise a late copy of a definitely refused request could take effect.
import { CallError } from '../kernel/errors.ts';
import { lifeKey } from '../kernel/ids.ts';
import type { SessionRequest } from './sessionTable.ts';

export interface Attempt extends SessionRequest {
  /** Counts the session's attempts for this request. A copy of a message has the same number. */
  readonly attempt: number;
}

export class LatestAttempts<T> {
  readonly #latestBySession = new Map<number, Attempt & { readonly answer: T }>();

  /**
   * The answer of this attempt; `make` gives it for a new attempt. Throws E_BAD_REQUEST for a copy
   * of an earlier attempt, which the session has given up.
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

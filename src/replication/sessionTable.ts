// At-most-once requests: keeps the latest request of each session and its outcome, so that a copy
// of a request gets the answer of the first (van Renesse & Schneider, OSDI 2004, section 2).
import { type Life, lifeKey } from '../kernel/ids.ts';

export interface SessionRequest {
  readonly session: Life;
  /** Counts the session's requests upwards. */
  readonly seq: number;
}

export interface AnsweredRequest<T> extends SessionRequest {
  readonly outcome: T;
}

export class SessionTable<T> {
  readonly #latestBySession = new Map<number, AnsweredRequest<T>>();

  /**
   * The outcome of a request; `late` if its session has made a later request, so that no caller
   * waits for this one; undefined if it is new.
   */
  find({ session, seq }: SessionRequest): AnsweredRequest<T> | 'late' | undefined {
    const latest = this.#latestBySession.get(lifeKey(session));
    if (latest === undefined || latest.seq < seq) return undefined;
    return latest.seq === seq ? latest : 'late';
  }

  /** Stores the outcome of a request, unless a later request of its session is known. */
  remember({ session, seq }: SessionRequest, outcome: T): void {
    const name = lifeKey(session);
    const known = this.#latestBySession.get(name);
    if (known !== undefined && known.seq >= seq) return;
    this.#latestBySession.set(name, { session, seq, outcome });
  }

  /** The latest request of each session, in no order. */
  requests(): IterableIterator<AnsweredRequest<T>> {
    return this.#latestBySession.values();
  }
}

// At-most-once requests: keeps the latest request of each session and its outcome, so that a copy
// of a request gets the answer of the first (van Renesse & Schneider, OSDI 2004, section 2).
import type * as v from 'valibot';
import { lifeSchema } from '../kernel/control.ts';
import { CallError } from '../kernel/errors.ts';
import { type Life, lifeKey, type NodeId } from '../kernel/ids.ts';
import { countSchema } from '../kernel/messages.ts';

/** The fields of a message that carries a request of a client: its life, the request's number. */
export const requestFields = { session: lifeSchema, seq: countSchema };

export type RequestFields = {
  readonly [K in keyof typeof requestFields]: v.InferOutput<(typeof requestFields)[K]>;
};

export interface SessionRequest {
  readonly session: Life;
  /** Counts the session's requests upwards. */
  readonly seq: number;
}

/** Throws CallError E_BAD_REQUEST for a session of another client than the caller `from`. */
export function requestOf(
  from: NodeId,
  { session: [id, incarnation], seq }: RequestFields,
): SessionRequest {
  if (id !== from) throw new CallError('E_BAD_REQUEST', `the session of ${id}, asked by ${from}`);
  return { session: { id, incarnation }, seq };
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

  /**
   * Does a request at most once: the outcome is what `make` returns, or has returned for the first
   * copy. Throws CallError E_BAD_REQUEST for a copy after which its session has made a later
   * request. An error of `make` leaves the request undone.
   */
  once(request: SessionRequest, make: () => T): T {
    const known = this.find(request);
    if (known === 'late') throw new CallError('E_BAD_REQUEST', 'a late copy of an old write');
    if (known !== undefined) return known.outcome;
    const outcome = make();
    this.remember(request, outcome);
    return outcome;
  }

  /** The latest request of each session, in no order. */
  requests(): IterableIterator<AnsweredRequest<T>> {
    return this.#latestBySession.values();
  }
}

// Exactly once: of each session the replies that it has not confirmed, so that a copy of a request
// gets the reply of the first (Lee et al., "Implementing Linearizability at Large Scale and Low
// Latency", SOSP 2015, section 3). One table for each slot: it moves with the slot's keys.
import { type Life, lifeKey } from '../../kernel/ids.ts';
import type { Reply, Request } from './operations.ts';

/** What the table has of one session. */
export interface SessionReplies {
  readonly session: Life;
  /** The session asks for none up to this one any more. */
  readonly ended: number;
  readonly replies: readonly (readonly [seq: number, reply: Reply])[];
}

interface Row {
  readonly session: Life;
  ended: number;
  readonly replies: Map<number, Reply>;
}

export class RequestTable {
  readonly #rows = new Map<number, Row>();

  /** `late` if the session has given the request up; undefined for a new request. */
  find({ session, seq }: Pick<Request, 'session' | 'seq'>): Reply | 'late' | undefined {
    const row = this.#rows.get(lifeKey(session));
    if (row === undefined) return undefined;
    return row.replies.get(seq) ?? (seq <= row.ended ? 'late' : undefined);
  }

  remember({ session, seq, ended }: Request, reply: Reply): void {
    const row = this.#row(session);
    row.replies.set(seq, reply);
    row.ended = Math.max(row.ended, ended);
    for (const old of row.replies.keys()) if (old <= row.ended) row.replies.delete(old);
  }

  /** In no order. */
  *sessions(): Generator<SessionReplies> {
    for (const { session, ended, replies } of this.#rows.values()) {
      yield { session, ended, replies: [...replies] };
    }
  }

  /** Takes over what another table has of a session that this one does not know. */
  take({ session, ended, replies }: SessionReplies): void {
    this.#rows.set(lifeKey(session), { session, ended, replies: new Map(replies) });
  }

  #row(session: Life): Row {
    const name = lifeKey(session);
    const row = this.#rows.get(name) ?? { session, ended: 0, replies: new Map() };
    this.#rows.set(name, row);
    return row;
  }
}

// The attempts of requests that this server has seen: each attempt is made once, and its copies get
// the same answer. Otherwise a late copy of a request that was refused could take effect. Pure.
import { CallError } from '../../kernel/errors.ts';
import { type Life, lifeKey } from '../../kernel/ids.ts';

export interface Attempt {
  readonly session: Life;
  readonly seq: number;
  readonly attempt: number;
  /** The session asks for none up to this one any more. */
  readonly ended: number;
}

interface Row<T> {
  ended: number;
  readonly latest: Map<number, { readonly attempt: number; readonly answer: T }>;
}

export class AttemptTable<T> {
  readonly #rows = new Map<number, Row<T>>();

  /**
   * The answer of this attempt; `make` gives it for a new one. Throws E_BAD_REQUEST for a copy of
   * an earlier attempt, or of a request that the session has given up.
   */
  once({ session, seq, attempt, ended }: Attempt, make: () => T): T {
    const row = this.#row(session);
    row.ended = Math.max(row.ended, ended);
    for (const old of row.latest.keys()) if (old <= row.ended) row.latest.delete(old);
    const latest = row.latest.get(seq);
    if (latest?.attempt === attempt) return latest.answer;
    if (seq <= row.ended || (latest !== undefined && attempt < latest.attempt)) {
      throw new CallError('E_BAD_REQUEST', 'a late copy of an old request');
    }
    const answer = make();
    row.latest.set(seq, { attempt, answer });
    return answer;
  }

  #row(session: Life): Row<T> {
    const name = lifeKey(session);
    const row = this.#rows.get(name) ?? { ended: 0, latest: new Map() };
    this.#rows.set(name, row);
    return row;
  }
}

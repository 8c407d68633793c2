// The ring: where servers and keys lie by the SHA-1 of their names, and which servers a key belongs
// to. Every server that ever took its token keeps it, dead or alive, so that a death moves no key.
import type { NodeId } from '../kernel/ids.ts';
import { sha1 } from './sha1.ts';

/** How many servers hold each key, where there are so many. */
export const CHAIN_LENGTH = 3;

/** A key's token is asked for several times in an operation, and hashing is most of that work. */
const REMEMBERED_KEYS = 4_096;
const tokenByKey = new Map<string, string>();

/** The tokens after `after` up to `upTo`, clockwise; the whole ring if the two are one. */
export interface Arc {
  readonly after: string;
  readonly upTo: string;
}

export class Ring {
  /** Clockwise, from the token nearest to zero. */
  readonly ids: readonly NodeId[];
  readonly #tokens: readonly string[];

  constructor(ids: Iterable<NodeId>) {
    const placed = Array.from(ids, (id) => ({ id, token: tokenOfServer(id) }));
    placed.sort((a, b) => (a.token < b.token ? -1 : 1));
    this.ids = placed.map(({ id }) => id);
    this.#tokens = placed.map(({ token }) => token);
  }

  /** The first server at or behind a token: the owner of the arc that the token is in. */
  ownerAt(token: string): NodeId {
    let low = 0;
    let high = this.#tokens.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#tokens[middle] as string) < token) low = middle + 1;
      else high = middle;
    }
    return this.ids[low % this.ids.length] as NodeId;
  }

  /** The servers that the arc of `owner` belongs to: it and the next ones clockwise. */
  holdersOf(owner: NodeId): NodeId[] {
    const first = this.ids.indexOf(owner);
    const count = Math.min(CHAIN_LENGTH, this.ids.length);
    return Array.from({ length: count }, (_, step) => {
      return this.ids[(first + step) % this.ids.length] as NodeId;
    });
  }

  arcOf(owner: NodeId): Arc {
    const index = this.ids.indexOf(owner);
    const before = (index + this.ids.length - 1) % this.ids.length;
    return { after: this.#tokens[before] as string, upTo: this.#tokens[index] as string };
  }

  /** This ring with one more server in it. */
  with(id: NodeId): Ring {
    return this.ids.includes(id) ? this : new Ring([...this.ids, id]);
  }
}

export function tokenOfServer(id: NodeId): string {
  return sha1(String(id));
}

export function tokenOfKey(key: string): string {
  let token = tokenByKey.get(key);
  if (token === undefined) {
    token = sha1(key);
    if (tokenByKey.size >= REMEMBERED_KEYS) tokenByKey.clear();
    tokenByKey.set(key, token);
  }
  return token;
}

export function isInArc({ after, upTo }: Arc, token: string): boolean {
  if (after < upTo) return after < token && token <= upTo;
  return after < token || token <= upTo;
}

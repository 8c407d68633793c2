// The ring: each server and each key has a token, the SHA-1 of its name; the tokens say to which
// servers a key belongs. A dead server keeps its token, so that a death moves no key.
import type { NodeId } from '../kernel/ids.ts';
import { sha1 } from './sha1.ts';

/** How many servers hold each key, if there are so many. */
export const CHAIN_LENGTH = 3;

/** Size of a cache: an operation needs its key's token several times, and hashing is slow. */
const REMEMBERED_KEYS = 4_096;
const tokenByKey = new Map<string, string>();

/** The tokens after `after` up to `upTo`, clockwise; the whole ring if they are equal. */
export interface Arc {
  readonly after: string;
  readonly upTo: string;
}

export class Ring {
  /** Clockwise, from the smallest token. */
  readonly ids: readonly NodeId[];
  readonly #tokens: readonly string[];

  constructor(ids: Iterable<NodeId>) {
    const servers = Array.from(ids, (id) => ({ id, token: tokenOfServer(id) }));
    servers.sort((a, b) => (a.token < b.token ? -1 : 1));
    this.ids = servers.map(({ id }) => id);
    this.#tokens = servers.map(({ token }) => token);
  }

  /** The first server at or after a token: the owner of the arc that the token is in. */
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

  /** The servers that the arc of `owner` belongs to: `owner` and the next ones clockwise. */
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

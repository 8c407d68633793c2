// The ring: each server has tokens, the SHA-1 of names of its own, and each key has one; the tokens
// say to which servers a key belongs. A dead server keeps its tokens, so that a death moves no key.
import { sha1 as algorithm } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { NodeId } from '../kernel/ids.ts';

/** How many servers hold each key, if there are so many. */
export const CHAIN_LENGTH = 3;

/** Size of a cache: an operation needs its key's token several times, and hashing is slow. */
const REMEMBERED = 65_536;
const tokenByName = new Map<string, string>();

/** The tokens after `after` up to `upTo`, clockwise; the whole ring if they are equal. */
export interface Arc {
  readonly after: string;
  readonly upTo: string;
}

/** A token of a server: its arc ends there. */
export interface OwnedToken {
  readonly token: string;
  readonly owner: NodeId;
}

/** Consistent hashing (Karger et al., STOC 1997); several tokens a server, as in Dynamo. */
export class Ring {
  /** Each server once, clockwise by its first token on the ring. */
  readonly ids: readonly NodeId[];
  /** Clockwise, from the smallest token. */
  readonly tokens: readonly OwnedToken[];
  readonly #walks: (readonly NodeId[] | undefined)[] = [];

  constructor(ids: Iterable<NodeId>, tokensPerServer = 1) {
    const tokens = Array.from(ids, (owner) => tokensOfServer(owner, tokensPerServer)).flat();
    this.tokens = tokens.sort((a, b) => (a.token < b.token ? -1 : 1));
    this.ids = [...new Set(this.tokens.map(({ owner }) => owner))];
  }

  /** The first server at or after a token: the owner of the arc that the token is in. */
  ownerAt(token: string): NodeId {
    return (this.tokens[this.#indexAt(token)] as OwnedToken).owner;
  }

  /** All servers, each once, clockwise from a token: the owner of its arc is the first. */
  walkFrom(token: string): readonly NodeId[] {
    const first = this.#indexAt(token);
    let walk = this.#walks[first];
    if (walk === undefined) {
      const clockwise = [...this.tokens.slice(first), ...this.tokens.slice(0, first)];
      walk = [...new Set(clockwise.map(({ owner }) => owner))];
      this.#walks[first] = walk;
    }
    return walk;
  }

  /** With one token a server: `owner` and the next ones clockwise, to which its arc belongs. */
  holdersOf(owner: NodeId): NodeId[] {
    return this.walkFrom(tokenOfServer(owner)).slice(0, CHAIN_LENGTH);
  }

  /** With one token a server: the arc that ends at it. */
  arcOf(owner: NodeId): Arc {
    const upTo = tokenOfServer(owner);
    const before = (this.#indexAt(upTo) + this.tokens.length - 1) % this.tokens.length;
    return { after: (this.tokens[before] as OwnedToken).token, upTo };
  }

  /** With one token a server: this ring with one more server in it. */
  with(id: NodeId): Ring {
    return this.ids.includes(id) ? this : new Ring([...this.ids, id]);
  }

  #indexAt(token: string): number {
    let low = 0;
    let high = this.tokens.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.tokens[middle] as OwnedToken).token < token) low = middle + 1;
      else high = middle;
    }
    return low % this.tokens.length;
  }
}

function tokensOfServer(owner: NodeId, count: number): OwnedToken[] {
  return Array.from({ length: count }, (_, index) => {
    return { owner, token: index === 0 ? tokenOfServer(owner) : tokenOf(`${owner}/${index}`) };
  });
}

/** The first token of a server, or its only one. */
export function tokenOfServer(id: NodeId): string {
  return tokenOf(String(id));
}

export function tokenOfKey(key: string): string {
  return tokenOf(key);
}

function tokenOf(name: string): string {
  let token = tokenByName.get(name);
  if (token === undefined) {
    token = sha1(name);
    if (tokenByName.size >= REMEMBERED) tokenByName.clear();
    tokenByName.set(name, token);
  }
  return token;
}

const ENCODER = new TextEncoder();
/** A new digest takes longer than that of a short key, so one is used again, from its beginning. */
const BEGINNING = algorithm.create();
const digest = algorithm.create();

/** Of the text's UTF-8 bytes: 40 hexadecimal digits. It spreads keys, and protects nothing. */
function sha1(text: string): string {
  BEGINNING._cloneInto(digest).update(ENCODER.encode(text));
  return bytesToHex(digest.digest());
}

export function isInArc({ after, upTo }: Arc, token: string): boolean {
  if (after < upTo) return after < token && token <= upTo;
  return after < token || token <= upTo;
}

// Which servers hold a key: a preference list for every key, over a fixed set of members.
import type { NodeId } from '../kernel/ids.ts';
import { type OwnedToken, Ring, tokenOfKey } from './ring.ts';

/** Pure: equal members and settings give equal lists on every server. */
export interface Placement {
  /** By ascending id. */
  readonly members: readonly NodeId[];
  /** The tokens of the ring, clockwise; none if keys are not placed by tokens. */
  readonly tokens: readonly OwnedToken[];
  /**
   * All members, each once, in the order in which they are preferred for the key. One object for
   * all keys of a range.
   */
  preferenceOf(key: string): readonly NodeId[];
  /** Every preference list that some key may have. */
  lists(): Iterable<readonly NodeId[]>;
}

/** Consistent hashing: clockwise from the key's token. */
export class HashPlacement implements Placement {
  readonly members: readonly NodeId[];
  readonly #ring: Ring;

  constructor(members: Iterable<NodeId>, tokensPerServer: number) {
    this.members = ascending(members);
    this.#ring = new Ring(this.members, tokensPerServer);
  }

  get tokens(): readonly OwnedToken[] {
    return this.#ring.tokens;
  }

  preferenceOf(key: string): readonly NodeId[] {
    return this.preferenceAt(tokenOfKey(key));
  }

  /** Of the keys that have this token. */
  preferenceAt(token: string): readonly NodeId[] {
    return this.#ring.walkFrom(token);
  }

  lists(): Iterable<readonly NodeId[]> {
    return this.tokens.map(({ token }) => this.#ring.walkFrom(token));
  }
}

/**
 * Tokens of equal size, each with an owner of its own choice: the keys are whole numbers, and each
 * token has the next `keysPerToken` of them. Clockwise is from token to token, round the end too.
 */
export class TokenPlacement implements Placement {
  readonly members: readonly NodeId[];
  readonly tokens: readonly OwnedToken[];
  readonly #lists: readonly (readonly NodeId[])[];
  readonly #keysPerToken: number;

  /** `owners` by token; a server may own several. */
  constructor(owners: readonly NodeId[], keysPerToken: number) {
    this.members = ascending(new Set(owners));
    this.#lists = rotations(owners).map((list) => [...new Set(list)]);
    this.#keysPerToken = keysPerToken;
    const digits = String(owners.length * keysPerToken - 1).length;
    this.tokens = owners.map((owner, index) => {
      const last = (index + 1) * keysPerToken - 1;
      return { owner, token: String(last).padStart(digits, '0') };
    });
  }

  /** `key` is a whole number below `keysPerToken` times the number of tokens, in decimal. */
  preferenceOf(key: string): readonly NodeId[] {
    return this.#lists[Math.floor(Number(key) / this.#keysPerToken)] as readonly NodeId[];
  }

  lists(): Iterable<readonly NodeId[]> {
    return this.#lists;
  }
}

/** Ranges of equal size: of `keys` whole numbers, in order, each member owns one range. */
export class RangePlacement implements Placement {
  readonly members: readonly NodeId[];
  readonly tokens = [];
  readonly #lists: readonly (readonly NodeId[])[];
  readonly #keys: number;

  constructor(members: Iterable<NodeId>, keys: number) {
    this.members = ascending(members);
    this.#lists = rotations(this.members);
    this.#keys = keys;
  }

  /** `key` is a whole number below `keys`, in decimal. */
  preferenceOf(key: string): readonly NodeId[] {
    const index = Math.floor((Number(key) * this.members.length) / this.#keys);
    return this.#lists[index] as readonly NodeId[];
  }

  lists(): Iterable<readonly NodeId[]> {
    return this.#lists;
  }
}

/** The list from each of its places on, round its end. */
function rotations(ids: readonly NodeId[]): (readonly NodeId[])[] {
  return ids.map((_, index) => [...ids.slice(index), ...ids.slice(0, index)]);
}

function ascending(ids: Iterable<NodeId>): readonly NodeId[] {
  return [...ids].sort((a, b) => a - b);
}

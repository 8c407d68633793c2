// Which servers hold a key: a preference list for every key, over a fixed set of members.
import type { NodeId } from '../kernel/ids.ts';
import { type OwnedToken, Ring, tokenOfKey } from './ring.ts';

/** Pure: equal members and settings give equal lists on every server. */
export interface Placement {
  /** By ascending id. */
  readonly members: readonly NodeId[];
  /** The tokens of the ring, clockwise; none if keys are not placed by tokens. */
  readonly tokens: readonly OwnedToken[];
  /** All members, each once, in the order in which they are preferred for the key. */
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
  readonly #owners: readonly NodeId[];
  readonly #keysPerToken: number;

  /** `owners` by token; a server may own several. */
  constructor(owners: readonly NodeId[], keysPerToken: number) {
    this.members = ascending(new Set(owners));
    this.#owners = owners;
    this.#keysPerToken = keysPerToken;
    const digits = String(owners.length * keysPerToken - 1).length;
    this.tokens = owners.map((owner, index) => {
      const last = (index + 1) * keysPerToken - 1;
      return { owner, token: String(last).padStart(digits, '0') };
    });
  }

  /** `key` is a whole number below `keysPerToken` times the number of tokens, in decimal. */
  preferenceOf(key: string): readonly NodeId[] {
    return this.#from(Math.floor(Number(key) / this.#keysPerToken));
  }

  lists(): Iterable<readonly NodeId[]> {
    return this.#owners.map((_, index) => this.#from(index));
  }

  #from(index: number): readonly NodeId[] {
    return [...new Set([...this.#owners.slice(index), ...this.#owners.slice(0, index)])];
  }
}

/** Ranges of equal size: of `keys` whole numbers, in order, each member owns one range. */
export class RangePlacement implements Placement {
  readonly members: readonly NodeId[];
  readonly tokens = [];
  readonly #keys: number;

  constructor(members: Iterable<NodeId>, keys: number) {
    this.members = ascending(members);
    this.#keys = keys;
  }

  /** `key` is a whole number below `keys`, in decimal. */
  preferenceOf(key: string): readonly NodeId[] {
    return this.#from(Math.floor((Number(key) * this.members.length) / this.#keys));
  }

  lists(): Iterable<readonly NodeId[]> {
    return this.members.map((_, index) => this.#from(index));
  }

  #from(index: number): readonly NodeId[] {
    return [...this.members.slice(index), ...this.members.slice(0, index)];
  }
}

function ascending(ids: Iterable<NodeId>): readonly NodeId[] {
  return [...ids].sort((a, b) => a - b);
}

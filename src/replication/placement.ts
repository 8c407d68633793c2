// Which servers hold a key: a preference list for every key, over a fixed set of members.
import type { NodeId } from '../kernel/ids.ts';
import { Ring, tokenOfKey } from './ring.ts';

/** Pure: equal members and settings give equal lists on every server. */
export interface Placement {
  /** By ascending id. */
  readonly members: readonly NodeId[];
  /** All members, each once, in the order in which they are preferred for the key. */
  preferenceOf(key: string): readonly NodeId[];
  /** Every preference list that some key may have. */
  lists(): Iterable<readonly NodeId[]>;
}

/** Consistent hashing: clockwise from the key's token. */
export class HashPlacement implements Placement {
  readonly members: readonly NodeId[];
  readonly ring: Ring;

  constructor(members: Iterable<NodeId>, tokensPerServer: number) {
    this.members = ascending(members);
    this.ring = new Ring(this.members, tokensPerServer);
  }

  preferenceOf(key: string): readonly NodeId[] {
    return this.ring.walkFrom(tokenOfKey(key));
  }

  lists(): Iterable<readonly NodeId[]> {
    return this.ring.tokens.map(({ token }) => this.ring.walkFrom(token));
  }
}

/** Ranges of equal size: of `keys` whole numbers, in order, each member owns one range. */
export class RangePlacement implements Placement {
  readonly members: readonly NodeId[];
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

// The ring: where servers and keys lie by the SHA-1 of their names, and which servers a key belongs
// to. Every server that ever took its place keeps it, dead or alive, so that a death moves no key.
import type { NodeId } from '../../kernel/ids.ts';
import { sha1 } from './sha1.ts';

/** How many servers hold each key, where there are so many. */
export const CHAIN_LENGTH = 3;

/** A key's place is asked for several times in an operation, and hashing is most of that work. */
const REMEMBERED_KEYS = 4_096;
const placeByKey = new Map<string, string>();

/** The places behind `after` up to `upTo`, clockwise; the whole ring if the two are one. */
export interface Arc {
  readonly after: string;
  readonly upTo: string;
}

export class Ring {
  /** Clockwise, from the place nearest to zero. */
  readonly ids: readonly NodeId[];
  readonly #places: readonly string[];

  constructor(ids: Iterable<NodeId>) {
    const placed = Array.from(ids, (id) => ({ id, place: placeOfServer(id) }));
    placed.sort((a, b) => (a.place < b.place ? -1 : 1));
    this.ids = placed.map(({ id }) => id);
    this.#places = placed.map(({ place }) => place);
  }

  /** The first server at or behind a place: the owner of the arc that the place is in. */
  ownerAt(place: string): NodeId {
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#places[middle] as string) < place) low = middle + 1;
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
    return { after: this.#places[before] as string, upTo: this.#places[index] as string };
  }

  /** This ring with one more server in it. */
  with(id: NodeId): Ring {
    return this.ids.includes(id) ? this : new Ring([...this.ids, id]);
  }
}

export function placeOfServer(id: NodeId): string {
  return sha1(String(id));
}

export function placeOfKey(key: string): string {
  let place = placeByKey.get(key);
  if (place === undefined) {
    place = sha1(key);
    if (placeByKey.size >= REMEMBERED_KEYS) placeByKey.clear();
    placeByKey.set(key, place);
  }
  return place;
}

export function isInArc({ after, upTo }: Arc, place: string): boolean {
  if (after < upTo) return after < place && place <= upTo;
  return after < place || place <= upTo;
}

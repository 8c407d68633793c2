// A Merkle tree over a set of keys (Merkle, CRYPTO 1987; for replicas: DeCandia et al., "Dynamo:
// Amazon's Highly Available Key-value Store", SOSP 2007, section 4.7). Two replicas compare digests
// from the root down, and find the keys at which they differ without a list of all keys.
import { combine, type Digest, digestOf, NO_DIGEST, placeOf } from './digest.ts';

/** Each node has 2^3 children. */
export const NODE_BITS = 3;
export const FAN_OUT = 1 << NODE_BITS;
/** Nodes at this depth have no children. A place has two bits more. */
export const MOST_DEPTH = 10;
/** A tree gets a level more when its lowest nodes have so many entries on average. */
const FULL = 8;
const NONE = -1;

/** `prefix` has the first `depth` times NODE_BITS bits of the places of its keys. */
export interface Node {
  readonly depth: number;
  readonly prefix: number;
}

export const ROOT: Node = { depth: 0, prefix: 0 };

export interface Entry {
  readonly key: string;
  readonly digest: Digest;
}

/**
 * A key is placed by its hash, so each node has an even share. The digest of a node is that of all
 * entries below it, so it does not depend on how deep the tree is here: the trees of two replicas
 * can be compared, whatever either has.
 *
 * To set a key takes a step for each level; the tree grows with the number of keys. Memory: 24
 * bytes for a key, 13 or less for the nodes above it, and the arrays are up to twice as long as
 * needed. The keys themselves are the caller's texts.
 */
export class MerkleTree {
  /** By depth, and by prefix twice: the high word of the digest, then the low one. */
  #levels: Uint32Array[] = [new Uint32Array(2)];
  /** By prefix of the lowest level: its first entry. */
  #first = new Int32Array(1).fill(NONE);
  /** By entry. A free one has no key. `next` leads to another one of the node, or a free one. */
  readonly #keys: (string | undefined)[] = [];
  #places = new Uint32Array(16);
  #digests = new Uint32Array(32);
  #next = new Int32Array(16);
  #free = NONE;
  #size = 0;

  /** The number of keys. */
  get size(): number {
    return this.#size;
  }

  /** The depth of the lowest nodes. Below it, nodes are computed. */
  get depth(): number {
    return this.#levels.length - 1;
  }

  /** `content` is equal at two replicas exactly if the key has the same there. */
  set(key: string, content: string): void {
    const place = placeOf(key);
    const digest = digestOf(key, content);
    let entry = this.#find(key, place);
    if (entry === NONE) {
      if (this.#size >= FULL * this.#first.length && this.depth < MOST_DEPTH) this.#grow();
      entry = this.#take(key, place);
      this.#link(entry);
    }
    this.#change(place, combine(this.#digest(entry), digest));
    this.#digests[2 * entry] = digest.high;
    this.#digests[2 * entry + 1] = digest.low;
  }

  /** Without effect for a key that is not there. */
  delete(key: string): void {
    const place = placeOf(key);
    const entry = this.#find(key, place);
    if (entry === NONE) return;
    this.#change(place, this.#digest(entry));
    this.#unlink(entry);
    this.#keys[entry] = undefined;
    this.#digests.fill(0, 2 * entry, 2 * entry + 2);
    this.#next[entry] = this.#free;
    this.#free = entry;
    this.#size -= 1;
  }

  digestOf(node: Node): Digest {
    const level = this.#levels[node.depth];
    if (level !== undefined) return digestAt(level, node.prefix);
    let digest = NO_DIGEST;
    for (const entry of this.entriesOf(node)) digest = combine(digest, entry.digest);
    return digest;
  }

  /** By child, in the order of their prefixes. */
  childrenOf({ depth, prefix }: Node): Digest[] {
    const digests = new Array<Digest>(FAN_OUT).fill(NO_DIGEST);
    const level = this.#levels[depth + 1];
    if (level !== undefined) return digests.map((_, c) => digestAt(level, FAN_OUT * prefix + c));
    for (const entry of this.#below({ depth, prefix })) {
      const child = prefixOf(this.#places[entry] as number, depth + 1) % FAN_OUT;
      digests[child] = combine(digests[child] as Digest, this.#digest(entry));
    }
    return digests;
  }

  /** The entries below a node; undefined if there are more than `most`. */
  entriesOf(node: Node): Entry[];
  entriesOf(node: Node, most: number): Entry[] | undefined;
  entriesOf(node: Node, most = Number.POSITIVE_INFINITY): Entry[] | undefined {
    const entries: Entry[] = [];
    for (const entry of this.#below(node)) {
      if (entries.length >= most) return undefined;
      entries.push({ key: this.#keys[entry] as string, digest: this.#digest(entry) });
    }
    return entries;
  }

  *#below({ depth, prefix }: Node): Generator<number> {
    const levels = this.depth - depth;
    const from = levels < 0 ? prefix >>> (-levels * NODE_BITS) : prefix * FAN_OUT ** levels;
    const to = from + (levels < 0 ? 1 : FAN_OUT ** levels);
    for (let lowest = from; lowest < to; lowest += 1) {
      let entry = this.#first[lowest] as number;
      for (; entry !== NONE; entry = this.#next[entry] as number) {
        if (prefixOf(this.#places[entry] as number, depth) === prefix) yield entry;
      }
    }
  }

  #digest(entry: number): Digest {
    return digestAt(this.#digests, entry);
  }

  #find(key: string, place: number): number {
    let entry = this.#first[prefixOf(place, this.depth)] as number;
    while (entry !== NONE && this.#keys[entry] !== key) entry = this.#next[entry] as number;
    return entry;
  }

  /** A free entry, with no digest yet. */
  #take(key: string, place: number): number {
    const entry = this.#free === NONE ? this.#keys.length : this.#free;
    if (entry === this.#free) this.#free = this.#next[entry] as number;
    if (entry === this.#places.length) this.#lengthen();
    this.#keys[entry] = key;
    this.#places[entry] = place;
    this.#size += 1;
    return entry;
  }

  #lengthen(): void {
    const length = 2 * this.#places.length;
    const [places, digests] = [new Uint32Array(length), new Uint32Array(2 * length)];
    places.set(this.#places);
    digests.set(this.#digests);
    const next = new Int32Array(length);
    next.set(this.#next);
    [this.#places, this.#digests, this.#next] = [places, digests, next];
  }

  #link(entry: number): void {
    const lowest = prefixOf(this.#places[entry] as number, this.depth);
    this.#next[entry] = this.#first[lowest] as number;
    this.#first[lowest] = entry;
  }

  #unlink(entry: number): void {
    const lowest = prefixOf(this.#places[entry] as number, this.depth);
    const after = this.#next[entry] as number;
    let before = this.#first[lowest] as number;
    if (before === entry) {
      this.#first[lowest] = after;
      return;
    }
    while (this.#next[before] !== entry) before = this.#next[before] as number;
    this.#next[before] = after;
  }

  /** Combines a digest into all nodes above a place. */
  #change(place: number, { high, low }: Digest): void {
    for (let depth = 0; depth < this.#levels.length; depth += 1) {
      const level = this.#levels[depth] as Uint32Array;
      const at = 2 * prefixOf(place, depth);
      level[at] = (level[at] as number) ^ high;
      level[at + 1] = (level[at + 1] as number) ^ low;
    }
  }

  /** Adds a level. Takes a step for each entry, and is due when there are eight times as many. */
  #grow(): void {
    const level = new Uint32Array(2 * FAN_OUT * this.#first.length);
    this.#levels = [...this.#levels, level];
    this.#first = new Int32Array(level.length / 2).fill(NONE);
    for (const [entry, key] of this.#keys.entries()) {
      if (key === undefined) continue;
      this.#link(entry);
      const at = 2 * prefixOf(this.#places[entry] as number, this.depth);
      level[at] = (level[at] as number) ^ (this.#digests[2 * entry] as number);
      level[at + 1] = (level[at + 1] as number) ^ (this.#digests[2 * entry + 1] as number);
    }
  }
}

function digestAt(words: Uint32Array, index: number): Digest {
  return { high: words[2 * index] as number, low: words[2 * index + 1] as number };
}

function prefixOf(place: number, depth: number): number {
  return depth === 0 ? 0 : place >>> (32 - NODE_BITS * depth);
}

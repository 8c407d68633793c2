// How two replicas compare their trees: one asks, level by level, and the other one answers. The
// asking one learns at which keys they differ.
import { assert } from '../../kernel/errors.ts';
import { jsonBytesOf, PART_BYTES } from '../../kernel/limits.ts';
import { isCount } from '../../kernel/messages.ts';
import type { Digest } from './digest.ts';
import {
  DIGEST_BYTES,
  isPacked,
  packBytes,
  packDigests,
  packedBytes,
  packWords,
  unpackBytes,
  unpackDigests,
  unpackWords,
  WORD_BYTES,
} from './packing.ts';
import {
  type Entry,
  FAN_OUT,
  type MerkleTree,
  MOST_DEPTH,
  NODE_BITS,
  type Node,
  ROOT,
} from './tree.ts';

/** A node with so few entries is asked for by its entries. */
const FEW = 16;
/** An answer names the entries of a node if it has no more. */
const MANY = 64;
/** Nodes of one question: with so many, it stays below 256 KiB. */
const MOST_NODES = 1400;

/**
 * About some nodes. `children`: the digests of all children of each. `entries`: those of all
 * entries below each, and in `counts` how many each has. The texts are base64 (packing.ts).
 */
export type MerkleQuestion =
  | { readonly ask: 'children'; readonly nodes: string; readonly digests: string }
  | {
      readonly ask: 'entries';
      readonly nodes: string;
      readonly counts: string;
      readonly digests: string;
    };

export type MerkleAnswer =
  /** A byte for each node, with a bit for each child that differs, the first child's lowest. */
  | { readonly differing: string }
  | {
      /** So many of the nodes are answered. The others would not have fitted into a message. */
      readonly answered: number;
      /** The keys here that the question does not have with this content. */
      readonly keys: readonly string[];
      /** A bit for each digest of the question, the first one lowest: it is not here. */
      readonly lacking: string;
      /** The nodes, by their numbers in the question, that have too many entries here. */
      readonly many: readonly number[];
    };

/**
 * Finds the keys of one tree that differ from another replica's. If either tree changes meanwhile,
 * a key that changes may be found or not; the others are found in any case.
 */
export class MerkleDescent {
  readonly #tree: MerkleTree;
  /** Nodes that differ: to be asked for by their children, or by their entries. */
  #inner: Node[] = [];
  #few: Node[] = [];
  /** The nodes of the open question, and the entries that it names. */
  #asked: readonly Node[] = [];
  #entries: readonly Entry[] = [];

  /** Begins at the root, whose digests differ. */
  constructor(tree: MerkleTree) {
    this.#tree = tree;
    this.#add(ROOT);
  }

  /** Undefined when all is found. The answer to the question must be taken before the next one. */
  next(): MerkleQuestion | undefined {
    if (this.#inner.length > 0) return this.#askChildren();
    return this.#few.length > 0 ? this.#askEntries() : undefined;
  }

  /** Returns the keys that were found to differ, here or there, each once. */
  take(answer: MerkleAnswer): string[] {
    return 'differing' in answer ? this.#takeChildren(answer) : this.#takeEntries(answer);
  }

  #askChildren(): MerkleQuestion {
    this.#asked = this.#inner.slice(0, MOST_NODES);
    this.#inner = this.#inner.slice(MOST_NODES);
    const digests = this.#asked.flatMap((node) => this.#tree.childrenOf(node));
    return { ask: 'children', nodes: packNodes(this.#asked), digests: packDigests(digests) };
  }

  #takeChildren({ differing }: { readonly differing: string }): string[] {
    const masks = unpackBytes(differing);
    assert(masks.length === this.#asked.length, 'an answer has a byte for each node');
    for (const [index, { depth, prefix }] of this.#asked.entries()) {
      for (let child = 0; child < FAN_OUT; child += 1) {
        const isDifferent = ((masks[index] as number) >> child) & 1;
        if (isDifferent) this.#add({ depth: depth + 1, prefix: FAN_OUT * prefix + child });
      }
    }
    return [];
  }

  #askEntries(): MerkleQuestion {
    this.#asked = this.#few.slice(0, MOST_NODES);
    this.#few = this.#few.slice(MOST_NODES);
    const below = this.#asked.map((node) => this.#tree.entriesOf(node));
    this.#entries = below.flat();
    return {
      ask: 'entries',
      nodes: packNodes(this.#asked),
      counts: packWords(below.map(({ length }) => length)),
      digests: packDigests(this.#entries.map(({ digest }) => digest)),
    };
  }

  #takeEntries({ answered, keys, lacking, many }: EntriesAnswer): string[] {
    assert(answered > 0 && answered <= this.#asked.length, 'an answer is about the question');
    const bits = unpackBytes(lacking);
    const own = this.#entries.filter((_, index) => isSet(bits, index));
    this.#inner.push(...many.map((index) => this.#asked[index] as Node));
    this.#few.push(...this.#asked.slice(answered));
    return [...new Set([...keys, ...own.map(({ key }) => key)])];
  }

  #add(node: Node): void {
    const isLow = node.depth >= this.#tree.depth;
    const isFew = isLow && this.#tree.entriesOf(node, FEW) !== undefined;
    if (isFew || node.depth === MOST_DEPTH) this.#few.push(node);
    else this.#inner.push(node);
  }
}

type EntriesAnswer = Extract<MerkleAnswer, { answered: number }>;

/** The answer of the replica that has this tree. It fits a message. */
export function answerMerkle(tree: MerkleTree, question: MerkleQuestion): MerkleAnswer {
  const nodes = unpackNodes(question.nodes);
  const digests = unpackDigests(question.digests);
  if (question.ask === 'entries') {
    return answerEntries(tree, nodes, unpackWords(question.counts), digests);
  }
  const differing = nodes.map((node, index) => {
    const mine = tree.childrenOf(node);
    const theirs = digests.slice(FAN_OUT * index, FAN_OUT * (index + 1));
    return mine.reduce((mask, one, child) => {
      return isEqual(one, theirs[child] as Digest) ? mask : mask | (1 << child);
    }, 0);
  });
  return { differing: packBytes(Uint8Array.from(differing)) };
}

function answerEntries(
  tree: MerkleTree,
  nodes: readonly Node[],
  counts: readonly number[],
  digests: readonly Digest[],
): EntriesAnswer {
  const keys: string[] = [];
  const many: number[] = [];
  const lacking = new Uint8Array(Math.ceil(digests.length / 8));
  let start = 0;
  let bytes = 0;
  let answered = 0;
  for (const [index, node] of nodes.entries()) {
    const mine = tree.entriesOf(node, node.depth === MOST_DEPTH ? Number.POSITIVE_INFINITY : MANY);
    const theirs = digests.slice(start, start + (counts[index] as number));
    const newer = mine?.filter(({ digest }) => !theirs.some((one) => isEqual(one, digest))) ?? [];
    bytes += newer.reduce((all, { key }) => all + jsonBytesOf(key) + 1, 0);
    if (bytes > PART_BYTES && index > 0) break;
    if (mine === undefined) many.push(index);
    for (const [at, one] of theirs.entries()) {
      const isHere = mine === undefined || mine.some(({ digest }) => isEqual(one, digest));
      if (!isHere) set(lacking, start + at);
    }
    keys.push(...newer.map(({ key }) => key));
    start += theirs.length;
    answered = index + 1;
  }
  return { answered, keys, lacking: packBytes(lacking), many };
}

/** Whether this is a question of `MerkleDescent`, whatever peer sent it. */
export function isMerkleQuestion(x: unknown): x is MerkleQuestion {
  const { ask, nodes, counts, digests } = (x ?? {}) as Partial<Record<string, unknown>>;
  if (!isPacked(nodes, WORD_BYTES) || !isPacked(digests, DIGEST_BYTES)) return false;
  const names = unpackWords(nodes);
  const size = packedBytes(digests) / DIGEST_BYTES;
  const isInner = ask === 'children';
  if (!names.every((name) => isNode(name, isInner ? MOST_DEPTH - 1 : MOST_DEPTH))) return false;
  if (isInner) return size === FAN_OUT * names.length;
  if (ask !== 'entries' || !isPacked(counts, WORD_BYTES)) return false;
  const all = unpackWords(counts);
  return all.length === names.length && all.reduce((total, one) => total + one, 0) === size;
}

export function isMerkleAnswer(x: unknown): x is MerkleAnswer {
  const { differing, answered, keys, lacking, many } = (x ?? {}) as Partial<
    Record<string, unknown>
  >;
  if (differing !== undefined) return isPacked(differing, 1);
  if (!isCount(answered) || !isPacked(lacking, 1)) return false;
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) return false;
  return Array.isArray(many) && many.every((index) => isCount(index) && index < answered);
}

/** A node as one word: its prefix, with a one before it. */
function packNodes(nodes: readonly Node[]): string {
  return packWords(nodes.map(({ depth, prefix }) => 2 ** (NODE_BITS * depth) + prefix));
}

function unpackNodes(text: string): Node[] {
  return unpackWords(text).map((word) => {
    const depth = (31 - Math.clz32(word)) / NODE_BITS;
    return { depth, prefix: word - 2 ** (NODE_BITS * depth) };
  });
}

function isNode(word: number, most: number): boolean {
  const bits = 31 - Math.clz32(word);
  return word > 0 && bits % NODE_BITS === 0 && bits <= NODE_BITS * most;
}

function isEqual(a: Digest, b: Digest): boolean {
  return a.high === b.high && a.low === b.low;
}

function isSet(bits: Uint8Array, index: number): boolean {
  return (((bits[index >> 3] as number) >> (index & 7)) & 1) === 1;
}

function set(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] as number) | (1 << (index & 7));
}

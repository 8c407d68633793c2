// Merkle trees: against the sets that they stand for, and within a budget of bytes.
import { describe, expect, it } from 'vitest';
import { MESSAGE_BYTES } from '../../src/kernel/limits.ts';
import { createRandomStream, randomBelow } from '../../src/kernel/random.ts';
import {
  answerMerkle,
  isMerkleAnswer,
  isMerkleQuestion,
  MerkleDescent,
  type MerkleQuestion,
} from '../../src/replication/merkle/descent.ts';
import { combine, digestOf, NO_DIGEST, placeOf } from '../../src/replication/merkle/digest.ts';
import { MerkleForest } from '../../src/replication/merkle/forest.ts';
import { FAN_OUT, MerkleTree, MOST_DEPTH, ROOT } from '../../src/replication/merkle/tree.ts';
import { extent, sample } from '../support/extent.ts';

type Content = ReadonlyMap<string, string>;

function treeOf(content: Content): MerkleTree {
  const tree = new MerkleTree();
  for (const [key, text] of content) tree.set(key, text);
  return tree;
}

function differing(a: Content, b: Content): string[] {
  const keys = new Set([...a.keys(), ...b.keys()]);
  return [...keys].filter((key) => a.get(key) !== b.get(key)).sort();
}

/** What was found, and the bytes and messages that it took. Everything passes through JSON. */
function compare(asking: MerkleTree, answering: MerkleTree, between = () => {}) {
  const descent = new MerkleDescent(asking);
  const found: string[] = [];
  let [bytes, rounds] = [0, 0];
  for (let asked = descent.next(); asked !== undefined; asked = descent.next()) {
    const question = JSON.stringify(asked);
    const received: unknown = JSON.parse(question);
    if (!isMerkleQuestion(received)) throw new Error(`no question: ${question}`);
    between();
    const answer = JSON.stringify(answerMerkle(answering, received));
    const reply: unknown = JSON.parse(answer);
    if (!isMerkleAnswer(reply)) throw new Error(`no answer: ${answer}`);
    found.push(...descent.take(reply));
    bytes += question.length + answer.length;
    rounds += 1;
    expect(Math.max(question.length, answer.length)).toBeLessThan(MESSAGE_BYTES / 2);
  }
  return { found: found.sort(), bytes, rounds };
}

const random = createRandomStream(1, 'merkle');

/** Keys with numbers up to `count`, each with a version that is mostly 1. */
function draw(count: number, share: number, changed: number): Map<string, string> {
  const content = new Map<string, string>();
  for (let number = 0; number < count; number += 1) {
    if (random() < share) content.set(`user:${number}`, random() < changed ? '2' : '1');
  }
  return content;
}

describe('a tree', () => {
  it('is that of its entries, in whatever order they came and went', () => {
    for (let run = 0; run < extent({ full: 20, quick: 3 }); run += 1) {
      const tree = new MerkleTree();
      const content = new Map<string, string>();
      for (let step = 0; step < 400; step += 1) {
        const key = `k${randomBelow(random, 150)}`;
        if (random() < 0.3) {
          tree.delete(key);
          content.delete(key);
        } else {
          const text = `${step}`;
          tree.set(key, text);
          content.set(key, text);
        }
      }
      const fresh = treeOf(content);
      expect(tree.size).toBe(content.size);
      for (let depth = 0; depth <= 4; depth += 1) {
        for (let prefix = 0; prefix < FAN_OUT ** depth; prefix += 7) {
          const node = { depth, prefix };
          const below = [...content].filter(
            ([key]) => (depth === 0 ? 0 : placeOf(key) >>> (32 - 3 * depth)) === prefix,
          );
          const digests = below.map(([key, text]) => digestOf(key, text));
          expect(tree.digestOf(node)).toEqual(digests.reduce(combine, NO_DIGEST));
          expect(fresh.digestOf(node)).toEqual(tree.digestOf(node));
          const children = tree.childrenOf(node);
          expect(children.reduce(combine, NO_DIGEST)).toEqual(tree.digestOf(node));
          const keys = tree.entriesOf(node).map(({ key }) => key);
          expect(keys.sort()).toEqual(below.map(([key]) => key).sort());
          expect(tree.entriesOf(node, keys.length)).toHaveLength(keys.length);
          if (keys.length > 0) expect(tree.entriesOf(node, keys.length - 1)).toBeUndefined();
        }
      }
    }
  });

  it('has another digest where several keys changed in the same way', () => {
    const [one, two] = [draw(1000, 1, 0), draw(1000, 1, 0)];
    for (const key of ['user:1', 'user:2']) two.set(key, '2');
    expect(treeOf(one).digestOf(ROOT)).not.toEqual(treeOf(two).digestOf(ROOT));
    for (const key of ['user:3', 'user:4']) two.set(key, one.get('user:5') as string);
    const swapped = new Map([...one, ['user:1', '2'], ['user:2', '1']]);
    const other = new Map([...one, ['user:1', '1'], ['user:2', '2']]);
    expect(treeOf(swapped).digestOf(ROOT)).not.toEqual(treeOf(other).digestOf(ROOT));
    // The end of a key is not the begin of its content.
    expect(digestOf('a', 'bc')).not.toEqual(digestOf('ab', 'c'));
  });

  it('has no two equal digests, in either word, among many that look alike', () => {
    const digests = Array.from({ length: 50_000 }, (_, number) => {
      return digestOf(`key ${number >> 8}`, `[${number & 255},0,1]`);
    });
    const names = digests.map(({ high, low }) => `${high} ${low}`);
    expect(new Set(names).size).toBe(digests.length);
    // Of 50,000 words of 32 bits, 0.3 pairs are equal on average.
    for (const word of ['high', 'low'] as const) {
      expect(new Set(digests.map((one) => one[word])).size).toBeGreaterThan(digests.length - 8);
    }
  });

  it('spreads keys over its nodes', () => {
    const tree = treeOf(draw(32_000, 1, 0));
    const sizes = Array.from({ length: 512 }, (_, prefix) => {
      return tree.entriesOf({ depth: 3, prefix }).length;
    });
    // 62.5 on average, with a deviation of 7.9.
    expect(Math.min(...sizes)).toBeGreaterThan(62 - 40);
    expect(Math.max(...sizes)).toBeLessThan(63 + 40);
  });
});

describe('two trees', () => {
  it.each([
    [0, 0.5, 0],
    [3, 0.7, 0.3],
    [40, 0.9, 0.1],
    [2_000, 0.99, 0.01],
    [5_000, 0.5, 0.5],
  ])('find what differs, of %i keys', (count, share, changed) => {
    for (let run = 0; run < extent({ full: 20, quick: 2 }); run += 1) {
      const [mine, theirs] = [draw(count, share, changed), draw(count, share, changed)];
      expect(compare(treeOf(mine), treeOf(theirs)).found).toEqual(differing(mine, theirs));
    }
  });

  it.each([
    [0, 3_000],
    [3_000, 0],
    [1, 3_000],
    [3_000, 20],
  ])('of %i and %i keys find what differs, whatever their depths', (mine, theirs) => {
    const [own, other] = [draw(mine, 1, 0), draw(theirs, 1, 0)];
    expect(compare(treeOf(own), treeOf(other)).found).toEqual(differing(own, other));
  });

  it('name the longest keys in messages of their own', () => {
    const long = new Map(
      Array.from({ length: 2_000 }, (_, n) => [`${n}${'\u{1}'.repeat(1_000)}`, '1'] as const),
    );
    expect(compare(treeOf(new Map()), treeOf(long)).found).toEqual([...long.keys()].sort());
  });

  it('find all that has not changed while they compare', () => {
    const [mine, theirs] = [draw(3_000, 0.99, 0.01), draw(3_000, 0.99, 0.01)];
    const before = differing(mine, theirs).filter((key) => !key.endsWith('7'));
    const [own, other] = [treeOf(mine), treeOf(theirs)];
    let time = 10;
    const { found } = compare(own, other, () => {
      time += 1;
      for (let number = 7; number < 3_000; number += 10) {
        own.set(`user:${number}`, `${time}`);
        if (random() < 0.5) other.delete(`user:${number}`);
        else other.set(`user:${number}`, `${time + 1}`);
      }
    });
    expect(found.filter((key) => !key.endsWith('7'))).toEqual(before);
  });

  it.each(sample([1_000, 10], 1))('of 100,000 keys with %i that differ take few bytes', (count) => {
    const mine = draw(100_000, 1, 0);
    const theirs = new Map(mine);
    for (let changed = 0; changed < count; changed += 1) theirs.set(`user:${97 * changed}`, '2');
    const { found, bytes, rounds } = compare(treeOf(mine), treeOf(theirs));
    expect(found).toHaveLength(count);
    // Over the bytes of the entries that differ, of 100 bytes each.
    expect(bytes / (100 * count)).toBeLessThan(5);
    expect(rounds).toBeLessThan(9);
  });
});

describe('a question that no descent asks', () => {
  const [first] = [new MerkleDescent(treeOf(draw(100, 1, 0))).next() as MerkleQuestion];
  const entries = new MerkleDescent(treeOf(draw(3, 1, 0))).next() as MerkleQuestion;
  const words = (...all: number[]): string =>
    Buffer.from(all.flatMap((n) => [0, 0, 0, n])).toString('base64');

  it.each([
    [null],
    [{}],
    [{ ...first, ask: 'all' }],
    [{ ...first, nodes: '' }],
    [{ ...first, nodes: words(0) }],
    [{ ...first, nodes: words(2) }],
    [{ ...first, nodes: '*' }],
    [{ ...first, digests: first.digests.slice(4) }],
    [{ ...first, nodes: Buffer.from([64, 0, 0, 0]).toString('base64') }],
    [{ ...entries, counts: words(2) }],
    [{ ...entries, counts: words(1, 2) }],
    [{ ...entries, counts: undefined }],
  ])('is refused: %j', (question) => {
    expect(isMerkleQuestion(first) && isMerkleQuestion(entries)).toBe(true);
    expect(isMerkleQuestion(question)).toBe(false);
    expect(MOST_DEPTH).toBe(10);
  });
});

describe('a forest', () => {
  /** Three of five servers have each key. */
  const replicasOf = (key: string): number[] => {
    const first = placeOf(key) % 5;
    return [first, (first + 1) % 5, (first + 2) % 5];
  };
  const forestOf = (self: number, content: Content): MerkleForest => {
    const forest = new MerkleForest(replicasOf);
    for (const [key, text] of content) if (replicasOf(key).includes(self)) forest.set(key, text);
    return forest;
  };

  it('compares with each peer what both are to hold, and nothing else', () => {
    const [mine, theirs] = [draw(1_000, 0.99, 0.01), draw(1_000, 0.99, 0.01)];
    for (const peer of [1, 2, 3]) {
      const [own, other] = [forestOf(0, mine), forestOf(peer, theirs)];
      const names = other.differing(0, own.rootsWith(peer));
      const found = names.flatMap((name) => compare(own.tree(name), other.tree(name)).found);
      const isShared = (key: string): boolean =>
        replicasOf(key).includes(0) && replicasOf(key).includes(peer);
      expect(found.sort()).toEqual(differing(mine, theirs).filter(isShared));
    }
  });

  it('needs nothing but roots where nothing differs, and has no tree that is empty', () => {
    const content = draw(1_000, 1, 0);
    const [own, other] = [forestOf(0, content), forestOf(1, content)];
    const roots = own.rootsWith(1);
    expect(roots).toHaveLength(2);
    expect(JSON.stringify(roots).length).toBeLessThan(64);
    expect(other.differing(0, roots)).toEqual([]);
    for (const key of content.keys()) own.delete(key);
    expect(own.rootsWith(1)).toEqual([]);
    expect(other.differing(0, own.rootsWith(1))).toHaveLength(2);
    expect(own.tree('0,1,2').size).toBe(0);
  });
});

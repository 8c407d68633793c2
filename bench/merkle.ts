// What two replicas tell each other to find the keys at which they differ, beside the entries that
// differ; and what a tree costs in memory and for each write.
import { answerMerkle, MerkleDescent } from '../src/replication/merkle/descent.ts';
import { digestOf } from '../src/replication/merkle/digest.ts';
import { MerkleTree } from '../src/replication/merkle/tree.ts';
import { interleave, type Row, type Subject, showTable } from './measure.ts';

const ROUNDS = 5;
const SIZES = [100_000, 1_000_000];
const DIFFERING = [10, 1_000];
/** Bytes of an entry that is then copied. */
const ENTRY_BYTES = 100;
/** How much more than the entries the comparison may take. */
const MOST_RATIO = 5;
const WRITES = 100_000;

const contentOf = (timestamp: number): string => `[${timestamp},0,1]`;

function treeOf(keys: readonly string[]): MerkleTree {
  const tree = new MerkleTree();
  for (const [number, key] of keys.entries()) tree.set(key, contentOf(number));
  return tree;
}

/** The bytes of all questions and answers. */
function compare(asking: MerkleTree, answering: MerkleTree): number {
  const descent = new MerkleDescent(asking);
  let bytes = 0;
  for (let question = descent.next(); question !== undefined; question = descent.next()) {
    const answer = answerMerkle(answering, question);
    descent.take(answer);
    bytes += JSON.stringify(question).length + JSON.stringify(answer).length;
  }
  return bytes;
}

function measureBytes(keys: readonly string[], [mine, theirs]: [MerkleTree, MerkleTree]): Row[] {
  return DIFFERING.map((differing) => {
    const step = Math.floor(keys.length / differing);
    const changed = keys.filter((_, number) => number % step === 0).slice(0, differing);
    for (const key of changed) theirs.set(key, contentOf(keys.length));
    const bytes = compare(mine, theirs);
    for (const [place, key] of changed.entries()) theirs.set(key, contentOf(place * step));
    return {
      what: `${differing.toLocaleString('en-US')} of ${keys.length.toLocaleString('en-US')} keys`,
      measured: [bytes],
      floor: [differing * ENTRY_BYTES],
      unit: 'B',
      ...(differing === 1_000 && { most: MOST_RATIO }),
    };
  });
}

/** Microseconds for a write in the tree, and for the two hashes of it alone. */
async function measureWrites(keys: readonly string[], tree: MerkleTree): Promise<Row> {
  const each = (run: (key: string, number: number) => void): Subject => {
    return () => {
      const begun = performance.now();
      for (let number = 0; number < WRITES; number += 1) {
        run(keys[(number * 7_919) % keys.length] as string, number);
      }
      return (1_000 * (performance.now() - begun)) / WRITES;
    };
  };
  const { write, hash } = await interleave(ROUNDS, {
    hash: each((key, number) => digestOf(key, contentOf(number))),
    write: each((key, number) => tree.set(key, contentOf(number))),
  });
  const what = `a write, ${keys.length.toLocaleString('en-US')} keys`;
  return { what, measured: write, floor: hash, unit: 'us' };
}

/** Bytes for a key, beside the keys themselves. */
function measureMemory(keys: readonly string[]): number {
  const read = (): number => {
    globalThis.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = read();
  const tree = treeOf(keys);
  const taken = read() - before;
  return taken / tree.size;
}

const bytes: Row[] = [];
const writes: Row[] = [];
const memory: Row[] = [];
for (const size of SIZES) {
  const keys = Array.from({ length: size }, (_, number) => `user:${number}`);
  // A text is copied together once, when its hash is needed.
  for (const key of keys) digestOf(key, '');
  const what = `a key, of ${size.toLocaleString('en-US')}`;
  memory.push({ what, measured: [measureMemory(keys)], floor: [8], unit: 'B' });
  const trees: [MerkleTree, MerkleTree] = [treeOf(keys), treeOf(keys)];
  bytes.push(...measureBytes(keys, trees));
  writes.push(await measureWrites(keys, trees[0]));
}
showTable('entries that differ', bytes);
showTable('two hashes', writes);
showTable('a reference', memory);

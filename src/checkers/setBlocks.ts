// Linearizable and sequential for sets that only grow and to which each element is added once, as
// in Jepsen's tests. All reads of a key are then in one order, by inclusion, and each add stands
// between two of them: after the last read without its element, before the first one with it. An
// order exists exactly if this, the sessions and the clock have no cycle.
import type { SetChange, SetOperation, SetRead } from './history.ts';
import { type Normalized, normalize } from './normalize.ts';
import { type SetTable, tabulateSets } from './setElements.ts';
import { broken, HOLDS, type Judgement } from './verdict.ts';
import { tell, tellWithout } from './words.ts';

/** How many operations are told. */
const MOST_TOLD = 6;

/** Undefined if an element is removed, or added twice. */
export function judgeBlocks(
  history: readonly SetOperation[],
  isRealTime: boolean,
): Judgement | undefined {
  const normalized = normalize(history);
  const table = tabulateSets(normalized.operations);
  if (table.impossible !== undefined) return table.impossible;
  for (const ofKey of table.elements.values()) {
    for (const { inserts, removes } of ofKey) {
      if (inserts.length !== 1 || removes.length > 0) return undefined;
    }
  }
  const blocks = findBlocks(normalized, table);
  if (blocks === undefined || new Order(normalized, blocks, isRealTime).isCyclic()) {
    return tellNoOrder(normalized.operations, isRealTime);
  }
  return HOLDS;
}

/** By operation: its block among those of its key. Undefined if two reads cannot be ordered. */
function findBlocks(
  { operations, key, keys }: Normalized<SetOperation>,
  { elements, reads }: SetTable,
): Int32Array | undefined {
  const blocks = new Int32Array(operations.length).fill(-1);
  for (const [k, name] of keys.entries()) {
    const ofKey = reads.filter(({ op }) => key[op] === k);
    ofKey.sort((a, b) => a.found.size - b.found.size);
    const placed = new Set();
    let block = 0;
    for (const { op, found } of ofKey) {
      // What is placed so far is what the reads before have found.
      if (![...placed].every((one) => (found as ReadonlySet<unknown>).has(one))) return undefined;
      if (found.size > placed.size) block += 2;
      for (const one of found) {
        if (placed.has(one)) continue;
        placed.add(one);
        blocks[one.inserts[0] as number] = block;
      }
      blocks[op] = block + 1;
    }
    for (const one of elements.get(name) ?? []) {
      if (!placed.has(one)) blocks[one.inserts[0] as number] = block + 2;
    }
  }
  return blocks;
}

/** What must come before what. Nodes beside the operations stand for many pairs at once. */
class Order {
  readonly #after: number[][];
  readonly #normalized: Normalized<SetOperation>;

  constructor(normalized: Normalized<SetOperation>, blocks: Int32Array, isRealTime: boolean) {
    this.#normalized = normalized;
    this.#after = normalized.operations.map(() => []);
    const { starts } = normalized;
    for (let session = 0; session + 1 < starts.length; session += 1) {
      for (
        let op = (starts[session] as number) + 1;
        op < (starts[session + 1] as number);
        op += 1
      ) {
        if (Number.isFinite(normalized.end[op - 1])) this.#after[op - 1]?.push(op);
        else this.#skip(op, starts[session] as number);
      }
    }
    this.#addBlocks(blocks);
    if (isRealTime) this.#addClock();
  }

  isCyclic(): boolean {
    const waits = new Int32Array(this.#after.length);
    for (const nodes of this.#after) for (const node of nodes) waits[node] = (waits[node] ?? 0) + 1;
    const free = [...waits.keys()].filter((node) => waits[node] === 0);
    let taken = 0;
    for (let node = free.pop(); node !== undefined; node = free.pop()) {
      taken += 1;
      for (const next of this.#after[node] as number[]) {
        waits[next] = (waits[next] as number) - 1;
        if (waits[next] === 0) free.push(next);
      }
    }
    return taken < this.#after.length;
  }

  /** The session need not wait for what has no answer, but for what came before that. */
  #skip(op: number, first: number): void {
    for (let former = op - 1; former >= first; former -= 1) {
      if (!Number.isFinite(this.#normalized.end[former])) continue;
      this.#after[former]?.push(op);
      return;
    }
  }

  #addBlocks(blocks: Int32Array): void {
    const { key, keys } = this.#normalized;
    const byKey = keys.map((): Map<number, number[]> => new Map());
    for (const [op, block] of blocks.entries()) {
      const ofKey = byKey[key[op] as number] as Map<number, number[]>;
      const known = ofKey.get(block);
      if (known === undefined) ofKey.set(block, [op]);
      else known.push(op);
    }
    for (const ofKey of byKey) {
      this.#chain([...ofKey.entries()].sort(([a], [b]) => a - b).map(([, ops]) => [ops, ops]));
    }
  }

  /** What has ended comes before what begins later; what begins just then overlaps it. */
  #addClock(): void {
    const { start, end, operations } = this.#normalized;
    const ops = [...operations.keys()];
    const byEnd = ops.filter((op) => Number.isFinite(end[op]));
    byEnd.sort((a, b) => (end[a] as number) - (end[b] as number));
    const byStart = ops.sort((a, b) => (start[a] as number) - (start[b] as number));
    let next = 0;
    let steps: [begun: number[], ended: number[]] = [[], []];
    const all = [steps];
    for (const op of byStart) {
      const isLater =
        next < byEnd.length && (end[byEnd[next] as number] as number) < (start[op] as number);
      if (isLater) {
        steps = [[], []];
        all.push(steps);
      }
      while (
        next < byEnd.length &&
        (end[byEnd[next] as number] as number) < (start[op] as number)
      ) {
        // What has ended by now comes before this step.
        all.at(-2)?.[1].push(byEnd[next] as number);
        next += 1;
      }
      steps[0].push(op);
    }
    this.#chain(all);
  }

  /** Of each step: what comes after all that has ended in the steps before; what ends in it. */
  #chain(steps: readonly (readonly [begun: readonly number[], ended: readonly number[]])[]): void {
    let gate = -1;
    for (const [begun, ended] of steps) {
      if (gate >= 0) (this.#after[gate] as number[]).push(...begun);
      const next = this.#after.push([]) - 1;
      if (gate >= 0) this.#after[gate]?.push(next);
      for (const op of ended) this.#after[op]?.push(next);
      gate = next;
    }
  }
}

function tellNoOrder(operations: readonly SetOperation[], isRealTime: boolean): Judgement {
  const lost = isRealTime ? findLost(operations) : undefined;
  if (lost !== undefined) {
    const [insert, read] = lost;
    const sentence = `${tellWithout(read, insert.value)}, wholly after ${tell(insert)}.`;
    return broken('LostElement', lost, sentence);
  }
  const told = operations.toSorted((a, b) => a.invokedAt - b.invokedAt).map(tell);
  const shown = told.slice(0, MOST_TOLD);
  if (told.length > shown.length) shown.push(`${told.length - shown.length} more`);
  const [pattern, kept] = isRealTime
    ? (['NoLinearization', 'the time'] as const)
    : (['NoSequentialOrder', 'that of each session'] as const);
  const sentence = `No order that keeps ${kept} explains: ${shown.join('; ')}.`;
  return broken(pattern, operations, sentence);
}

/** Of a history in which nothing is removed: an add, and a later read without its element. */
function findLost(operations: readonly SetOperation[]): [SetChange, SetRead] | undefined {
  const inserts = operations.filter((one) => one.kind !== 'elements');
  for (const read of operations) {
    if (read.kind !== 'elements') continue;
    const found = new Set(read.elements);
    const isLost = ({ key, value, returnedAt }: SetChange): boolean =>
      key === read.key && !found.has(value) && returnedAt !== null && returnedAt < read.invokedAt;
    const insert = inserts.find(isLost);
    if (insert !== undefined) return [insert, read];
  }
  return undefined;
}

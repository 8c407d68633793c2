// The causal levels and PRAM for observed-remove sets (Shapiro et al., "A comprehensive study of
// Convergent and Commutative Replicated Data Types", INRIA 2011, section 3.3.5): an element is in a
// set that has seen an add of it that no remove which it has seen had seen. Adds and removes
// commute, so a read is explained by what it has seen alone, and the three causal levels are one.
//
// What each operation has seen grows from what the reads force. What several operations may explain
// is chosen: a choice that works shows that the level holds, one that does not shows nothing.
import type { SetOperation, SetRead } from './history.ts';
import { type Normalized, normalize } from './normalize.ts';
import { type Element, type Read, type SetTable, tabulateSets } from './setElements.ts';
import { Visibility } from './setVisibility.ts';
import { broken, HOLDS, type Judgement, type Pattern, undecided } from './verdict.ts';
import { tell, tellWithout } from './words.ts';

export function judgeSetOrder(
  history: readonly SetOperation[],
  order: 'causal' | 'pram',
): Judgement {
  const normalized = normalize(history);
  const table = tabulateSets(normalized.operations);
  if (table.impossible !== undefined) return table.impossible;
  const isGrowOnly = normalized.operations.every(({ kind }) => kind !== 'remove');
  if (order === 'pram' && !isGrowOnly) {
    return undecided('what a remove had seen is defined by causality');
  }
  return new Explanation(normalized, table, order === 'causal').judge();
}

class Explanation {
  readonly #operations: readonly SetOperation[];
  readonly #table: SetTable;
  readonly #visibility: Visibility;
  readonly #isCausal: boolean;
  #isChosen = false;
  #isChanged = false;

  constructor(normalized: Normalized<SetOperation>, table: SetTable, isCausal: boolean) {
    this.#operations = normalized.operations;
    this.#table = table;
    this.#isCausal = isCausal;
    this.#visibility = new Visibility(normalized, isCausal);
  }

  judge(): Judgement {
    for (const { op, found } of this.#table.reads) {
      for (const { inserts } of found) {
        if (inserts.length === 1) this.#visibility.show(op, inserts[0] as number);
      }
    }
    do {
      this.#isChanged = false;
      const cyclic = this.#visibility.close();
      const failure = cyclic === undefined ? this.#explainAll() : this.#cycle(cyclic);
      if (failure !== undefined) {
        return this.#isChosen ? undecided('several adds or removes may explain a read') : failure;
      }
    } while (this.#isChanged);
    return HOLDS;
  }

  #explainAll(): Judgement | undefined {
    for (const read of this.#table.reads) {
      const { key } = this.#operations[read.op] as SetOperation;
      for (const element of this.#table.elements.get(key) ?? []) {
        const failure = read.found.has(element)
          ? this.#explainFound(read, element)
          : this.#explainMissing(read, element);
        if (failure !== undefined) return failure;
      }
    }
    return undefined;
  }

  /** The read needs an add that none of the removes which it has seen had seen. */
  #explainFound({ op }: Read, { text, inserts, removes }: Element): Judgement | undefined {
    const sees = this.#visibility;
    const isRemoved = (insert: number): boolean =>
      removes.some((remove) => sees.hasSeen(op, remove) && sees.hasSeen(remove, insert));
    if (inserts.some((insert) => sees.hasSeen(op, insert) && !isRemoved(insert))) return undefined;
    const possible = inserts.filter((one) => !sees.hasSeen(op, one) && !this.#isAfter(one, op));
    if (possible.length > 0) {
      this.#show([[op, this.#choose(possible, op)]], possible.length);
      return undefined;
    }
    const remove = removes.find((one) => sees.hasSeen(op, one));
    return remove === undefined
      ? this.#fail('CyclicCO', [...inserts, op], `, but each add of ${text} comes after that.`)
      : this.#fail(
          'RemovedElement',
          [...inserts, remove, op],
          `, but it had seen that ${this.#tell(remove)}, and no add of ${text} that this had not.`,
        );
  }

  /** Each add that the read has seen needs a remove that had seen it. */
  #explainMissing({ op }: Read, { text, inserts, removes }: Element): Judgement | undefined {
    const sees = this.#visibility;
    for (const insert of inserts) {
      if (!sees.hasSeen(op, insert)) continue;
      if (removes.some((one) => sees.hasSeen(op, one) && sees.hasSeen(one, insert))) continue;
      const possible = removes.filter(
        (one) => !this.#isAfter(one, op) && !sees.hasSeen(insert, one) && one !== insert,
      );
      if (possible.length === 0) {
        const told = `, but it had seen that ${this.#tell(insert)}`;
        const why = removes.length === 0 ? 'nothing removed that' : 'nothing can have removed that';
        const read = this.#operations[op] as SetRead;
        const sentence = `${tellWithout(read, text)}${told}, and ${why}.`;
        return broken('LostElement', [this.#operations[insert] as SetOperation, read], sentence);
      }
      const remove = this.#choose(possible, op);
      this.#show(
        [
          [op, remove],
          [remove, insert],
        ],
        possible.length,
      );
    }
    return undefined;
  }

  /** Whether it comes after the read in every explanation. */
  #isAfter(one: number, read: number): boolean {
    return this.#isCausal
      ? this.#visibility.hasSeen(one, read)
      : this.#visibility.isBefore(read, one);
  }

  /** Preferred is what the read has seen, and then what began last. */
  #choose(possible: readonly number[], read: number): number {
    const seen = possible.filter((one) => this.#visibility.hasSeen(read, one));
    const rank = (op: number): number => {
      const { invokedAt } = this.#operations[op] as SetOperation;
      const { returnedAt } = this.#operations[read] as SetOperation;
      return invokedAt <= (returnedAt ?? invokedAt) ? invokedAt : -invokedAt;
    };
    const from = seen.length > 0 ? seen : possible;
    return from.reduce((best, one) => (rank(one) > rank(best) ? one : best));
  }

  #show(edges: readonly (readonly [number, number])[], choices: number): void {
    for (const [op, other] of edges) this.#visibility.show(op, other);
    if (choices > 1) this.#isChosen = true;
    this.#isChanged = true;
  }

  #cycle(op: number): Judgement {
    const operation = this.#operations[op] as SetOperation;
    return broken(
      'CyclicCO',
      [operation],
      `${tell(operation)}, and has seen itself through reads.`,
    );
  }

  #fail(pattern: Pattern, ops: readonly number[], why: string): Judgement {
    const operations = ops.map((op) => this.#operations[op] as SetOperation);
    return broken(pattern, operations, `${this.#tell(ops.at(-1) as number)}${why}`);
  }

  #tell(op: number): string {
    return tell(this.#operations[op] as SetOperation);
  }
}

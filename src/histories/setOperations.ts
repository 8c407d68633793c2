// Tells sets from counters and registers in Jepsen's histories, where `:add` and `:read` are words
// of all of them: `set` and `set-full` in
// https://github.com/jepsen-io/jepsen/blob/main/jepsen/src/jepsen/checker.clj. A key to which
// something is added is a set if a read of it returns a collection, if something is removed from
// it, or if what is added is no number. A counter adds whole numbers.
import type { History, Recorded, SetOperation } from '../checkers/history.ts';
import { Compound, Token } from './datum.ts';
import { FormatError } from './format.ts';
import { isNumber } from './shapes.ts';
import { datumOf, type IsWritable, textOf } from './texts.ts';

/** With the operations of sets in place of those as which they were read. Throws FormatError. */
export function tellSets(history: History, isWritable: IsWritable): History {
  const { operations } = history;
  const sets = findSets(operations, isWritable);
  if (sets.size === 0) return history;
  return {
    ...history,
    operations: operations.map((one) =>
      sets.has(one.key) ? toSetOperation(one, isWritable) : one,
    ),
  };
}

function findSets(operations: readonly Recorded[], isWritable: IsWritable): ReadonlySet<string> {
  const changed = new Set<string>();
  const certain = new Set<string>();
  const read = new Set<string>();
  const others = new Set<string>();
  const decimals = new Map<string, Recorded>();
  for (const operation of operations) {
    const { kind, key, value } = operation;
    if (kind === 'get') {
      if (value === null) continue;
      (itemsOfSet(value, isWritable) === undefined ? others : read).add(key);
    } else if (kind === 'add' || kind === 'remove') {
      changed.add(key);
      if (kind === 'add' && isDecimal(value)) decimals.set(key, decimals.get(key) ?? operation);
      else if (kind === 'remove' || !isNumber(value)) certain.add(key);
    } else others.add(key);
  }
  for (const [key, { line, value }] of decimals) {
    if (certain.has(key) || read.has(key)) continue;
    throw new FormatError(line, `a counter adds whole numbers, not ${value}`);
  }
  const sets = new Set([...changed].filter((key) => certain.has(key) || read.has(key)));
  if (sets.size === 0) return sets;
  // Nothing has been added to these, as far as the history has it.
  for (const key of read) if (!others.has(key)) sets.add(key);
  return sets;
}

/** A number, and no whole one. */
function isDecimal(value: string | null): boolean {
  const datum = isNumber(value) ? null : datumOf(value);
  return datum instanceof Token && /^[+-]?[0-9]/.test(datum.text);
}

/** The elements as texts; undefined for what is no collection. */
function itemsOfSet(value: string, isWritable: IsWritable): readonly string[] | undefined {
  const first = value[0];
  if (first !== '[' && first !== '#') return undefined;
  const datum = datumOf(value, isWritable);
  if (!(datum instanceof Compound) || datum.opening === '{') return undefined;
  return datum.items.map((item) => textOf(item, isWritable) ?? 'nil');
}

function toSetOperation(one: Recorded, isWritable: IsWritable): SetOperation {
  const { line, key, transaction } = one;
  if (transaction !== undefined) throw new FormatError(line, `a transaction with the set ${key}`);
  if (one.kind === 'remove') return one;
  if (one.kind === 'add') {
    const { sum: _, ...insert } = one;
    return { ...insert, kind: 'insert' };
  }
  if (one.kind !== 'get') throw new FormatError(line, `a ${one.kind} of the set ${key}`);
  const { siblings: _, outcome, value, ...read } = one;
  const elements = value === null ? [] : itemsOfSet(value, isWritable);
  if (elements === undefined) throw new FormatError(line, `${value} is no set, and ${key} is one`);
  const isAnswered = outcome === 'ok' || outcome === 'absent';
  return { ...read, kind: 'elements', value: null, elements, outcome: isAnswered ? 'ok' : outcome };
}

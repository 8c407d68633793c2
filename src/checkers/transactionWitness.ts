// Turns what a checker of transactions has found into a witness: the operations that show it, and a
// sentence.
import type { Operation } from '../kernel/history.ts';
import { did, isOneSession, listed, tellOrder } from './causalWitness.ts';
import { addEdge, findCycle, findPath } from './cycles.ts';
import { at } from './historyTable.ts';
import type { Constraint } from './isolation.ts';
import { INITIAL } from './readsFrom.ts';
import { type CausalEdges, causalEdgesOf } from './transactionPast.ts';
import type { TransactionTable } from './transactionTable.ts';
import { broken, type Judgement, type Pattern } from './verdict.ts';
import { content, tell, where, written } from './words.ts';

/** Two reads of one key in one transaction that returned different writes. */
export function nonRepeatable(table: TransactionTable, places: readonly number[]): Judgement {
  const reads = places.map((place) => operationAt(table, at(table.reads, place)));
  const [first, second] = reads as [Operation, Operation];
  const writes = places
    .map((place) => at(table.from, place))
    .filter((source) => source !== INITIAL)
    .map((source) => operationAt(table, source));
  return broken(
    'NonRepeatableRead',
    [...writes, ...reads],
    `${tell(first)}, and in the same transaction ${content(second)} ${where(second)}.`,
  );
}

/** The session orders and the reads form a cycle. */
export function cyclicTransactions(table: TransactionTable, edges: CausalEdges): Judgement {
  const cycle = findCycle(table.count, edges) ?? [];
  const steps = cycle
    .filter((edge) => edges.isHeavy[edge])
    .map((edge) => readAt(table, edges.place[edge] as number));
  const operations = steps.flatMap(({ write, read }) => [write, read]);
  const told = steps.map(({ read }, index) => {
    const { write } = steps[(index + 1) % steps.length] as (typeof steps)[number];
    return `${tell(read)} ${isOneTransaction(read, write) ? 'and' : 'before it'} ${did(write)}`;
  });
  const [only] = steps;
  return broken(
    'CyclicCO',
    operations,
    steps.length === 1 && only !== undefined
      ? `${tell(only.read)} before that was written ${where(only.write)}.`
      : `${listed(told, ', and ')}: each has read what was yet to be written.`,
  );
}

/** A read of the initial value by a transaction that has seen a write of the key. */
export function initialAfterWrite(
  table: TransactionTable,
  constraint: Constraint,
  pattern: Pattern,
): Judgement {
  const { operations, knowledge } = explain(table, causalEdgesOf(table), constraint);
  const read = operationAt(table, constraint.read);
  return broken(pattern, operations, `${tell(read)} when it ${knowledge}.`);
}

/** A read of a write that another one, which the reader has seen, has causally overwritten. */
export function overwritten(table: TransactionTable, constraint: Constraint): Judgement {
  const causal = causalEdgesOf(table);
  const { operations, knowledge } = explain(table, causal, constraint);
  const read = operationAt(table, constraint.read);
  const source = operationAt(table, constraint.later);
  const { transaction } = table;
  const [start, end] = [constraint.later, constraint.earlier].map((op) => at(transaction, op));
  const path = findPath(table.count, causal, start as number, end as number) ?? [];
  const shown = [source, ...showReads(table, causal, path), ...operations];
  const sentence = `${tell(read)} when it ${knowledge}, which came after ${written(source)}`;
  return broken('WriteCORead', shown, `${sentence} ${where(source)}.`);
}

/**
 * The constraints on the order form a cycle with the session orders and the reads. Undefined if
 * they do not.
 */
export function cyclicConstraints(
  table: TransactionTable,
  causal: CausalEdges,
  constraints: readonly Constraint[],
  pattern: Pattern,
): Judgement | undefined {
  const { transaction } = table;
  const edges = {
    from: [...causal.from],
    to: [...causal.to],
    isHeavy: causal.from.map(() => false),
  };
  const first = edges.from.length;
  for (const { earlier, later } of constraints) {
    addEdge(edges, at(transaction, earlier), at(transaction, later), true);
  }
  const cycle = findCycle(table.count, edges);
  if (cycle === undefined) return undefined;
  const shown = cycle
    .filter((edge) => edge >= first)
    .map((edge) => constraints[edge - first] as Constraint);
  const between = showReads(
    table,
    causal,
    cycle.filter((edge) => edge < first),
  );
  return contradiction(table, shown, between, pattern);
}

/** Each constraint says that a transaction comes before that of the next one, in a circle. */
export function contradiction(
  table: TransactionTable,
  constraints: readonly Constraint[],
  between: readonly Operation[],
  pattern: Pattern,
): Judgement {
  const causal = causalEdgesOf(table);
  const operations: Operation[] = [];
  const told = constraints.map((constraint, index) => {
    const explained = explain(table, causal, constraint);
    const after = operationAt(table, constraint.later);
    operations.push(after, ...explained.operations);
    const following = constraints[(index + 1) % constraints.length] as Constraint;
    const next = operationAt(table, following.earlier);
    const read = operationAt(table, constraint.read);
    return `${tellOrder(read, explained.knowledge, after)}${linkTo(after, next)}`;
  });
  return broken(
    pattern,
    [...operations, ...between],
    `No order of the transactions suits every client: ${listed(told, '; but ')}.`,
  );
}

function linkTo(after: Operation, next: Operation): string {
  if (after === next) return '';
  const how = isOneTransaction(after, next) ? 'with it' : 'after that';
  return `, and ${written(next)} ${where(next)} ${how}`;
}

/** How the reader has seen the earlier write, and the operations that show it. */
function explain(
  table: TransactionTable,
  causal: CausalEdges,
  { earlier, read, heard }: Constraint,
): { operations: readonly Operation[]; knowledge: string } {
  const [write, reader] = [operationAt(table, earlier), operationAt(table, read)];
  if (heard !== undefined && heard >= 0) {
    const by = operationAt(table, heard);
    const source = table.from[table.reads.indexOf(heard)] as number;
    const operations = [write, operationAt(table, source), by, reader];
    return { operations, knowledge: tellKnowledge(write, by, source === earlier) };
  }
  if (isOneSession(write, reader)) {
    return { operations: [write, reader], knowledge: `had itself ${did(write)}` };
  }
  const { transaction } = table;
  const [start, end] = [at(transaction, earlier), at(transaction, read)];
  const path = findPath(table.count, causal, start, end) ?? [];
  const last = path.findLast((edge) => causal.isHeavy[edge]) ?? -1;
  const { read: by, write: source } = readAt(table, causal.place[last] as number);
  const operations = [write, ...showReads(table, causal, path), reader];
  return { operations, knowledge: tellKnowledge(write, by, source === write) };
}

function tellKnowledge(write: Operation, by: Operation, isDirect: boolean): string {
  const heard = `${content(by)} ${where(by)}`;
  if (!isDirect) return `knew of ${written(write)} ${where(write)} through ${heard}`;
  return `had ${by.value === null ? 'found' : 'read'} ${heard}`;
}

/** The reads on a path, each with the write that it has returned. */
function showReads(
  table: TransactionTable,
  { isHeavy, place }: CausalEdges,
  path: readonly number[],
): Operation[] {
  return path
    .filter((edge) => isHeavy[edge])
    .map((edge) => readAt(table, place[edge] as number))
    .flatMap(({ write, read }) => [write, read]);
}

function readAt(table: TransactionTable, place: number): { write: Operation; read: Operation } {
  const write = operationAt(table, at(table.from, place));
  return { write, read: operationAt(table, at(table.reads, place)) };
}

function operationAt({ operations }: TransactionTable, op: number): Operation {
  return operations[op] as Operation;
}

function isOneTransaction(a: Operation, b: Operation): boolean {
  return a === b || (a.transaction !== undefined && a.transaction === b.transaction);
}

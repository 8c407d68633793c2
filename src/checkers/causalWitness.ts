// Turns the bad patterns of POPL 2017 into a witness: the operations that show the pattern, and a
// sentence.
import { type Operation, showValue } from '../kernel/history.ts';
import { previous } from './causalPast.ts';
import { addEdge, createEdges, type Edges, findCycle, findPath } from './cycles.ts';
import { at, type HistoryTable } from './historyTable.ts';
import { broken, type Judgement } from './verdict.ts';
import { content, tell, where, written } from './words.ts';

/**
 * `earlier` must precede `later`: `read` has returned `later`, and its session knew of `earlier`.
 */
export interface ConflictEdges {
  readonly earlier: number[];
  readonly later: number[];
  readonly read: number[];
}

/** A read returns the initial value, although its session knows of a write of the key. */
export function readOfInitial(table: HistoryTable, write: number, read: number): Judgement {
  const [w, r] = [operationOf(table, write), operationOf(table, read)];
  if (isOneSession(w, r)) {
    return broken('WriteCOInitRead', [w, r], `${tell(r)} after it had itself ${did(w)}.`);
  }
  const { operations, sentence } = explainPast(table, write, read);
  return broken(
    'WriteCOInitRead',
    operations,
    `${tell(r)}, yet it depends on a write of that key: ${tell(w)}${sentence}.`,
  );
}

export function readOfOverwritten(
  table: HistoryTable,
  overwriting: number,
  read: number,
): Judgement {
  const source = operationOf(table, at(table.from, read));
  const [over, r] = [operationOf(table, overwriting), operationOf(table, read)];
  const { operations, sentence } = explainPast(table, overwriting, read);
  const earlier = explainPast(table, at(table.from, read), overwriting);
  return broken(
    'WriteCORead',
    [...earlier.operations, ...operations],
    `${tell(r)}, yet it depends on a later write of that key: ${tell(over)} in knowledge of ` +
      `${written(source)} ${where(source)}${isOneSession(over, r) ? '' : sentence}.`,
  );
}

/** Returns undefined if the session orders and the reads form no cycle. */
export function cyclicCO(table: HistoryTable): Judgement | undefined {
  const edges = causalEdges(table);
  const cycle = findCycle(table.from.length, edges);
  if (cycle === undefined) return undefined;
  // The cycle alternates: a write, its read, then the next write in the reader's session, its read,
  // and so on.
  const steps = cycle
    .filter((edge) => edges.isHeavy[edge])
    .map((edge) => ({
      write: operationOf(table, edges.from[edge] as number),
      read: operationOf(table, edges.to[edge] as number),
    }));
  const shown = steps.flatMap(({ write, read }) => [write, read]);
  const told = steps.map(({ read }, index) => {
    const next = steps[(index + 1) % steps.length] as (typeof steps)[number];
    return `${tell(read)} before it ${did(next.write)}`;
  });
  return broken(
    'CyclicCO',
    shown,
    steps.length === 1
      ? `${tell(shown[1] as Operation)} before that was written ${where(shown[0] as Operation)}.`
      : `${listed(told, ', and ')}: each has read what was yet to be written.`,
  );
}

/** The sentence names at most this many steps of a cycle. */
const MOST_STEPS = 4;

/** Joins the steps of a cycle to one text. */
export function listed(steps: readonly string[], link: string): string {
  const told = steps.slice(0, MOST_STEPS).join(link);
  return steps.length > MOST_STEPS ? `${told}, and so on in a circle of ${steps.length}` : told;
}

/** Returns undefined if some total order of all writes agrees with CO and with every conflict. */
export function cyclicCF(table: HistoryTable, conflicts: ConflictEdges): Judgement | undefined {
  const edges = causalEdges(table);
  edges.isHeavy.fill(false);
  const first = edges.from.length;
  for (let index = 0; index < conflicts.earlier.length; index += 1) {
    addEdge(edges, conflicts.earlier[index] as number, conflicts.later[index] as number, true);
  }
  const cycle = findCycle(table.from.length, edges);
  if (cycle === undefined) return undefined;
  const conflict = (edge: number): [number, number, number] =>
    [conflicts.earlier, conflicts.later, conflicts.read].map(
      (list) => list[edge - first] as number,
    ) as [number, number, number];
  const clauses = cycle
    .filter((edge) => edge >= first)
    .map((edge) => {
      const [earlier, later, read] = conflict(edge);
      const past = explainPast(table, earlier, read);
      const known = tellKnowledge(table, earlier, read, past.last);
      const [before, after] = [operationOf(table, earlier), operationOf(table, later)];
      const told = tellOrder(operationOf(table, read), known, after);
      return { earlier: before, later: after, told, operations: [after, ...past.operations] };
    });
  const told = clauses.map((clause, index) => {
    const next = (clauses[(index + 1) % clauses.length] as typeof clause).earlier;
    const link = next === clause.later ? '' : `, and ${written(next)} ${where(next)} after that`;
    return `${clause.told}${link}`;
  });
  return broken(
    'CyclicCF',
    [
      ...clauses.flatMap(({ operations }) => operations),
      ...endsOf(
        table,
        edges,
        cycle.filter((edge) => edge < first),
      ),
    ],
    `No order of the writes suits every client: ${listed(told, '; but ')}.`,
  );
}

/**
 * The operations at both ends of each write-to-read step; session order gives the rest of the path.
 */
function endsOf(table: HistoryTable, { from, to }: Edges, path: readonly number[]): Operation[] {
  const isReading = (edge: number): boolean => {
    const [write, read] = [from[edge] as number, to[edge] as number];
    return write !== read && at(table.from, read) === write;
  };
  return path
    .filter(isReading)
    .flatMap((edge) => [from[edge], to[edge]].map((op) => operationOf(table, op as number)));
}

/**
 * Tells how the session of `reader` knew of a write: `had read x=2 (line 4)`, `knew of x=2 (line 2)
 * through y=1 (line 4)`. `heard` is the last read on the path.
 */
export function tellKnowledge(
  table: HistoryTable,
  write: number,
  reader: number,
  heard: number | undefined,
): string {
  const w = operationOf(table, write);
  if (isOneSession(w, operationOf(table, reader))) return `had itself ${did(w)}`;
  if (heard === undefined) return `knew of ${written(w)} ${where(w)}`;
  const read = operationOf(table, heard);
  const told = `${content(read)} ${where(read)}`;
  return at(table.from, heard) === write
    ? `had ${read.value === null ? 'found' : 'read'} ${told}`
    : `knew of ${written(w)} ${where(w)} through ${told}`;
}

/** Says that a read puts two writes into order. */
export function tellOrder(read: Operation, knowledge: string, later: Operation): string {
  return `${tell(read)} when it ${knowledge}, so ${written(later)} ${where(later)} is later`;
}

/** Session order as light edges, reads as heavy edges. */
export function causalEdges(table: HistoryTable): Edges {
  const edges = createEdges();
  for (let op = 0; op < table.from.length; op += 1) {
    const before = previous(table, op);
    if (before >= 0) addEdge(edges, before, op, false);
    const source = at(table.from, op);
    if (source >= 0 && source !== op) addEdge(edges, source, op, true);
  }
  return edges;
}

/** Why `b` depends on `a`: the operations on the shortest path, and the last read on it. */
function explainPast(
  table: HistoryTable,
  a: number,
  b: number,
): { operations: readonly Operation[]; sentence: string; last: number | undefined } {
  const edges = causalEdges(table);
  const path = findPath(table.from.length, edges, a, b) ?? [];
  const ends = [operationOf(table, a), operationOf(table, b)];
  const operations = [...ends, ...endsOf(table, edges, path)];
  const last = path.filter((edge) => edges.isHeavy[edge] && edges.to[edge] !== b).at(-1);
  if (last === undefined) return { operations, sentence: '', last: undefined };
  const [from, to] = [edges.from[last] as number, edges.to[last] as number];
  return {
    operations,
    sentence: `, and ${tell(operationOf(table, to))}${tellOrigin(table, from, a)}`,
    last: to,
  };
}

/** Says that the write `from` was issued with knowledge of `a`; empty if it is `a`. */
function tellOrigin(table: HistoryTable, from: number, a: number): string {
  if (from === a) return '';
  const [write, first] = [operationOf(table, from), operationOf(table, a)];
  const how = isOneSession(write, first) ? 'after' : 'in knowledge of';
  return `, which client ${write.session} wrote ${how} that ${where(write)}`;
}

function operationOf({ operations }: HistoryTable, op: number): Operation {
  return operations[op] as Operation;
}

export function isOneSession(a: Operation, b: Operation): boolean {
  return a.session === b.session && a.incarnation === b.incarnation;
}

export function did(write: Operation): string {
  const { kind, key, value } = write;
  return `${kind === 'put' ? `put ${key}=${showValue(value)}` : `deleted ${key}`} ${where(write)}`;
}

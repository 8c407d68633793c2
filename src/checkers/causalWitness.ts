// Puts the bad patterns of POPL 2017 into words: which operations show it, and a sentence on them.
import { type Operation, showValue } from '../kernel/history.ts';
import { previous } from './causalPast.ts';
import { addEdge, createEdges, type Edges, findCycle, findPath } from './cycles.ts';
import { at, type Model } from './model.ts';
import { broken, type Judgement } from './verdict.ts';
import { content, tell, where, written } from './words.ts';

/** `earlier` must come before `later`, as `read` has read `later` and knew of `earlier`. */
export interface ConflictEdges {
  readonly earlier: number[];
  readonly later: number[];
  readonly read: number[];
}

/** A session does not know of a write, although it depends on it, or goes back behind it. */
export function readOfInitial(model: Model, write: number, read: number): Judgement {
  const [w, r] = [operationOf(model, write), operationOf(model, read)];
  if (isOneSession(w, r)) {
    return broken('WriteCOInitRead', [w, r], `${tell(r)} after it had itself ${did(w)}.`);
  }
  const { operations, sentence } = explainPast(model, write, read);
  return broken(
    'WriteCOInitRead',
    [w, ...operations, r],
    `${tell(r)}, yet it depends on a write of that key: ${tell(w)}${sentence}.`,
  );
}

export function readOfOverwritten(model: Model, overwriting: number, read: number): Judgement {
  const source = operationOf(model, at(model.from, read));
  const [over, r] = [operationOf(model, overwriting), operationOf(model, read)];
  const { operations, sentence } = explainPast(model, overwriting, read);
  return broken(
    'WriteCORead',
    [source, over, ...operations.slice(-1), r],
    `${tell(r)}, yet it depends on a later write of that key: ${tell(over)} in knowledge of ` +
      `${written(source)} ${where(source)}${isOneSession(over, r) ? '' : sentence}.`,
  );
}

/** Undefined if the sessions' orders and the reads have no cycle. */
export function cyclicCO(model: Model): Judgement | undefined {
  const edges = causalEdges(model);
  const cycle = findCycle(model.from.length, edges);
  if (cycle === undefined) return undefined;
  // Write, read, later in the reader's session the next write, its read, and so on.
  const steps = cycle
    .filter((edge) => edges.isHeavy[edge])
    .map((edge) => ({
      write: operationOf(model, edges.from[edge] as number),
      read: operationOf(model, edges.to[edge] as number),
    }));
  const shown = steps.flatMap(({ write, read }) => [write, read]).slice(0, 4);
  const told = steps.map(({ read }, index) => {
    const next = steps[(index + 1) % steps.length] as (typeof steps)[number];
    return `${tell(read)} before it ${did(next.write)}`;
  });
  const more = steps.length > 2 ? `, and so on in a circle of ${steps.length}` : '';
  return broken(
    'CyclicCO',
    shown,
    steps.length === 1
      ? `${tell(shown[1] as Operation)} before that was written ${where(shown[0] as Operation)}.`
      : `${told.slice(0, 2).join(', and ')}${more}: each has read what was yet to be written.`,
  );
}

/** Undefined if some order of all writes agrees with CO and with every conflict. */
export function cyclicCF(model: Model, conflicts: ConflictEdges): Judgement | undefined {
  const edges = causalEdges(model);
  edges.isHeavy.fill(false);
  const first = edges.from.length;
  for (let index = 0; index < conflicts.earlier.length; index += 1) {
    addEdge(edges, conflicts.earlier[index] as number, conflicts.later[index] as number, true);
  }
  const cycle = findCycle(model.from.length, edges);
  if (cycle === undefined) return undefined;
  const clauses = cycle
    .filter((edge) => edge >= first)
    .map((edge) => {
      const [earlier, later, read] = [conflicts.earlier, conflicts.later, conflicts.read].map(
        (list) => list[edge - first] as number,
      ) as [number, number, number];
      const known = tellKnowledge(model, earlier, read, explainPast(model, earlier, read).last);
      const [before, after] = [operationOf(model, earlier), operationOf(model, later)];
      const asked = operationOf(model, read);
      return { earlier: before, later: after, read: asked, told: tellOrder(asked, known, after) };
    });
  const told = clauses.map((clause, index) => {
    const next = (clauses[(index + 1) % clauses.length] as typeof clause).earlier;
    const link = next === clause.later ? '' : `, and ${written(next)} ${where(next)} after that`;
    return `${clause.told}${link}`;
  });
  const more = clauses.length > 2 ? `, and so on in a circle of ${clauses.length}` : '';
  return broken(
    'CyclicCF',
    pick(clauses),
    `No order of the writes suits everybody: ${told.slice(0, 2).join('; but ')}${more}.`,
  );
}

/** The writes first, then the reads that order them; four at most. */
function pick(clauses: readonly { earlier: Operation; later: Operation; read: Operation }[]) {
  const [a, b] = clauses;
  const all = [a?.later, b?.later, a?.read, b?.read];
  return [...new Set(all)].filter((operation) => operation !== undefined);
}

/**
 * How the session of `reader` knew of a write: `had read x=2 (line 4)`, `knew of x=2 (line 2)
 * through y=1 (line 4)`. `heard` is the last read that told it.
 */
export function tellKnowledge(
  model: Model,
  write: number,
  reader: number,
  heard: number | undefined,
): string {
  const w = operationOf(model, write);
  if (isOneSession(w, operationOf(model, reader))) return `had itself ${did(w)}`;
  if (heard === undefined) return `knew of ${written(w)} ${where(w)}`;
  const read = operationOf(model, heard);
  const told = `${content(read)} ${where(read)}`;
  return at(model.from, heard) === write
    ? `had ${read.value === null ? 'found' : 'read'} ${told}`
    : `knew of ${written(w)} ${where(w)} through ${told}`;
}

/** That a read has put two writes into order. */
export function tellOrder(read: Operation, knowledge: string, later: Operation): string {
  return `${tell(read)} when it ${knowledge}, so ${written(later)} ${where(later)} is later`;
}

/** The order of the sessions, and, heavy, the reads. */
export function causalEdges(model: Model): Edges {
  const edges = createEdges();
  for (let op = 0; op < model.from.length; op += 1) {
    const before = previous(model, op);
    if (before >= 0) addEdge(edges, before, op, false);
    const source = at(model.from, op);
    if (source >= 0 && source !== op) addEdge(edges, source, op, true);
  }
  return edges;
}

/**
 * Why `b` depends on `a`: the last message, as it were, on the shortest way from one to the other.
 */
function explainPast(
  model: Model,
  a: number,
  b: number,
): { operations: readonly Operation[]; sentence: string; last: number | undefined } {
  const edges = causalEdges(model);
  const path = findPath(model.from.length, edges, a, b) ?? [];
  const last = path.filter((edge) => edges.isHeavy[edge] && edges.to[edge] !== b).at(-1);
  if (last === undefined) return { operations: [], sentence: '', last: undefined };
  const [from, to] = [edges.from[last] as number, edges.to[last] as number];
  const operations = from === a ? [to] : [from, to];
  return {
    operations: operations.map((op) => operationOf(model, op)),
    sentence: `, and ${tell(operationOf(model, to))}${tellOrigin(model, from, a)}`,
    last: to,
  };
}

/** That the write `from` came with the knowledge of `a`, unless it is `a`. */
function tellOrigin(model: Model, from: number, a: number): string {
  if (from === a) return '';
  const [write, first] = [operationOf(model, from), operationOf(model, a)];
  const how = isOneSession(write, first) ? 'after' : 'in knowledge of';
  return `, which client ${write.session} wrote ${how} that ${where(write)}`;
}

function operationOf({ operations }: Model, op: number): Operation {
  return operations[op] as Operation;
}

export function isOneSession(a: Operation, b: Operation): boolean {
  return a.session === b.session && a.incarnation === b.incarnation;
}

function did(write: Operation): string {
  const { kind, key, value } = write;
  return `${kind === 'put' ? `put ${key}=${showValue(value)}` : `deleted ${key}`} ${where(write)}`;
}

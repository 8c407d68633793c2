// Puts the bad patterns of POPL 2017 into words: which operations show it, and a sentence on them.
import type { Operation } from '../kernel/history.ts';
import { previous } from './causalPast.ts';
import { addEdge, createEdges, type Edges, findCycle, findPath } from './cycles.ts';
import { at, type Model } from './model.ts';
import { type Judgement, violated } from './verdict.ts';
import { content, tell, where } from './words.ts';

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
    return violated('WriteCOInitRead', [w, r], `${tell(r)} after it had itself ${did(w)}.`);
  }
  const { operations, sentence } = explainPast(model, write, read);
  return violated(
    'WriteCOInitRead',
    [w, ...operations, r],
    `${tell(r)}, yet it depends on a write of that key: ${tell(w)}${sentence}.`,
  );
}

export function readOfOverwritten(model: Model, overwriting: number, read: number): Judgement {
  const source = operationOf(model, at(model.from, read));
  const [over, r] = [operationOf(model, overwriting), operationOf(model, read)];
  const { operations, sentence } = explainPast(model, overwriting, read);
  return violated(
    'WriteCORead',
    [source, over, ...operations.slice(-1), r],
    `${tell(r)}, yet it depends on a later write of that key: ${tell(over)} in knowledge of ` +
      `${content(source)} ${where(source)}${isOneSession(over, r) ? '' : sentence}.`,
  );
}

/** Undefined if the sessions' orders and the reads have no cycle. */
export function cyclicCO(model: Model): Judgement | undefined {
  const edges = causalEdges(model);
  const cycle = findCycle(model.from.length, edges);
  if (cycle === undefined) return undefined;
  const reads = cycle.filter((edge) => edges.isHeavy[edge]);
  const operations = reads.flatMap((edge) => [
    operationOf(model, edges.from[edge] as number),
    operationOf(model, edges.to[edge] as number),
  ]);
  const shown = operations.slice(0, 4);
  const told = reads.map((edge) => tell(operationOf(model, edges.to[edge] as number)));
  return violated(
    'CyclicCO',
    shown,
    reads.length === 1
      ? `${told[0]} before that was written ${where(shown[0] as Operation)}.`
      : `${told.slice(0, 2).join(', and ')}: each before it did what the other depends on.`,
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
        (list) => operationOf(model, list[edge - first] as number),
      ) as [Operation, Operation, Operation];
      return { earlier, later, read };
    });
  const told = clauses.map(
    ({ earlier, later, read }) =>
      `${tell(read)} in knowledge of ${content(earlier)} ${where(earlier)}, ` +
      `so ${content(later)} ${where(later)} is the later one`,
  );
  const more = clauses.length > 2 ? `, and so on in a circle of ${clauses.length}` : '';
  return violated(
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
): { operations: readonly Operation[]; sentence: string } {
  const edges = causalEdges(model);
  const path = findPath(model.from.length, edges, a, b) ?? [];
  const last = path.filter((edge) => edges.isHeavy[edge] && edges.to[edge] !== b).at(-1);
  if (last === undefined) return { operations: [], sentence: '' };
  const [from, to] = [edges.from[last] as number, edges.to[last] as number];
  const operations = from === a ? [to] : [from, to];
  return {
    operations: operations.map((op) => operationOf(model, op)),
    sentence: `, and ${tell(operationOf(model, to))}`,
  };
}

function operationOf({ operations }: Model, op: number): Operation {
  return operations[op] as Operation;
}

function isOneSession(a: Operation, b: Operation): boolean {
  return a.session === b.session && a.incarnation === b.incarnation;
}

function did(write: Operation): string {
  const { kind, key, value } = write;
  return `${kind === 'put' ? `put ${key}=${value}` : `deleted ${key}`} ${where(write)}`;
}

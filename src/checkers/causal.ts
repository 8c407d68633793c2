// Causal consistency (CC) and causal convergence (CCv): Bouajjani, Enea, Guerraoui and Hamza, "On
// Verifying Causal Consistency" (POPL 2017), definitions in sections 3.2 and 3.4, bad patterns in
// section 5. Both take O(n k) for n operations of k sessions, apart from binary searches: of one
// session's writes to one key, only the last one that a read can know of matters.
import { type CausalPast, createCausalPast, isBefore } from './causalPast.ts';
import {
  type ConflictEdges,
  cyclicCF,
  cyclicCO,
  readOfInitial,
  readOfOverwritten,
} from './causalWitness.ts';
import { at, type HistoryTable } from './historyTable.ts';
import type { ClocksOf } from './narrowing.ts';
import { INITIAL, THIN_AIR } from './readsFrom.ts';
import { broken, HOLDS, type Judgement } from './verdict.ts';
import { tellUnwritten } from './words.ts';
import { createWritesByKey, latestBelow, type WritesByKey } from './writesByKey.ts';

/** The input of every causal checker: the causal past of all operations, and whether CC holds. */
export interface CausalView {
  readonly table: HistoryTable;
  readonly index: WritesByKey;
  /** Undefined only if CC is broken. */
  readonly past: CausalPast | undefined;
  readonly causal: Judgement;
  /** The edges of CF that are not in CO. Complete only if CC holds. */
  readonly conflicts: ConflictEdges;
}

export function viewCausally(table: HistoryTable): CausalView {
  const index = createWritesByKey(table);
  const conflicts: ConflictEdges = { earlier: [], later: [], read: [] };
  const thinAir = findThinAir(table);
  const past = thinAir === undefined ? createCausalPast(table) : undefined;
  const causal =
    thinAir ??
    (past === undefined ? cyclicCO(table) : judgeReads(table, past, index, conflicts)) ??
    HOLDS;
  return { table, index, past, causal, conflicts };
}

/** The same clocks for every session: those of CO. */
export function orderCausally(table: HistoryTable): ClocksOf {
  const past = createCausalPast(table);
  // If CO has a cycle, every interpretation breaks CC, and clocks can rule out no candidate.
  const clocks = past?.clocks ?? new Int32Array(table.from.length * table.sessionOrderCount);
  return () => clocks;
}

/** CCv: CC holds, and one total order of all writes agrees with what every session has read. */
export function judgeConvergence({ table, causal, conflicts }: CausalView): Judgement {
  return causal.outcome === 'holds' ? (cyclicCF(table, conflicts) ?? HOLDS) : causal;
}

/** Finds a read of a value that no write has written. Such a read breaks every level. */
export function findThinAir(table: HistoryTable): Judgement | undefined {
  const read = table.from.indexOf(THIN_AIR);
  if (read < 0) return undefined;
  const operation = table.operations[read] as HistoryTable['operations'][number];
  const version = operation.version === null ? '' : ` under the version ${operation.version}`;
  return broken('ThinAirRead', [operation], tellUnwritten(operation, version));
}

function judgeReads(
  table: HistoryTable,
  { clocks, order }: CausalPast,
  index: WritesByKey,
  conflicts: ConflictEdges,
): Judgement | undefined {
  const { key, from, starts, isWrite, sessionOrderCount: width } = table;
  const { groupsOf, groupSessionOrder } = index;
  for (const op of order) {
    if (at(isWrite, op) === 1) continue;
    const source = at(from, op);
    const last = at(groupsOf, at(key, op) + 1);
    for (let group = at(groupsOf, at(key, op)); group < last; group += 1) {
      const sessionOrder = at(groupSessionOrder, group);
      const known = at(clocks, op * width + sessionOrder);
      if (known === 0) continue;
      const write = latestBelow(index, group, at(starts, sessionOrder) + known);
      if (write < 0 || write === source) continue;
      if (source === INITIAL) return readOfInitial(table, write, op);
      if (isBefore(table, clocks, source, write)) return readOfOverwritten(table, write, op);
      if (isBefore(table, clocks, write, source)) continue;
      conflicts.earlier.push(write);
      conflicts.later.push(source);
      conflicts.read.push(op);
    }
  }
  return undefined;
}

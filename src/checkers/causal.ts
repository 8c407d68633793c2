// Causal consistency, CC, and causal convergence, CCv: Bouajjani, Enea, Guerraoui and Hamza, "On
// Verifying Causal Consistency" (POPL 2017), definitions in sections 3.2 and 3.4, bad patterns in
// section 5. Both take O(n k) for n operations of k sessions, give or take a bisection: among the
// writes of one session to one key only the last one that a read can have known matters.
import { type CausalPast, createCausalPast, isBefore } from './causalPast.ts';
import {
  type ConflictEdges,
  cyclicCF,
  cyclicCO,
  readOfInitial,
  readOfOverwritten,
} from './causalWitness.ts';
import { at, type Model } from './model.ts';
import type { ClocksOf } from './narrowing.ts';
import { INITIAL, NOBODY } from './readsFrom.ts';
import { broken, HOLDS, type Judgement } from './verdict.ts';
import { tell } from './words.ts';
import { createWritesByKey, latestBelow, type WritesByKey } from './writesByKey.ts';

/** What every causal checker begins with: the past of all operations, and whether CC holds. */
export interface CausalView {
  readonly model: Model;
  readonly index: WritesByKey;
  /** Undefined only where CC is broken. */
  readonly past: CausalPast | undefined;
  readonly causal: Judgement;
  /** CF, without what CO contains. Complete only where CC holds. */
  readonly conflicts: ConflictEdges;
}

export function viewCausally(model: Model): CausalView {
  const index = createWritesByKey(model);
  const conflicts: ConflictEdges = { earlier: [], later: [], read: [] };
  const thinAir = findThinAir(model);
  const past = thinAir === undefined ? createCausalPast(model) : undefined;
  const causal =
    thinAir ??
    (past === undefined ? cyclicCO(model) : judgeReads(model, past, index, conflicts)) ??
    HOLDS;
  return { model, index, past, causal, conflicts };
}

/** What every session can have known: CO. */
export function orderCausally(model: Model): ClocksOf {
  const past = createCausalPast(model);
  // Where CO has a cycle every reading is broken, and nothing is to be found out from clocks.
  const clocks = past?.clocks ?? new Int32Array(model.from.length * model.chainCount);
  return () => clocks;
}

/** CCv: CC, and one order of all writes that all sessions can have seen. */
export function judgeConvergence({ model, causal, conflicts }: CausalView): Judgement {
  return causal.outcome === 'holds' ? (cyclicCF(model, conflicts) ?? HOLDS) : causal;
}

/** A read of what nobody wrote breaks every level. */
export function findThinAir(model: Model): Judgement | undefined {
  const read = model.from.indexOf(NOBODY);
  if (read < 0) return undefined;
  const operation = model.operations[read] as Model['operations'][number];
  const version = operation.version === null ? '' : ` under the version ${operation.version}`;
  return broken('ThinAirRead', [operation], `${tell(operation)}, but nobody wrote that${version}.`);
}

function judgeReads(
  model: Model,
  { clocks, order }: CausalPast,
  index: WritesByKey,
  conflicts: ConflictEdges,
): Judgement | undefined {
  const { key, from, starts, isWrite, chainCount: width } = model;
  const { groupsOf, groupChain } = index;
  for (const op of order) {
    if (at(isWrite, op) === 1) continue;
    const source = at(from, op);
    const last = at(groupsOf, at(key, op) + 1);
    for (let group = at(groupsOf, at(key, op)); group < last; group += 1) {
      const chain = at(groupChain, group);
      const known = at(clocks, op * width + chain);
      if (known === 0) continue;
      const write = latestBelow(index, group, at(starts, chain) + known);
      if (write < 0 || write === source) continue;
      if (source === INITIAL) return readOfInitial(model, write, op);
      if (isBefore(model, clocks, source, write)) return readOfOverwritten(model, write, op);
      if (isBefore(model, clocks, write, source)) continue;
      conflicts.earlier.push(write);
      conflicts.later.push(source);
      conflicts.read.push(op);
    }
  }
  return undefined;
}

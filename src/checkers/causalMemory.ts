// Causal memory (CM): Ahamad, Neiger, Burns, Kohli and Hutto, "Causal memory" (Distributed
// Computing 1995). Decided by the bad patterns of Bouajjani et al. (POPL 2017, section 5): for each
// session the relation HB of its last operation, which contains HB of its earlier operations. PRAM
// (Lipton and Sandberg 1988) is the same check, but only the session's own reads count.
import { type CausalView, findThinAir } from './causal.ts';
import { join, previous } from './causalPast.ts';
import { HappenedBefore } from './happenedBefore.ts';
import { at, type HistoryTable } from './historyTable.ts';
import type { ClocksOf } from './narrowing.ts';
import { share } from './sessionPast.ts';
import { broken, HOLDS, type Judgement } from './verdict.ts';
import { tell } from './words.ts';
import { createWritesByKey } from './writesByKey.ts';

export function judgeCausalMemory({ table, index, past, causal }: CausalView): Judgement {
  if (causal.outcome !== 'holds' || past === undefined) return causal;
  const shared = share(table, index);
  for (let session = 0; session < table.sessionCount; session += 1) {
    const broken = new HappenedBefore(shared, session, undefined).saturate();
    if (broken !== undefined) return broken;
  }
  return HOLDS;
}

/** PRAM: every session sees all writes, those of each session in the order of that session. */
export function judgePram(table: HistoryTable): Judgement {
  const thinAir = findThinAir(table);
  if (thinAir !== undefined) return thinAir;
  const shared = share(table, createWritesByKey(table));
  for (let session = 0; session < table.sessionCount; session += 1) {
    const future = findReadOfFuture(table, session);
    if (future !== undefined) return future;
    const broken = new HappenedBefore(shared, session, session).saturate();
    if (broken !== undefined) return broken;
  }
  return HOLDS;
}

/** For each session, clocks that count only the reads of that session. */
export function orderBySessions(table: HistoryTable): ClocksOf {
  const clocks = new Map<number, Int32Array>();
  return (session) => {
    const known = clocks.get(session) ?? clocksOfOne(table, session);
    clocks.set(session, known);
    return known;
  };
}

/** Finds a read that returns a write which its own session issues later. */
function findReadOfFuture(table: HistoryTable, session: number): Judgement | undefined {
  const { starts, sessionOrder, from, operations, sessionCount, parent } = table;
  for (let op = at(starts, session); op < at(starts, session + 1); op += 1) {
    const source = at(from, op);
    if (source <= op) continue;
    const own = at(sessionOrder, source);
    // An unanswered write comes after the operations that its session issued before it.
    const after = own < sessionCount ? source : at(parent, own);
    if (after < op || after >= at(starts, session + 1)) continue;
    const [w, r] = [operations[source], operations[op]] as [Operation, Operation];
    return broken('CyclicCO', [r, w], `${tell(r)} before that was written: ${tell(w)}.`);
  }
  return undefined;
}

type Operation = HistoryTable['operations'][number];

/** The clocks of the session orders and of this one session's reads. */
function clocksOfOne(table: HistoryTable, session: number): Int32Array {
  const { sessionOrderCount: width, sessionOrder, from, starts } = table;
  const clocks = new Int32Array(from.length * width);
  const fill = (op: number): void => {
    const before = previous(table, op);
    if (before >= 0) clocks.copyWithin(op * width, before * width, before * width + width);
    clocks[op * width + at(sessionOrder, op)] = op - at(starts, at(sessionOrder, op)) + 1;
  };
  const isOwn = (op: number): boolean => op >= 0 && at(sessionOrder, op) === session;
  // Each operation is handled after those it depends on: first the other sessions, then this
  // session with the unanswered writes that it has read, then the unanswered writes that only
  // others have read.
  for (let op = 0; op < from.length; op += 1) {
    if (!isOwn(op) && !isOwn(previous(table, op))) fill(op);
  }
  for (let op = at(starts, session); op < at(starts, session + 1); op += 1) {
    fill(op);
    const source = at(from, op);
    if (source < 0 || source === op) continue;
    if (!isOwn(source) && isOwn(previous(table, source))) fill(source);
    join(clocks, op * width, source * width, width);
  }
  for (let op = at(starts, table.sessionCount); op < from.length; op += 1) {
    if (isOwn(previous(table, op))) fill(op);
  }
  return clocks;
}

// Causal memory, CM: Ahamad, Neiger, Burns, Kohli and Hutto, "Causal memory" (Distributed Computing
// 1995), decided by the bad patterns of Bouajjani et al. (POPL 2017, section 5): for each session
// the relation HB of its last operation, which contains those of its earlier ones. PRAM (Lipton and
// Sandberg 1988) is the same question with less known: of the reads, only the session's own.
import { type CausalView, findThinAir } from './causal.ts';
import { join, previous } from './causalPast.ts';
import { HappenedBefore } from './happenedBefore.ts';
import { at, type Model } from './model.ts';
import type { ClocksOf } from './narrowing.ts';
import { broken, HOLDS, type Judgement } from './verdict.ts';
import { tell } from './words.ts';
import { createWritesByKey } from './writesByKey.ts';

export function judgeCausalMemory({ model, index, past, causal }: CausalView): Judgement {
  if (causal.outcome !== 'holds' || past === undefined) return causal;
  for (let session = 0; session < model.sessionCount; session += 1) {
    const last = at(model.starts, session + 1) - 1;
    const members = past.clocks.slice(last * model.chainCount, (last + 1) * model.chainCount);
    const known = { clocks: past.clocks.slice(), members, heardBy: undefined };
    const broken = new HappenedBefore(model, index, session, known).saturate();
    if (broken !== undefined) return broken;
  }
  return HOLDS;
}

/** Every session sees all writes, each other session's in the order of that session. */
export function judgePram(model: Model): Judgement {
  const thinAir = findThinAir(model);
  if (thinAir !== undefined) return thinAir;
  const index = createWritesByKey(model);
  for (let session = 0; session < model.sessionCount; session += 1) {
    const future = findReadOfFuture(model, session);
    if (future !== undefined) return future;
    const clocks = clocksOfOne(model, session);
    const members = Int32Array.from(
      { length: model.chainCount },
      (_, chain) => at(model.starts, chain + 1) - at(model.starts, chain),
    );
    const known = { clocks, members, heardBy: session };
    const broken = new HappenedBefore(model, index, session, known).saturate();
    if (broken !== undefined) return broken;
  }
  return HOLDS;
}

/** What one session can have known, by what it has read itself. */
export function orderBySessions(model: Model): ClocksOf {
  const clocks = new Map<number, Int32Array>();
  return (session) => {
    const known = clocks.get(session) ?? clocksOfOne(model, session);
    clocks.set(session, known);
    return known;
  };
}

/** A session that reads what it will only write later. */
function findReadOfFuture(model: Model, session: number): Judgement | undefined {
  const { starts, chain, from, operations, sessionCount, parent } = model;
  for (let op = at(starts, session); op < at(starts, session + 1); op += 1) {
    const source = at(from, op);
    if (source <= op) continue;
    const own = at(chain, source);
    // An unanswered write is after what its session did before it.
    const after = own < sessionCount ? source : at(parent, own);
    if (after < op || after >= at(starts, session + 1)) continue;
    const [w, r] = [operations[source], operations[op]] as [Operation, Operation];
    return broken('CyclicCO', [r, w], `${tell(r)} before that was written: ${tell(w)}.`);
  }
  return undefined;
}

type Operation = Model['operations'][number];

/** Sessions' orders, and what the one session has read. */
function clocksOfOne(model: Model, session: number): Int32Array {
  const { chainCount: width, chain, from, starts } = model;
  const clocks = new Int32Array(from.length * width);
  const fill = (op: number): void => {
    const before = previous(model, op);
    if (before >= 0) clocks.copyWithin(op * width, before * width, before * width + width);
    clocks[op * width + at(chain, op)] = op - at(starts, at(chain, op)) + 1;
  };
  const isOwn = (op: number): boolean => op >= 0 && at(chain, op) === session;
  // What the session depends on comes first: all others, then it, with its open writes as it reads
  // them, then those that only others have read.
  for (let op = 0; op < from.length; op += 1) {
    if (!isOwn(op) && !isOwn(previous(model, op))) fill(op);
  }
  for (let op = at(starts, session); op < at(starts, session + 1); op += 1) {
    fill(op);
    const source = at(from, op);
    if (source < 0 || source === op) continue;
    if (!isOwn(source) && isOwn(previous(model, source))) fill(source);
    join(clocks, op * width, source * width, width);
  }
  for (let op = at(starts, model.sessionCount); op < from.length; op += 1) {
    if (isOwn(previous(model, op))) fill(op);
  }
  return clocks;
}

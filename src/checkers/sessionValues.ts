// Read your writes and monotonic reads when a history has neither versions nor vectors: broken if
// no order of a key's writes could excuse what one session saw (Terry et al., PDIS 1994, section 3,
// with the servers' order left open).
import type { Operation } from '../kernel/history.ts';
import { at, type Model } from './model.ts';
import { INITIAL } from './readsFrom.ts';
import { broken, HOLDS, type Judgement, type SessionGuarantee, undecided } from './verdict.ts';
import { content, tell, where } from './words.ts';

export function judgeByValues(model: Model, guarantee: SessionGuarantee): Judgement {
  if (guarantee === 'read-your-writes') return judgeEachSession(model, ownWrites);
  if (guarantee === 'monotonic-reads') return judgeEachSession(model, goingBack);
  return undecided('the history has neither versions nor what the servers had applied');
}

type JudgeSession = (model: Model, start: number, end: number) => Judgement | undefined;

function judgeEachSession(model: Model, judge: JudgeSession): Judgement {
  for (let session = 0; session < model.sessionCount; session += 1) {
    const broken = judge(model, at(model.starts, session), at(model.starts, session + 1));
    if (broken !== undefined) return broken;
  }
  return HOLDS;
}

/**
 * Of two own writes that the session reads both, the first must not be read after the second was
 * written. (Any longer circle of such reads contains one of two.)
 */
function ownWrites(model: Model, start: number, end: number): Judgement | undefined {
  const { key, from, isWrite, operations } = model;
  const readBack = new Set<number>();
  for (let op = start; op < end; op += 1) if (at(isWrite, op) === 0) readBack.add(at(from, op));
  const lastWrite = new Map<number, number>();
  const lastReadBack = new Map<number, number>();
  for (let op = start; op < end; op += 1) {
    if (at(isWrite, op) === 1) {
      lastWrite.set(at(key, op), op);
      if (readBack.has(op)) lastReadBack.set(at(key, op), op);
      continue;
    }
    const source = at(from, op);
    const isOwn = source >= start && source < end;
    const newer = source === INITIAL ? lastWrite.get(at(key, op)) : lastReadBack.get(at(key, op));
    if (newer === undefined || !(source === INITIAL || (isOwn && source < newer))) continue;
    const [w, r] = [operations[newer], operations[op]] as [Operation, Operation];
    const sentence = `${tell(r)} after its own ${content(w)} ${where(w)}.`;
    return broken('ReadYourWrites', [w, r], sentence);
  }
  return undefined;
}

/** Once a session has read something else of a key, it must not read again what it had before. */
function goingBack(model: Model, start: number, end: number): Judgement | undefined {
  const { key, from, isWrite, operations } = model;
  const lastRead = new Map<number, number>();
  const left = new Map<number, Set<number>>();
  for (let op = start; op < end; op += 1) {
    if (at(isWrite, op) === 1) continue;
    const last = lastRead.get(at(key, op));
    lastRead.set(at(key, op), op);
    if (last === undefined || at(from, last) === at(from, op)) continue;
    const sources = left.get(at(key, op)) ?? new Set();
    left.set(at(key, op), sources.add(at(from, last)));
    if (!sources.has(at(from, op)) && at(from, op) !== INITIAL) continue;
    const [before, r] = [operations[last], operations[op]] as [Operation, Operation];
    const again = sources.has(at(from, op)) ? ' again' : '';
    const sentence = `${tell(r)}${again}, after it had read ${content(before)} ${where(before)}.`;
    return broken('MonotonicReads', [before, r], sentence);
  }
  return undefined;
}

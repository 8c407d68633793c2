// Makes a witness sufficient and small: its operations, judged as a history of their own, break the
// level, and none of them can be left out. A checker names the operations that show what it found;
// this adds the others that the proof needs, and removes those that it does not need.

import { isPlain, type Recorded } from './history.ts';
import { isWrite, normalize } from './normalize.ts';
import { Sources } from './sources.ts';
import { explainThinAir, tellForetold, withUndone } from './thinAir.ts';
import { cutAt, findTurns } from './turns.ts';
import { findUnwritten } from './unwritten.ts';
import type { Judgement, Level, Pattern, Witness } from './verdict.ts';

/** How many operations may be judged to make a witness smaller. */
const MOST_WORK = 400_000;

/** Larger parts are first tried with one source of each read. */
const MANY = 50;

type Judge = (part: readonly Recorded[]) => Judgement;

/** Gives the part without some of its operations, if what is left is still broken. */
type LeaveOut = (
  part: readonly Recorded[],
  some: readonly Recorded[],
) => readonly Recorded[] | undefined;

/** A faster way to learn whether a part is broken; undefined if it does not tell. */
type IsBroken = (part: readonly Recorded[]) => boolean | undefined;

interface Trials<One extends Recorded> {
  readonly isBroken?: IsBroken | undefined;
  /** Judges what is left in the end, whatever the trials have cost. */
  readonly judgeLast?: (part: readonly One[]) => Judgement;
}

/** `judgePart` judges a part of the history for the level. */
export function shorten<One extends Recorded>(
  history: readonly One[],
  level: Level,
  { pattern, operations, sentence }: Witness,
  judgePart: (part: readonly One[]) => Judgement,
  { isBroken, judgeLast = judgePart }: Trials<One> = {},
): Witness {
  // A part contains only operations of the history, so it has the type of the history.
  const judge = judgePart as Judge;
  const [read] = operations;
  if (pattern === 'ThinAirRead' && operations.length === 1) {
    return explainThinAir(history, read as Recorded);
  }
  const setup = { level, judge, isThinAir: pattern === 'ThinAirRead' };
  let part = new Shortening(history, { ...setup, isBroken }).shorten(operations);
  // A part of a mixed history may have only puts, gets and deletes.
  if (!isPlain(history) && isPlain(part)) part = new Shortening(part, setup).shorten(part);
  const judged = (judgeLast as Judge)(part);
  if (judged.outcome !== 'broken') return { pattern, operations: part, sentence };
  const foretold = pattern === 'NoLinearization' ? tellForetold(part) : undefined;
  return withUndone(history, { ...judged.witness, ...foretold, operations: part });
}

interface Setup {
  readonly level: Level;
  readonly judge: Judge;
  /** Whether the history has a read that nothing explains. */
  readonly isThinAir: boolean;
  readonly isBroken?: IsBroken | undefined;
}

class Shortening {
  readonly #history: readonly Recorded[];
  readonly #level: Level;
  readonly #judge: Judge;
  readonly #isQuicklyBroken: IsBroken | undefined;
  readonly #isThinAir: boolean;
  /** Whether there are only puts, gets and deletes. Others affect all that follows. */
  readonly #isPlain: boolean;
  #sources: Sources | undefined;
  /** In a history with other operations: those without which the rest is not broken. */
  readonly #needed = new Set<Recorded>();
  #work = 0;

  constructor(history: readonly Recorded[], { level, judge, isThinAir, isBroken }: Setup) {
    this.#isThinAir = isThinAir;
    this.#isQuicklyBroken = isBroken;
    this.#history = history;
    this.#level = level;
    this.#judge = judge;
    this.#isPlain = isPlain(history);
  }

  shorten(named: readonly Recorded[]): readonly Recorded[] {
    let part = this.#reduce(this.#startFrom(named));
    if (this.#isPlain) return this.#tighten(part);
    if (this.#level !== 'linearizable') return part;
    // A smaller part has fewer overlaps, so it may have more turns.
    for (let cut = this.#fromLastTurn(part); cut.length < part.length; ) {
      part = this.#reduce(cut);
      cut = this.#fromLastTurn(part);
    }
    return part;
  }

  /** The named operations with their sources or, if these do not suffice, as much as is needed. */
  #startFrom(named: readonly Recorded[]): readonly Recorded[] {
    if (this.#isPlain) {
      const sources = new Sources(this.#history, named, this.#level);
      this.#sources = sources;
      const wanted = new Set([...named, ...named.flatMap((read) => sources.of(read))]);
      const part = this.#history.filter((operation) => wanted.has(operation));
      if (this.#isBroken(part)) return this.#withFewSources(named, part);
    }
    const whole =
      this.#level === 'linearizable' ? this.#fromLastTurn(this.#upTo(named)) : this.#history;
    if (this.#isPlain) this.#sources = new Sources(whole, whole, this.#level);
    return whole;
  }

  /**
   * Where values repeat, a read may have thousands of sources. If the one that began last suffices,
   * the others need not be left out one by one.
   */
  #withFewSources(named: readonly Recorded[], part: readonly Recorded[]): readonly Recorded[] {
    if (part.length <= MANY) return part;
    const wanted = new Set(named);
    for (const read of named) {
      const last = this.#sources?.lastOf(read);
      if (last !== undefined) wanted.add(last);
    }
    const few = part.filter((operation) => wanted.has(operation));
    const isSame = part.every((operation) => wanted.has(operation) || operation.kind === 'put');
    return isSame && this.#isBroken(few) ? few : part;
  }

  /**
   * Only the keys of the named operations, up to their end: linearizability is local, and later
   * operations cannot repair it.
   */
  #upTo(named: readonly Recorded[]): readonly Recorded[] {
    const keys = new Set(named.map(({ key }) => key));
    const whole = this.#history.filter(({ key }) => keys.has(key));
    const end = Math.max(...named.map(({ returnedAt }) => returnedAt ?? Number.NEGATIVE_INFINITY));
    const isLater = (operation: Recorded): boolean =>
      operation.invokedAt > end || (!isWrite(operation) && (operation.returnedAt ?? end) > end);
    const out = whatNothingFollows(whole, whole.filter(isLater));
    const part = whole.filter((operation) => !out.has(operation));
    return this.#isBroken(part) ? part : whole;
  }

  /** Starts at the last turn from which on the level is still broken. */
  #fromLastTurn(whole: readonly Recorded[]): readonly Recorded[] {
    const turns = findTurns(whole);
    const from = (turn: Recorded | undefined): readonly Recorded[] =>
      turn === undefined ? whole : cutAt(whole, turn);
    let [low, high] = [0, 1];
    while (high <= turns.length && !this.#isBroken(from(turns[high - 1])))
      [low, high] = [high, 2 * high];
    high = Math.min(high, turns.length + 1);
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if (this.#isBroken(from(turns[middle - 1]))) high = middle;
      else low = middle;
    }
    return from(turns[high - 1]);
  }

  /** Delta debugging (Zeller and Hildebrandt, TSE 2002): tries to leave out larger parts first. */
  #reduce(
    whole: readonly Recorded[],
    leaveOut: LeaveOut = (part, some) => this.#withReads(part, some),
  ): readonly Recorded[] {
    let part = whole;
    const pass = (size: number): void => {
      for (let end = part.length; end > 0; end = Math.min(end, part.length) - size) {
        if (this.#work >= MOST_WORK) return;
        const left = leaveOut(part, part.slice(Math.max(0, end - size), end));
        if (left !== undefined && left.length > 0) part = left;
      }
    };
    for (let size = part.length >> 1; size > 1; size >>= 1) pass(size);
    for (let before = part.length + 1; part.length < before; ) {
      before = part.length;
      pass(1);
    }
    return part;
  }

  #withReads(
    part: readonly Recorded[],
    some: readonly Recorded[],
  ): readonly Recorded[] | undefined {
    const left = this.#without(part, some);
    if (left.length === part.length) return undefined;
    if (this.#isPlain) return this.#isBroken(left) ? left : undefined;
    // What is left out here only forbids orders, so what is needed now is needed in each part.
    const isLeft = new Set(left);
    const out = part.filter((operation) => !isLeft.has(operation));
    if (out.some((operation) => this.#needed.has(operation))) return undefined;
    if (this.#isBroken(left)) return left;
    if (out.length === 1) this.#needed.add(out[0] as Recorded);
    return undefined;
  }

  /** Leaves out a write together with the reads that may have returned it. */
  #without(part: readonly Recorded[], some: readonly Recorded[]): readonly Recorded[] {
    const out = this.#isPlain ? new Set(some) : this.#whatMayGo(part, some);
    const isOf = this.#sources?.isOf(out) ?? (() => false);
    return part.filter((operation) => !out.has(operation) && !isOf(operation));
  }

  /** Without a clock, what was written last may explain any read of its key. */
  #whatMayGo(part: readonly Recorded[], some: readonly Recorded[]): ReadonlySet<Recorded> {
    if (this.#level === 'linearizable') return whatNothingFollows(part, some);
    const out = new Set(some);
    const kept = new Set(part.filter((one) => !out.has(one)).map(({ key }) => key));
    return new Set(some.filter((one) => isIdle(one) || !kept.has(one.key)));
  }

  /**
   * Leaves out writes also where reads stay that may have returned them: equal writes, of which one
   * suffices, and writes that only might have been read. With all of those that might, the part
   * must still be broken, or a read would be accused of what the history explains.
   */
  #tighten(whole: readonly Recorded[]): readonly Recorded[] {
    const sources = this.#sources;
    if (sources === undefined) return whole;
    const close = (part: readonly Recorded[]): readonly Recorded[] => {
      const wanted = new Set([...part, ...part.flatMap((read) => sources.of(read))]);
      return this.#history.filter((operation) => wanted.has(operation));
    };
    return this.#reduce(whole, (part, out) => {
      const isOut = new Set(out);
      const left = part.filter((operation) => !isOut.has(operation));
      if (!sources.explain(left)) return undefined;
      const pattern = this.#findPattern(left);
      if (pattern === undefined) return undefined;
      // Without a deletion, a key that was found absent is one that was never written.
      const isSame = out.every(({ kind }) => kind === 'put');
      const closed = isSame ? pattern : this.#findPattern(close(left));
      const isDeletion = out.some(({ kind }) => kind === 'delete');
      return closed !== undefined && (closed === pattern || !isDeletion) ? left : undefined;
    });
  }

  /** A part that only lacks what a read has returned says nothing about the history. */
  #isBroken(part: readonly Recorded[]): boolean {
    if (!this.#isPlain && !this.#isThinAir && hasUnwritten(part)) return false;
    const isBroken = this.#work < MOST_WORK ? this.#isQuicklyBroken?.(part) : undefined;
    if (isBroken === undefined) return this.#findPattern(part) !== undefined;
    this.#work += part.length;
    return isBroken;
  }

  /** How the part breaks the level; undefined where it does not, or where the work is spent. */
  #findPattern(part: readonly Recorded[]): Pattern | undefined {
    this.#work += part.length;
    if (this.#work >= MOST_WORK || part.length === 0) return undefined;
    const judged = this.#judge(part);
    return judged.outcome === 'broken' ? judged.witness.pattern : undefined;
  }
}

function hasUnwritten(part: readonly Recorded[]): boolean {
  const normalized = normalize(part);
  return findUnwritten(normalized, new Uint8Array(normalized.keys.length).fill(1)) !== undefined;
}

function isIdle(operation: Recorded): boolean {
  return !isWrite(operation) || (operation.kind === 'cas' && operation.isSet === false);
}

/**
 * The operations of `some` that can be removed from the end: those without effect, and those that
 * start after all remaining ones have ended.
 */
function whatNothingFollows(
  part: readonly Recorded[],
  some: readonly Recorded[],
): ReadonlySet<Recorded> {
  const out = new Set(some.filter(isIdle));
  const lastFirst = some.filter((one) => !isIdle(one));
  lastFirst.sort((a, b) => b.invokedAt - a.invokedAt);
  for (const operation of lastFirst) {
    const isLast = part.every(
      (other) =>
        other === operation || out.has(other) || (other.returnedAt ?? 0) < operation.invokedAt,
    );
    if (!isLast) break;
    out.add(operation);
  }
  return out;
}

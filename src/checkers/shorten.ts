// Makes a witness that suffices and is small: operations that break the level when they are judged
// as a history of their own, of which none can be left out. A checker names operations that show
// what it has found; what else is needed for that is added here, and what is not is taken away.

import { isPlain, type Recorded } from './history.ts';
import { isPending, isWrite } from './normalize.ts';
import { Sources } from './sources.ts';
import { explainThinAir, tellForetold } from './thinAir.ts';
import type { Judgement, Level, Witness } from './verdict.ts';

/** How many operations may be judged for the sake of a smaller witness. */
const MOST_WORK = 400_000;

type Judge = (part: readonly Recorded[]) => Judgement;

/** `judge` judges a part of the history for the level. */
export function shorten<One extends Recorded>(
  history: readonly One[],
  level: Level,
  { pattern, operations, sentence }: Witness,
  judgePart: (part: readonly One[]) => Judgement,
): Witness {
  // A part has no operations but those of the history.
  const judge = judgePart as Judge;
  const [read] = operations;
  if (pattern === 'ThinAirRead' && operations.length === 1) {
    return explainThinAir(history, read as Recorded);
  }
  let part = new Shortening(history, level, judge).shorten(operations);
  // What is left of a history of many kinds may be one of puts and gets.
  if (!isPlain(history) && isPlain(part)) part = new Shortening(part, level, judge).shorten(part);
  const judged = judge(part);
  if (judged.outcome !== 'broken') return { pattern, operations: part, sentence };
  const foretold = pattern === 'NoLinearization' ? tellForetold(part) : undefined;
  return { ...judged.witness, ...foretold, operations: part };
}

class Shortening {
  readonly #history: readonly Recorded[];
  readonly #level: Level;
  readonly #judge: Judge;
  /** Of appends and compare-and-sets, each bears on all that follow. */
  readonly #isPlain: boolean;
  #sources: Sources | undefined;
  #work = 0;

  constructor(history: readonly Recorded[], level: Level, judge: Judge) {
    this.#history = history;
    this.#level = level;
    this.#judge = judge;
    this.#isPlain = isPlain(history);
  }

  shorten(named: readonly Recorded[]): readonly Recorded[] {
    let part = this.#reduce(this.#startFrom(named));
    if (this.#isPlain) return part;
    // Where less overlaps, there are more turns.
    for (let before = part.length + 1; part.length < before; ) {
      before = part.length;
      part = this.#reduce(this.#fromLastTurn(part));
    }
    return part;
  }

  /** What was named with what it needs or, if that does not suffice, as much as is needed. */
  #startFrom(named: readonly Recorded[]): readonly Recorded[] {
    if (this.#isPlain) {
      const sources = new Sources(this.#history, named, this.#level);
      this.#sources = sources;
      const wanted = new Set([...named, ...named.flatMap((read) => sources.of(read))]);
      const part = this.#history.filter((operation) => wanted.has(operation));
      if (this.#isBroken(part)) return part;
    }
    const whole =
      this.#level === 'linearizable' ? this.#fromLastTurn(this.#upTo(named)) : this.#history;
    if (this.#isPlain) this.#sources = new Sources(whole, whole, this.#level);
    return whole;
  }

  /** Linearizability is local, and nothing that comes later mends it. */
  #upTo(named: readonly Recorded[]): readonly Recorded[] {
    const keys = new Set(named.map(({ key }) => key));
    const whole = this.#history.filter(({ key }) => keys.has(key));
    const end = Math.max(...named.map(({ returnedAt }) => returnedAt ?? Number.NEGATIVE_INFINITY));
    const isLater = (operation: Recorded): boolean =>
      operation.invokedAt > end || (!isWrite(operation) && (operation.returnedAt ?? end) > end);
    const part = whole.filter(
      (operation) => !whatNothingFollows(whole, whole.filter(isLater)).has(operation),
    );
    return this.#isBroken(part) ? part : whole;
  }

  /**
   * From the last write on that leaves one value whatever was before, that nothing overlaps, and
   * from which on the level is broken. Unanswered writes may still come after it.
   */
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

  /** Delta debugging (Zeller and Hildebrandt, TSE 2002): larger parts are left out first. */
  #reduce(whole: readonly Recorded[]): readonly Recorded[] {
    let part = whole;
    for (let size = part.length >> 1; size > 1; size >>= 1) part = this.#leaveOut(part, size);
    for (let before = part.length + 1; part.length < before; ) {
      before = part.length;
      part = this.#leaveOut(part, 1);
    }
    return part;
  }

  /** Without any `size` operations in a row that are not needed, the last first. */
  #leaveOut(whole: readonly Recorded[], size: number): readonly Recorded[] {
    let part = whole;
    for (let end = part.length; end > 0; end = Math.min(end, part.length) - size) {
      const left = this.#without(part, part.slice(Math.max(0, end - size), end));
      if (left.length > 0 && left.length < part.length && this.#isBroken(left)) part = left;
    }
    return part;
  }

  /** A write is left out together with the reads that may have returned it. */
  #without(part: readonly Recorded[], some: readonly Recorded[]): readonly Recorded[] {
    const out = this.#isPlain ? new Set(some) : whatNothingFollows(part, some);
    const isOf = this.#sources?.isOf(out) ?? (() => false);
    return part.filter((operation) => !out.has(operation) && !isOf(operation));
  }

  #isBroken(part: readonly Recorded[]): boolean {
    this.#work += part.length;
    return this.#work < MOST_WORK && this.#judge(part).outcome === 'broken';
  }
}

function isOpen(operation: Recorded): boolean {
  return isPending(operation) && isWrite(operation);
}

/** Writes that nothing overlaps, and that do not ask what was before; the last first. */
function findTurns(operations: readonly Recorded[]): Recorded[] {
  const byBegin = [...operations].sort((a, b) => a.invokedAt - b.invokedAt);
  const turns: Recorded[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const [index, operation] of byBegin.entries()) {
    const { kind, outcome, invokedAt } = operation;
    const end = isOpen(operation) ? last : (operation.returnedAt ?? last);
    const next = byBegin[index + 1]?.invokedAt ?? Number.POSITIVE_INFINITY;
    const isBlind = outcome === 'ok' && (kind === 'put' || kind === 'delete');
    if (isBlind && last < invokedAt && end < next) turns.push(operation);
    last = Math.max(last, end);
  }
  return turns.reverse();
}

/** From a turn on, with the last writes before it of what is read after it. */
function cutAt(operations: readonly Recorded[], turn: Recorded): readonly Recorded[] {
  const isLate = (operation: Recorded): boolean =>
    operation.invokedAt >= turn.invokedAt || isOpen(operation);
  const missing = new Set(operations.filter((one) => !isWrite(one) && isLate(one)).map(textOf));
  for (const one of operations) if (isWrite(one) && isLate(one)) missing.delete(textOf(one));
  const lastWrites = new Map<string | null, Recorded>();
  for (const one of operations) {
    if (isWrite(one) && !isLate(one) && missing.has(textOf(one))) lastWrites.set(textOf(one), one);
  }
  const kept = new Set(lastWrites.values());
  return operations.filter((one) => isLate(one) || kept.has(one));
}

function textOf({ kind, value }: Recorded): string | null {
  return kind === 'delete' ? null : value;
}

/** Those that change nothing, and those that begin when all that is left has ended. */
function whatNothingFollows(
  part: readonly Recorded[],
  some: readonly Recorded[],
): ReadonlySet<Recorded> {
  const isIdle = (operation: Recorded): boolean =>
    !isWrite(operation) || (operation.kind === 'cas' && operation.isSet === false);
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

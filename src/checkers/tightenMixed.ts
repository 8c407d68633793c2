// Completes a witness whose compare-and-sets were read as a read and a write, and are whole again.
// Where it needed the write of one, it now has the read too, which needs a source; and of what it
// needed for one half, the other half may spare a part.
import type { Operation } from '../kernel/history.ts';
import type { Recorded } from './history.ts';
import type { ReadsAndWrites } from './readsAndWrites.ts';
import { Sources } from './sources.ts';
import type { Judgement, Level, Witness } from './verdict.ts';

/** How many operations may be judged for that. */
const MOST_WORK = 50_000;

type Part = readonly Recorded[];

/** `judge` judges some of the reads and writes. */
export function tightenMixed(
  readsAndWrites: ReadsAndWrites,
  level: Level,
  witness: Witness,
  judge: (some: readonly Operation[]) => Judgement,
): Witness {
  return new Tightening(readsAndWrites, level, judge).tighten(witness);
}

class Tightening {
  readonly #all: readonly Operation[];
  readonly #recorded: ReadsAndWrites['recorded'];
  readonly #wholes: Part;
  readonly #level: Level;
  readonly #judge: (some: readonly Operation[]) => Judgement;
  #work = 0;

  constructor(
    { operations, recorded }: ReadsAndWrites,
    level: Level,
    judge: (some: readonly Operation[]) => Judgement,
  ) {
    this.#all = operations;
    this.#recorded = recorded;
    this.#wholes = [...new Set(operations.map((half) => this.#wholeOf(half)))];
    this.#level = level;
    this.#judge = judge;
  }

  tighten(named: Witness): Witness {
    if (named.pattern === 'ThinAirRead') return named;
    const alone = this.#breakBy(named.operations);
    const isWhole = alone !== undefined && alone.pattern !== 'ThinAirRead';
    const whole = isWhole ? alone : this.#findWhole(named.operations);
    if (whole === undefined) return named;
    let best = whole;
    const pass = (size: number): void => {
      for (let end = best.operations.length; end > 0 && this.#work < MOST_WORK; ) {
        const some = best.operations.slice(Math.max(0, end - size), end);
        best = this.#without(best, some) ?? best;
        end = Math.min(end - size, best.operations.length);
      }
    };
    for (let size = best.operations.length >> 1; size > 1; size >>= 1) pass(size);
    for (let count = Number.POSITIVE_INFINITY; best.operations.length < count; ) {
      count = best.operations.length;
      pass(1);
    }
    return best === alone ? named : best;
  }

  /** The part with the sources of all that it has read or, if these explain it, everything. */
  #findWhole(part: Part): Witness | undefined {
    return [this.#withAllSources(part), this.#wholes]
      .map((some) => this.#breakBy(some))
      .find((found) => found !== undefined && found.pattern !== 'ThinAirRead');
  }

  /**
   * Operations may go if the rest breaks the level, also with all writes that its reads may have
   * returned, and if no read loses its last source.
   */
  #without(whole: Witness, some: Part): Witness | undefined {
    const out = new Set(some);
    const left = whole.operations.filter((one) => !out.has(one));
    const halves = this.#halvesOf(left);
    const sources = new Sources(this.#all, halves, this.#level);
    const alone = left.length > 0 && sources.explain(halves) ? this.#breakBy(left) : undefined;
    if (alone === undefined || !isSameKind(whole, alone, some)) return undefined;
    const closed = this.#breakBy(this.#withAllSources(left));
    const hasDeletion = some.some(({ kind }) => kind === 'delete');
    const isSame = !hasDeletion || closed?.pattern === alone.pattern;
    return closed !== undefined && isSame ? alone : undefined;
  }

  #breakBy(part: Part): Witness | undefined {
    const halves = this.#halvesOf(part);
    this.#work += halves.length;
    const judged = this.#judge(halves);
    return judged.outcome === 'broken' ? { ...judged.witness, operations: part } : undefined;
  }

  #halvesOf(part: Part): Operation[] {
    const wanted = new Set(part);
    return this.#all.filter((half) => wanted.has(this.#wholeOf(half)));
  }

  #wholeOf(half: Operation): Recorded {
    return this.#recorded.get(half) ?? half;
  }

  /** What was read may itself be the write of a compare-and-set, whose read has sources. */
  #withAllSources(part: Part): Part {
    const more = this.#withSources(part);
    return more.length === part.length ? part : this.#withAllSources(more);
  }

  #withSources(part: Part): Part {
    const halves = this.#halvesOf(part);
    const sources = new Sources(this.#all, halves, this.#level);
    const found = halves.flatMap((read) => sources.of(read)) as Operation[];
    const wanted = new Set([...part, ...found.map((half) => this.#wholeOf(half))]);
    return this.#wholes.filter((one) => wanted.has(one));
  }
}

/** A read that nothing explains any more is no smaller part of what was found. */
function isSameKind(whole: Witness, left: Witness, out: Part): boolean {
  if (left.pattern === whole.pattern) return true;
  return out.every(({ kind }) => kind === 'get') && left.pattern !== 'ThinAirRead';
}

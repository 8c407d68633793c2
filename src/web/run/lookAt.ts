// The servers' states at a cursor of a run in simulation: the run repeated up to there.
import type { NextTurn } from '../../sim/scheduler.ts';
import type { Look, RunSource } from '../view.ts';
import type { States } from './lookAtNodes.ts';
import { type OnStep, Walk } from './walk.ts';

/** A way with so many events ahead is given up for a later request. */
const LONG_WAY = 20_000;
/** A way back begins anew, so it keeps as many looks before its end: the next steps back. */
const STEPS_BACK = 8;
const KEPT_LOOKS = 200;

/** Runs a world when no other one runs. */
export type WhenFree = <T>(task: () => Promise<T>) => Promise<T>;

/** Answers looks at the cursors of a source, one at a time. A way forward goes on where one is. */
export class Looker {
  readonly #whenFree: WhenFree;
  readonly #nextTurn: NextTurn | undefined;
  readonly #statesByCursor = new Map<number, Promise<States>>();
  #source: RunSource | undefined;
  #walk: Walk | undefined;
  #asked = 0;

  constructor(whenFree: WhenFree, nextTurn?: NextTurn) {
    this.#whenFree = whenFree;
    this.#nextTurn = nextTurn;
  }

  /** Undefined if the run ends before, or a later request makes this one void. */
  async at(source: RunSource, cursor: number): Promise<Look | undefined> {
    this.#asked += 1;
    const number = this.#asked;
    this.#turnTo(source);
    const kept = this.#statesByCursor.get(cursor);
    if (kept !== undefined) return { cursor, ...(await kept) };
    // A way that is nearly over goes on to its end, so that quick moves show something.
    if ((this.#walk?.ahead ?? 0) > LONG_WAY) this.#walk?.pause();
    return this.#whenFree(() => this.#go(source, cursor, () => number === this.#asked));
  }

  /** Makes all requests so far void. */
  giveUp(): void {
    this.#asked += 1;
    this.#walk?.pause();
  }

  async #go(source: RunSource, cursor: number, isWanted: () => boolean): Promise<Look | undefined> {
    if (!isWanted()) return undefined;
    const walk = this.#walk;
    if (walk !== undefined && (!isSame(walk.source, source) || walk.count > cursor)) {
      await walk.end();
      this.#walk = undefined;
    }
    if (!isWanted()) return undefined;
    this.#walk ??= new Walk(source, this.#nextTurn);
    const isBack = this.#walk.count === 0;
    const states = await this.#walk.to(cursor, isBack ? this.#keepLast(cursor) : undefined);
    if (states === undefined) return undefined;
    if (this.#source !== undefined && isSame(source, this.#source))
      this.#keep(cursor, Promise.resolve(states));
    return { cursor, ...states };
  }

  /** Keeps the looks at the cursors right before. Several cursors may have the same states. */
  #keepLast(cursor: number): OnStep {
    const source = this.#source;
    let former = 0;
    return (count, look) => {
      const first = Math.max(former + 1, cursor - STEPS_BACK);
      const last = Math.min(count, cursor - 1);
      former = count;
      const states = first > last ? undefined : look();
      if (states === undefined || this.#source !== source) return;
      for (let at = first; at <= last; at += 1) this.#keep(at, states);
    };
  }

  #turnTo(source: RunSource): void {
    if (this.#source !== undefined && isSame(source, this.#source)) return;
    this.#source = source;
    this.#statesByCursor.clear();
    this.#walk?.pause();
  }

  #keep(cursor: number, states: Promise<States>): void {
    const [oldest] = this.#statesByCursor.keys();
    if (oldest !== undefined && this.#statesByCursor.size >= KEPT_LOOKS) {
      this.#statesByCursor.delete(oldest);
    }
    this.#statesByCursor.set(cursor, states);
  }
}

function isSame(a: RunSource, b: RunSource): boolean {
  const { script, protocol, seed, faults } = a;
  const isOne = script === b.script && protocol === b.protocol;
  return isOne && seed === b.seed && faults === b.faults;
}

// The servers' states at a cursor: the run repeated up to there. One event of the simulation may
// leave several in the trace: then the states are those when all its consequences are over.
import type { NextTurn } from '../../sim/scheduler.ts';
import type { Look, RunSource } from '../view.ts';
import type { States } from './lookAtNodes.ts';
import { prepare } from './runScript.ts';
import { hookTurns } from './turnHook.ts';

/** A look that has so many events before it is given up for a later request. */
const LONG_WAY = 20_000;
const KEPT_LOOKS = 200;
const SILENT = { answer: () => undefined, diagnostic: () => undefined };

/** Why a repeated run goes no further. */
class Reached extends Error {}

/** One run up to a cursor. */
export class Repetition {
  readonly done: Promise<Look | undefined>;
  readonly #cursor: number;
  #count = 0;
  #states: Promise<States> | undefined;
  #isOver = false;
  #halt: (() => void) | undefined;

  constructor(source: RunSource, cursor: number, nextTurn?: NextTurn) {
    this.#cursor = cursor;
    this.done = this.#repeat(source, nextTurn);
  }

  /** How many events are still to come. */
  get ahead(): number {
    return this.#cursor - this.#count;
  }

  /** `done` then soon resolves with undefined. */
  giveUp(): void {
    this.#isOver = true;
    this.#halt?.();
  }

  async #repeat(source: RunSource, nextTurn: NextTurn | undefined): Promise<Look | undefined> {
    const play = prepare(source, {
      sink: SILENT,
      trace: () => {
        this.#count += 1;
      },
      nextTurn: hookTurns(nextTurn, () => {
        if (this.#isOver || this.#count < this.#cursor) return;
        this.#states = play.look();
        this.giveUp();
      }),
    });
    this.#halt = () => play.halt(new Reached());
    try {
      await play.play();
      if (!this.#isOver && this.#count >= this.#cursor) this.#states = play.look();
    } catch {
      // It was halted; or it fails by itself, which the view of the whole run tells.
    } finally {
      await play.run.stop();
    }
    return this.#states && { cursor: this.#cursor, ...(await this.#states) };
  }
}

/** Runs a world when no other one runs. */
export type WhenFree = <T>(task: () => Promise<T>) => Promise<T>;

/** Answers looks at the cursors of one source, one at a time. */
export class Looker {
  readonly #whenFree: WhenFree;
  readonly #nextTurn: NextTurn | undefined;
  readonly #keptByCursor = new Map<number, Look>();
  #source: RunSource | undefined;
  #current: Repetition | undefined;
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
    const kept = this.#keptByCursor.get(cursor);
    if (kept !== undefined) return kept;
    // A run that is nearly there goes on to its end, so that quick moves show something.
    if ((this.#current?.ahead ?? 0) > LONG_WAY) this.#current?.giveUp();
    return this.#whenFree(async () => {
      if (number !== this.#asked) return undefined;
      this.#current = new Repetition(source, cursor, this.#nextTurn);
      const look = await this.#current.done;
      this.#current = undefined;
      if (look !== undefined && isSame(source, this.#source)) this.#keep(look);
      return look;
    });
  }

  /** Makes all requests so far void. */
  giveUp(): void {
    this.#asked += 1;
    this.#current?.giveUp();
  }

  #turnTo(source: RunSource): void {
    if (isSame(source, this.#source)) return;
    this.#source = source;
    this.#keptByCursor.clear();
    this.#current?.giveUp();
  }

  #keep(look: Look): void {
    const [oldest] = this.#keptByCursor.keys();
    if (oldest !== undefined && this.#keptByCursor.size >= KEPT_LOOKS) {
      this.#keptByCursor.delete(oldest);
    }
    this.#keptByCursor.set(look.cursor, look);
  }
}

function isSame(a: RunSource, b: RunSource | undefined): boolean {
  if (b === undefined) return false;
  const { script, protocol, seed, faults } = a;
  const isOne = script === b.script && protocol === b.protocol;
  return isOne && seed === b.seed && faults === b.faults;
}

// A run that is repeated step by step: it stands still at a cursor, so that the servers' states can
// be read, and goes on from there. One event of the simulation may leave several in the trace: the
// states are those when all its consequences are over.
import { type NextTurn, usualTurn } from '../../sim/scheduler.ts';
import type { RunSource } from '../view.ts';
import type { States } from './lookAtNodes.ts';
import { type Play, prepare } from './runScript.ts';

const SILENT = { answer: () => undefined, diagnostic: () => undefined };

/** Why a repeated run goes no further. */
class Ended extends Error {}

/** Called between two events, with the number of events so far. */
export type OnStep = (count: number, look: () => Promise<States> | undefined) => void;

export class Walk {
  readonly source: RunSource;
  readonly #play: Play;
  readonly #nextTurn: NextTurn;
  /** Turns that came up while the run stood still; none while it goes on. */
  readonly #held: (() => void)[] = [];
  #count = 0;
  #target = 0;
  #isPaused = false;
  /** Nothing more happens: the script is done, or the run has failed or been ended. */
  #isOver = false;
  #arrive: (states: States | undefined) => void = () => undefined;
  #onStep: OnStep | undefined;
  #done: Promise<void> | undefined;

  constructor(source: RunSource, nextTurn: NextTurn | undefined = usualTurn) {
    if (nextTurn === undefined) throw new Error('there is no setImmediate: hand in nextTurn');
    this.source = source;
    this.#nextTurn = nextTurn;
    this.#play = prepare(source, {
      sink: SILENT,
      trace: () => {
        this.#count += 1;
      },
      nextTurn: (task) => nextTurn(() => this.#turn(task)),
    });
  }

  /** How many events have happened. */
  get count(): number {
    return this.#count;
  }

  /** How many events are still to come on the present way. */
  get ahead(): number {
    return this.#target - this.#count;
  }

  /**
   * The states when `cursor` events have happened. Undefined if the run ends before, or `pause` is
   * called. To be called when no other call is under way; with ascending cursors, because time does
   * not go back.
   */
  to(cursor: number, onStep?: OnStep): Promise<States | undefined> {
    const arrived = new Promise<States | undefined>((resolve) => {
      this.#arrive = resolve;
    });
    this.#target = cursor;
    this.#isPaused = false;
    this.#onStep = onStep;
    if (this.#done === undefined) this.#done = this.#run();
    else if (this.#isOver || this.#count >= cursor) this.#stand();
    else this.#release();
    return arrived;
  }

  /** Ends the present way soon, where it is then. The run can go on from there. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Ends the run. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#play.halt(new Ended());
    this.#release();
    // A world takes its fence down in the turn after its end.
    await new Promise<void>((resolve) => {
      this.#nextTurn(resolve);
    });
    await this.#done;
    await this.#play.run.stop();
  }

  async #run(): Promise<void> {
    try {
      await this.#play.play();
    } catch {
      // It was ended; or it fails by itself, which the view of the whole run tells.
    }
    this.#isOver = true;
    this.#stand();
  }

  #turn(task: () => void): void {
    if (this.#isOver) {
      task();
      return;
    }
    if (this.#held.length === 0) {
      this.#onStep?.(this.#count, () => this.#play.look());
      if (this.#count < this.#target && !this.#isPaused) {
        task();
        return;
      }
      this.#stand();
    }
    this.#held.push(task);
  }

  /** Reads the states, and lets other worlds run until the next event. */
  #stand(): void {
    this.#play.rest();
    const isThere = this.#count >= this.#target && !this.#isPaused;
    const states = isThere ? this.#play.look() : undefined;
    if (states === undefined) this.#arrive(undefined);
    else void states.then(this.#arrive);
  }

  #release(): void {
    for (const task of this.#held.splice(0)) this.#nextTurn(() => this.#turn(task));
  }
}

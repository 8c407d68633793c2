// A run that is repeated step by step: it stands still at a cursor, so that the servers' states can
// be read, and goes on from there. One event of the simulation may leave several in the trace: the
// states are those when all its consequences are over.

import { type Play, prepare } from '../../runner/play.ts';
import { type NextTurn, usualTurn } from '../../sim/scheduler.ts';
import type { RunSource } from '../view.ts';
import { lookAtNodes, type States } from './lookAtNodes.ts';

const SILENT = { answer: () => undefined, diagnostic: () => undefined };

/** Why a repeated run goes no further. */
class Ended extends Error {}

/** Called between two events, with the number of events so far. */
export type OnStep = (count: number, look: () => Promise<States> | undefined) => void;

export class Walk {
  readonly source: RunSource;
  readonly #play: Play;
  readonly #nextTurn: NextTurn;
  /** What the world wants to do in its next turns, one in each, in this order. */
  readonly #tasks: (() => void)[] = [];
  #isStanding = false;
  /** How many turns have passed while the run stood still. */
  #missedTurns = 0;
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
      nextTurn: (task) => {
        this.#tasks.push(task);
        nextTurn(this.#turn);
      },
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
    this.#play.cluster?.halt(new Ended());
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

  readonly #look = (): Promise<States> | undefined => {
    const { cluster } = this.#play;
    return cluster && lookAtNodes(cluster);
  };

  readonly #turn = (): void => {
    if (!this.#isOver && this.#standsStill()) this.#missedTurns += 1;
    else this.#tasks.shift()?.();
  };

  #standsStill(): boolean {
    if (this.#isStanding) return true;
    this.#onStep?.(this.#count, this.#look);
    this.#isStanding = this.#count >= this.#target || this.#isPaused;
    if (this.#isStanding) this.#stand();
    return this.#isStanding;
  }

  /** Reads the states, and lets other worlds run until the next event. */
  #stand(): void {
    this.#play.cluster?.rest();
    const isThere = this.#count >= this.#target && !this.#isPaused;
    const states = isThere ? this.#look() : undefined;
    if (states === undefined) this.#arrive(undefined);
    else void states.then(this.#arrive);
  }

  #release(): void {
    this.#isStanding = false;
    const missed = this.#missedTurns;
    this.#missedTurns = 0;
    for (let count = 0; count < missed; count += 1) this.#nextTurn(this.#turn);
  }
}

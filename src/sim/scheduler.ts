// Virtual time. Runs one event after the other; all consequences of the promises that an event
// settles take place before the next event begins.

import type { Cancel } from '../kernel/env.ts';
import { Bug } from '../kernel/errors.ts';
import { EventQueue } from './eventQueue.ts';
import { type Fence, raiseFence } from './fence.ts';
import { type Scheduled, Task } from './heap.ts';

/**
 * The number of events that are queued as immediates at a time. Node drains all microtasks between
 * two immediates of one queue. So events are separated as if each had a turn of the event loop, at
 * a fraction of the cost. A queued immediate that is no longer needed does nothing.
 */
const BATCH = 64;

/** Runs a task in a later turn of the event loop, after all microtasks of earlier turns. */
export type NextTurn = (task: () => void) => void;

/** How a world proceeds from event to event. */
export interface Pace {
  /** A run that exceeds this number of events during one wait of the outside makes no progress. */
  readonly eventCap?: number;
  /** How the world yields between two events; needed if there is no setImmediate. */
  readonly nextTurn?: NextTurn;
}

/** Read before the fence hides it; a browser has none, and passes in another function. */
export const usualTurn: NextTurn | undefined = globalThis.setImmediate;

export const EVENT_CAP = 50_000_000;

/**
 * Time passes only while a caller outside waits for the world (`during`). Between two such waits
 * the world stands still, however long the outside takes.
 */
export class Scheduler {
  readonly #queue = new EventQueue();
  readonly #afterEvent: () => void;
  readonly #eventCap: number;
  readonly #nextTurn: NextTurn;
  #now = 0;
  #events = 0;
  #queued = 0;
  #fence: Fence | undefined;
  readonly #rejectWaiters: ((error: unknown) => void)[] = [];
  #failure: { readonly error: unknown } | undefined;

  /** `afterEvent` is called after each event and all its consequences. */
  constructor(afterEvent: () => void, { eventCap = EVENT_CAP, nextTurn = usualTurn }: Pace = {}) {
    if (nextTurn === undefined) throw new Error('there is no setImmediate: hand in nextTurn');
    this.#afterEvent = afterEvent;
    this.#eventCap = eventCap;
    this.#nextTurn = nextTurn;
  }

  /** Milliseconds of virtual time. */
  get now(): number {
    return this.#now;
  }

  /** How many events have run. */
  get events(): number {
    return this.#events;
  }

  /** Runs `task` in `ms` milliseconds of virtual time: a finite number, from 0. */
  after(ms: number, task: () => void): Cancel {
    const item = new Task(task);
    this.schedule(ms, item);
    return () => this.cancel(item);
  }

  /** Like `after`, for an event that has a class of its own. */
  schedule(ms: number, item: Scheduled): void {
    if (!(ms >= 0 && ms < Infinity)) throw new Bug(`a delay of ${ms} ms`);
    this.#queue.add(this.#now, ms, item);
  }

  cancel(item: Scheduled): void {
    this.#queue.cancel(item);
  }

  /**
   * Lets time pass until `promise` settles, and settles like it. Rejects with the error if an event
   * throws: such a world is broken, and every later wait rejects with the same error. The caller
   * continues outside the fence.
   */
  during<T>(promise: Promise<T>): Promise<T> {
    return this.duringThen(promise, (value) => value);
  }

  /** Like `during`, but settles as `next` returns or throws, which runs outside the fence. */
  duringThen<T, R>(promise: Promise<T>, next: (value: T) => R): Promise<R> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    this.#fill();
    return new Promise<R>((resolve, reject) => {
      const end = (): void => {
        const index = this.#rejectWaiters.indexOf(reject);
        if (index >= 0) this.#rejectWaiters.splice(index, 1);
        this.#fence?.openGate();
      };
      this.#rejectWaiters.push(reject);
      promise.then(
        (value) => {
          this.#check();
          end();
          try {
            resolve(next(value));
          } catch (error) {
            reject(error);
          }
        },
        (error) => {
          end();
          reject(error);
        },
      );
    });
  }

  /** Tells a listener outside the world what has just happened, outside the fence. */
  tell(listener: () => void): void {
    if (this.#fence === undefined) listener();
    else this.#fence.passing(listener);
  }

  /** Opens the fence until the next event. */
  rest(): void {
    this.#fence?.openGate();
  }

  /** Ends the run: every wait rejects with `error`, and no event runs any more. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const reject of this.#rejectWaiters.splice(0)) reject(error);
    this.#fence?.openGate();
  }

  #fill(): void {
    if (this.#queued > 0) return;
    this.#queued = BATCH + 1;
    for (let index = 0; index < BATCH; index += 1) this.#nextTurn(this.#runOne);
    this.#nextTurn(this.#endBatch);
  }

  readonly #runOne = (): void => {
    this.#queued -= 1;
    this.#check();
    if (this.#rejectWaiters.length === 0) {
      this.#lowerFence();
      return;
    }
    if (this.#fence === undefined) this.#fence = raiseFence();
    else this.#fence.closeGate();
    const item = this.#queue.take();
    this.#events += 1;
    try {
      if (item === undefined)
        throw new Bug('the simulated world waits for something that never comes');
      if (this.#events > this.#eventCap) {
        throw new Bug(`no end after ${this.#eventCap} events: the run gets nowhere`);
      }
      this.#now = item.time;
      item.run();
    } catch (error) {
      this.fail(error);
    }
  };

  #check(): void {
    try {
      this.#afterEvent();
    } catch (error) {
      this.fail(error);
    }
  }

  readonly #endBatch = (): void => {
    this.#queued -= 1;
    if (this.#rejectWaiters.length === 0) {
      this.#lowerFence();
      return;
    }
    this.#fence?.openGate();
    this.#fill();
  };

  #lowerFence(): void {
    this.#fence?.lower();
    this.#fence = undefined;
  }
}

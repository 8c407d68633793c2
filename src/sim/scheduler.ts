// Virtual time. Runs one event after the other, and lets every promise that an event settled have
// all of its consequences before the next event begins.

import type { Cancel } from '../kernel/env.ts';
import { assert, Bug } from '../kernel/errors.ts';
import { EventQueue } from './eventQueue.ts';
import { type Fence, raiseFence } from './fence.ts';
import { type Scheduled, Task } from './heap.ts';

/**
 * Events that are queued as immediates at a time. Node drains all microtasks between two immediates
 * of one queue, which gives the same separation as one event a turn of the loop, at a fraction of
 * the cost; what is queued and no longer wanted does nothing.
 */
const BATCH = 64;

/** Runs a task in a later turn of the event loop, after all microtasks of the ones before. */
export type NextTurn = (task: () => void) => void;

/** How a world goes on from event to event. */
export interface Pace {
  /** More events than this while the outside waits is a run that gets nowhere. */
  readonly eventCap?: number;
  /** How the world gives way between two events; needed where there is no setImmediate. */
  readonly nextTurn?: NextTurn;
}

/** Taken before the fence hides it; a browser has none, and hands in another. */
const realSetImmediate: NextTurn | undefined = globalThis.setImmediate;

export const EVENT_CAP = 50_000_000;

/**
 * Time passes only while somebody outside waits for the world (`during`); between two such waits
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

  /** `afterEvent` is called once everything that an event caused has happened. */
  constructor(
    afterEvent: () => void,
    { eventCap = EVENT_CAP, nextTurn = realSetImmediate }: Pace = {},
  ) {
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

  /** Like `after`, for what has a class of its own. */
  schedule(ms: number, item: Scheduled): void {
    assert(ms >= 0 && ms < Infinity, () => `a delay of ${ms} ms`);
    this.#queue.add(this.#now, ms, item);
  }

  cancel(item: Scheduled): void {
    this.#queue.cancel(item);
  }

  /**
   * Lets time pass until `promise` settles, and settles like it. Rejects with the error if an event
   * throws: such a world is broken, and every later wait rejects with it as well. Whoever waited
   * goes on outside the fence.
   */
  during<T>(promise: Promise<T>): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    this.#fill();
    return new Promise<T>((resolve, reject) => {
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
          resolve(value);
        },
        (error) => {
          end();
          reject(error);
        },
      );
    });
  }

  /** Tells somebody outside the world what has just happened in it: outside the fence. */
  tell(listener: () => void): void {
    if (this.#fence === undefined) listener();
    else this.#fence.passing(listener);
  }

  /** Ends the run: whoever waits gets `error`, and no event runs any more. */
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

// A task that a server does again and again, at random moments.
import type { Cancel, Env } from '../kernel/env.ts';
import { inBackground } from './background.ts';

/** In milliseconds. */
export interface Interval {
  readonly least: number;
  readonly most: number;
}

export class Repeating {
  readonly #env: Pick<Env, 'after' | 'random'>;
  readonly #interval: Interval;
  readonly #task: () => Promise<void>;
  /** Of the next time; undefined while it is off. */
  #cancel: Cancel | undefined;

  /** The time from one beginning of the task to the next is drawn from the interval each time. */
  constructor(env: Pick<Env, 'after' | 'random'>, interval: Interval, task: () => Promise<void>) {
    this.#env = env;
    this.#interval = interval;
    this.#task = task;
  }

  get isOn(): boolean {
    return this.#cancel !== undefined;
  }

  /** Turned on twice, it does the task no more often than turned on once. */
  turn(isOn: boolean): void {
    if (isOn === this.isOn) return;
    this.#cancel?.();
    this.#cancel = undefined;
    if (isOn) this.#wait();
  }

  #wait(): void {
    const ms = drawWithin(this.#interval, this.#env.random());
    this.#cancel = this.#env.after(ms, () => {
      inBackground(this.#env, this.#task);
      this.#wait();
    });
  }
}

/** The time at that share, from 0 to 1, of the interval. */
export function drawWithin({ least, most }: Interval, share: number): number {
  return least + share * (most - least);
}

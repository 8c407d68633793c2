// The wall clock of a node, moved by the script: machines with clocks that disagree.
import type { Env } from './env.ts';

export class MovedClock {
  /** By how much the clock is ahead of the machine's; negative if it is behind. */
  offsetMs = 0;

  /** An Env like the given one, whose wall clock is moved. */
  wrap(env: Env): Env {
    return { ...env, wallClock: () => env.wallClock() + this.offsetMs };
  }
}

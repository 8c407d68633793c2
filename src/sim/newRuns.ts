// Decides whether a new run begins on the same disks after the last live server has died.
import type { WorldSetup } from '../kernel/cluster.ts';
import { createRandomStream, type RandomStream } from '../kernel/random.ts';
import { hasLog } from '../kernel/storageOption.ts';

export class NewRuns {
  /** The probability; only if servers have logs. */
  share: number;
  count = 0;
  readonly #random: RandomStream;
  readonly #haveLogs: boolean;

  constructor({ seed, options }: Pick<WorldSetup, 'seed' | 'options'>, share: number) {
    this.share = share;
    this.#random = createRandomStream(seed, 'new run');
    this.#haveLogs = hasLog(options);
  }

  /** To be called exactly once each time that the last server has died. */
  begins(): boolean {
    if (!this.#haveLogs || this.#random() >= this.share) return false;
    this.count += 1;
    return true;
  }
}

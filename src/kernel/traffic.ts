// What happens to each message of one direction of a link: whether it arrives, how often, and when.
// Both worlds ask here; the simulated one also for links without settings.
import type { NodeId } from './ids.ts';
import { OPERATION_DEADLINE_MS } from './limits.ts';
import type { Delay, LinkSetting } from './linkSettings.ts';
import { createRandomStream, type RandomStream } from './random.ts';

/** The longest delay that can be set. After that time no operation waits any more. */
export const LONGEST_LINK_DELAY_MS = OPERATION_DEADLINE_MS;

/** How a world treats messages for which nothing is set. Probabilities in [0, 1]. */
export interface Usual {
  readonly loss: number;
  readonly duplication: number;
  /** In milliseconds. */
  delay(random: RandomStream): number;
}

/** So short that it has no meaning but that of order. */
const TICK_MS = 2 ** -20;

export class Traffic {
  readonly #random: RandomStream;
  #latestMs = 0;

  /** `random` decides for these messages alone. */
  constructor(random: RandomStream) {
    this.#random = random;
  }

  /**
   * The delays of the copies of a message that is sent at `now`: none if it is lost, two if it is
   * repeated. With `isCut` it is lost in any case.
   */
  send(now: number, usual: Usual, setting: LinkSetting = {}, isCut = false): number[] {
    const { loss = usual.loss, duplication = usual.duplication, delay, isOrdered } = setting;
    const isLost = this.#happens(loss) || isCut;
    const copies = this.#happens(duplication) ? 2 : 1;
    const delays: number[] = [];
    for (let copy = 0; copy < copies && !isLost; copy += 1) {
      const own =
        delay === undefined ? usual.delay(this.#random) : sampleDelay(delay, this.#random);
      delays.push(isOrdered ? this.#afterLatest(now, own) : own);
    }
    return delays;
  }

  /** The delay, lengthened if the message would arrive before an earlier one. */
  #afterLatest(now: number, delayMs: number): number {
    let ordered = Math.max(delayMs, this.#latestMs - now);
    // The sum is rounded, so it may lie just before the latest arrival.
    if (now + ordered < this.#latestMs) ordered += TICK_MS;
    this.#latestMs = now + ordered;
    return ordered;
  }

  #happens(probability: number): boolean {
    return probability > 0 && this.#random() < probability;
  }
}

/**
 * The messages of one direction of a link, which is the run's link of that number: their fates are
 * the same in both worlds.
 */
export function createTraffic(seed: number, link: number, from: NodeId, to: NodeId): Traffic {
  return new Traffic(createRandomStream(seed, `link ${link} from ${from} to ${to}`));
}

/** A multiple of an eighth of a millisecond, from 0 to the longest delay. */
export function sampleDelay(delay: Delay, random: RandomStream): number {
  const ms =
    delay.kind === 'uniform'
      ? delay.leastMs + random() * (delay.mostMs - delay.leastMs)
      : delay.meanMs + delay.deviationMs * standardNormal(random);
  return toEighths(Math.min(Math.max(0, ms), LONGEST_LINK_DELAY_MS));
}

/** The sums of multiples of an eighth are exact. */
export function toEighths(ms: number): number {
  return Math.round(ms * 8) / 8;
}

/** Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958. */
function standardNormal(random: RandomStream): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}

// What happens to messages between a configuration service and the servers: it is slow, or a server
// is cut off from it for a while. Chance decides for each server and each stretch of time.
import type { NodeId } from '../kernel/ids.ts';
import { createRandomStream, type RandomStream } from '../kernel/random.ts';

/** Shares in [0, 1], times in milliseconds. */
export interface ServicePlan {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** How many messages are held up much longer, and how long at most. */
  readonly tail: number;
  readonly tailDelayMs: number;
  /** How much of its time a server is cut off, in stretches of CUT_OFF_MS. */
  readonly cutOff: number;
}

/** Messages take as long as between servers, and every server is heard. */
export const USUAL_SERVICE: ServicePlan = {
  minDelayMs: 0,
  maxDelayMs: 0,
  tail: 0,
  tailDelayMs: 0,
  cutOff: 0,
};

/** Long enough that others have taken the place of a server that is cut off from them as well. */
export const CUT_OFF_MS = 2_500;

export class ServiceFaults {
  plan: ServicePlan;
  /** How many messages took longer than usual, and how many were lost. */
  readonly troubles = { slow: 0, cutOff: 0 };
  readonly #seed: number;
  readonly #random: RandomStream;

  constructor(seed: number, plan: ServicePlan) {
    this.plan = plan;
    this.#seed = seed;
    this.#random = createRandomStream(seed, 'service');
  }

  /** How long one message takes; `usual` is asked for what a healthy service takes. */
  delay(usual: () => number): number {
    const { minDelayMs, maxDelayMs, tail, tailDelayMs } = this.plan;
    if (maxDelayMs === 0 && tail === 0) return usual();
    const isHeldUp = tail > 0 && this.#random() < tail;
    if (!isHeldUp && maxDelayMs === 0) return usual();
    this.troubles.slow += 1;
    const most = isHeldUp ? tailDelayMs : maxDelayMs;
    const delay = minDelayMs + this.#random() * Math.max(0, most - minDelayMs);
    return Math.round(delay * 8) / 8;
  }

  /** To be asked of each message: whether nothing travels between the two at that moment. */
  isCutOff(server: NodeId, now: number): boolean {
    const { cutOff } = this.plan;
    if (cutOff === 0) return false;
    const stretch = Math.floor(now / CUT_OFF_MS);
    const random = createRandomStream(this.#seed, `service ${server} ${stretch}`);
    const isLost = random() < cutOff;
    this.troubles.cutOff += Number(isLost);
    return isLost;
  }
}

// Faults of the messages between a configuration service and the servers: a message is slow, or a
// server is cut off for a while. They are random for each server and each interval of time.
import type { NodeId } from '../kernel/ids.ts';
import { createRandomStream, type RandomStream } from '../kernel/random.ts';

/** Probabilities in [0, 1], times in milliseconds. */
export interface ServicePlan {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** The probability of a much longer delay, and the maximum of that delay. */
  readonly tail: number;
  readonly tailDelayMs: number;
  /** The share of its time that a server is cut off, in intervals of CUT_OFF_MS. */
  readonly cutOff: number;
}

/** Messages take as long as between servers, and no server is cut off. */
export const USUAL_SERVICE: ServicePlan = {
  minDelayMs: 0,
  maxDelayMs: 0,
  tail: 0,
  tailDelayMs: 0,
  cutOff: 0,
};

/** Long enough for other servers to replace a server that is also cut off from them. */
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

  /** The delay of one message; `usual` gives the delay that a healthy service would have. */
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

  /** To be called for each message: whether the server is cut off at that moment. */
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

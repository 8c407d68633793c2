// Delays by priority, after PCT (Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized
// Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010). What PCT does to threads
// is done here to the directions of links: each has a random priority, and at d-1 random moments
// the direction that is about to send gets the lowest one. A mistake that shows if d events happen
// in a certain order is then likelier than under delays that are random for each message.
//
// Time goes on meanwhile, so that timers fire: a priority is a delay between the shortest and the
// longest of the plan, and no direction waits for ever. The delays of neighbouring priorities
// differ by a factor, so that several messages of a fast direction pass one of a slow direction. A
// run has no known length, so it is cut in stretches, each of which is a run of PCT by itself.
import type { NodeId } from '../kernel/ids.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../kernel/random.ts';

/** The number of messages of a stretch. */
export const STRETCH = 200;

/** A shorter delay has no meaning for the order of messages. */
const SHORTEST_MS = 0.125;

export class Priorities {
  readonly #random: RandomStream;
  readonly #placeByDirection = new Map<string, number>();
  #changes = new Set<number>();
  #sent = 0;

  constructor(seed: number) {
    this.#random = createRandomStream(seed, 'priorities');
  }

  /**
   * The delay of the next message of a direction. `depth` is PCT's d, from 1: the number of events
   * whose order matters.
   */
  delay(from: NodeId, to: NodeId, depth: number, leastMs: number, mostMs: number): number {
    const place = this.#placeOf(`${from} ${to}`, depth);
    const shortest = Math.max(SHORTEST_MS, leastMs);
    if (mostMs <= shortest) return Math.max(leastMs, mostMs);
    return shortest * (mostMs / shortest) ** place;
  }

  /** From 0, the highest priority, to 1. */
  #placeOf(direction: string, depth: number): number {
    const index = this.#sent % STRETCH;
    if (index === 0) this.#begin(depth);
    this.#sent += 1;
    const known = this.#placeByDirection.get(direction);
    const place = this.#changes.has(index) ? 1 : (known ?? this.#random());
    if (place !== known) this.#placeByDirection.set(direction, place);
    return place;
  }

  #begin(depth: number): void {
    this.#placeByDirection.clear();
    const changes = Array.from({ length: depth - 1 }, () => randomBelow(this.#random, STRETCH));
    this.#changes = new Set(changes);
  }
}

// Random choices from one seeded stream.
import { type RandomStream, randomBelow } from '../kernel/random.ts';

export class RandomSource {
  readonly #random: RandomStream;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  /** True with the given probability. */
  happens(probability: number): boolean {
    return this.#random() < probability;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + randomBelow(this.#random, most - least + 1);
  }

  /** As `between`, for a range. */
  within([least, most]: readonly [least: number, most: number]): number {
    return this.between(least, most);
  }

  /** An element of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[randomBelow(this.#random, list.length)] as T;
  }

  /** An element of the list; undefined if it is empty. */
  tryPick<T>(list: readonly T[]): T | undefined {
    return list.length === 0 ? undefined : this.pick(list);
  }

  /** Each element with the given probability, in the original order. */
  some<T>(list: readonly T[], probability: number): T[] {
    return list.filter(() => this.happens(probability));
  }

  /** All elements in random order. */
  shuffle<T>(list: readonly T[]): T[] {
    const left = [...list];
    return list.map(() => left.splice(randomBelow(this.#random, left.length), 1)[0] as T);
  }

  /**
   * A random key, with a probability proportional to its weight. At least one weight is above 0.
   */
  weigh<N>(weights: ReadonlyMap<N, number>): N {
    let left = this.#random() * [...weights.values()].reduce((sum, weight) => sum + weight, 0);
    for (const [name, weight] of weights) {
      left -= weight;
      if (left < 0) return name;
    }
    return [...weights.keys()].at(-1) as N;
  }
}

// The random choices of a grading: keys and values as the real grader makes them, and the nodes
// that fail.
import { type RandomStream, randomBelow } from '../../kernel/random.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const LENGTH = 32;

export class Chance {
  readonly #random: RandomStream;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  /** 32 letters and digits. */
  word(): string {
    const letter = (): string => LETTERS[randomBelow(this.#random, LETTERS.length)] as string;
    return Array.from({ length: LENGTH }, letter).join('');
  }

  words(count: number): string[] {
    return Array.from({ length: count }, () => this.word());
  }

  pick<T>(list: readonly T[]): T {
    return list[randomBelow(this.#random, list.length)] as T;
  }

  shuffle<T>(list: readonly T[]): T[] {
    const left = [...list];
    return list.map(() => left.splice(randomBelow(this.#random, left.length), 1)[0] as T);
  }
}

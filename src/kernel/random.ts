// Seeded randomness. Each concern has its own stream, all from one seed, so that a new use of
// randomness in one place does not change the numbers in every other place.
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A number in [0, 1), with 32 random bits. */
export type RandomStream = () => number;

/** The stream of `concern` under `seed`: equal arguments always give equal numbers. */
export function createRandomStream(seed: number, concern: string): RandomStream {
  const generator = xoroshiro128plus(mix(seed, concern));
  return () => (generator.next() >>> 0) / 0x1_0000_0000;
}

/**
 * FNV-1a over the concern's name, started from the seed. Close seeds give close first numbers of
 * the generator, so the hash is then mixed (MurmurHash3's finalizer): without that, `node 0.1` and
 * `node 0.2` would begin with similar numbers.
 */
function mix(seed: number, concern: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < concern.length; index += 1) {
    hash = Math.imul(hash ^ concern.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A whole number from 0 to `below - 1`. */
export function randomBelow(random: RandomStream, below: number): number {
  return Math.floor(random() * below);
}

/**
 * One of the items, undefined if there are none. `random` is called only if there is more than one.
 */
export function randomOf<T>(random: () => number, items: readonly T[]): T | undefined {
  return items.length <= 1 ? items[0] : items[randomBelow(random, items.length)];
}

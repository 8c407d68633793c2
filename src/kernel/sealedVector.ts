// Vectors that are known to be valid and never to change. They are in nearly every message; to copy
// and check each of them between two nodes of one process would take a fifth of all the time.
import type { VectorTuples } from './history.ts';

/** Constructs the very object that it is given, so that a class can add a field to it. */
function Given(given: object): object {
  return given;
}

/**
 * A private field of the list itself, which no other code can see or set. A WeakSet of lists would
 * do the same at eight times the cost; V8 reads frozen lists slowly.
 */
class Seal extends (Given as unknown as new (given: object) => object) {
  #seal: undefined;

  static isOn(list: object): boolean {
    return #seal in list;
  }
}

/**
 * Declares that a vector's tuples are sorted by life, with each life once and no timestamp 0, and
 * that no code will ever change the list or a tuple. Returns the same list.
 */
export function sealVector(tuples: VectorTuples): VectorTuples {
  if (!Seal.isOn(tuples)) new Seal(tuples);
  return tuples;
}

/** Vectors that came over a wire, and copies of sealed vectors, are not sealed. */
export function isSealedVector(list: readonly unknown[]): boolean {
  return Seal.isOn(list);
}

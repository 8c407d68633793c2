// Vectors that are known to be right and to stay as they are. They are in nearly every message, and
// to copy and check each on its way between two nodes of one process would cost a fifth of all.
import type { VectorTuples } from './history.ts';

/** Constructs the very object that it is given, so that a class can give it a field. */
function Given(given: object): object {
  return given;
}

/**
 * A private field of the list itself, which nobody else can see or set. A WeakSet of lists would
 * say the same and costs eight times as much; V8 reads frozen lists slowly.
 */
class Seal extends (Given as unknown as new (given: object) => object) {
  #seal: undefined;

  static isOn(list: object): boolean {
    return #seal in list;
  }
}

/**
 * Says of a vector that its tuples are sorted by life, each life once and no timestamp 0, and that
 * neither the list nor a tuple is ever changed, whoever gets hold of it. Gives the same list.
 */
export function sealVector(tuples: VectorTuples): VectorTuples {
  if (!Seal.isOn(tuples)) new Seal(tuples);
  return tuples;
}

/** Nothing that came over a wire is sealed, and no copy of what is. */
export function isSealedVector(list: readonly unknown[]): boolean {
  return Seal.isOn(list);
}

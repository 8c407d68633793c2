// Gives writes their contexts, with `versions=vector`. Synchronous.
import type { CausalContext } from '../../clocks/causalContext.ts';
import type { Version } from '../../clocks/version.ts';
import { CallError } from '../../kernel/errors.ts';
import { VALUE_BYTES } from '../../kernel/limits.ts';
import { sizeOf, supersedes, type Write } from './write.ts';

export class Contexts {
  /** The last timestamp that this life gave to each key, unless it was forgotten. */
  readonly #givenByKey = new Map<string, number>();
  #floor = 0;

  /** Of a new write, whose session knows these writes of the key: they are what it replaces. */
  of(key: string, version: Version, known: CausalContext): CausalContext {
    const after = this.#givenByKey.get(key) ?? this.#floor;
    this.#givenByKey.set(key, version.timestamp);
    return known.with(version, after);
  }

  /**
   * Forgets the keys that are not in use any more and got no timestamp above the floor: the next
   * write of such a key is after the floor, and so after all that this life has written of it.
   */
  forget(floor: number, isInUse: (key: string) => boolean): void {
    this.#floor = Math.max(this.#floor, floor);
    for (const [key, given] of this.#givenByKey) {
      if (given <= this.#floor && !isInUse(key)) this.#givenByKey.delete(key);
    }
  }

  /** How many keys have a timestamp. */
  get size(): number {
    return this.#givenByKey.size;
  }
}

/** Throws E_BAD_REQUEST for a context with writes that no server can have made at that time. */
export function checkContext(known: CausalContext, time: number): void {
  const isPossible = known.toTuples().every(([, , , upTo]) => upTo <= time);
  if (!isPossible) throw new CallError('E_BAD_REQUEST', 'a context of later writes');
}

/**
 * Throws ERR_SIBLINGS if a write and what it has to stand beside are too large for one message: no
 * session could read and replace them.
 */
export function checkSize(write: Write, stored: readonly Write[]): void {
  const siblings = stored.filter((known) => !supersedes(write, known));
  const bytes = [...siblings, write].reduce((sum, one) => sum + sizeOf(one), 0);
  if (siblings.length > 0 && bytes > VALUE_BYTES) {
    throw new CallError('ERR_SIBLINGS', `${siblings.length + 1} values`);
  }
}

// Who was the primary when, and the numbers of the terms in stores. Synchronous.
import type { VectorTuples } from '../../kernel/history.ts';
import { Primaries } from '../store/primaries.ts';

export class Terms extends Primaries {
  #greatest = 0;

  /** A number that no term of a store has that was seen (commands.ts). */
  get unused(): number {
    return this.#greatest + 1;
  }

  /** A store with these writes was seen. */
  saw(applied: VectorTuples | null): void {
    for (const [, term] of applied ?? []) this.#greatest = Math.max(this.#greatest, term);
  }
}

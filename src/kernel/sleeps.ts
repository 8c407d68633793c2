// The sleeps of a script in a world. All of them can be ended early.
import type { Cancel } from './env.ts';

export class Sleeps {
  readonly #after: (ms: number, task: () => void) => Cancel;
  readonly #endings = new Set<() => void>();

  /** `after` is the world's timer. */
  constructor(after: (ms: number, task: () => void) => Cancel) {
    this.#after = after;
  }

  /** Resolves after so many milliseconds of the world's time, or at `wake`. */
  begin(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#endings.delete(end);
        resolve();
      };
      const cancel = this.#after(ms, end);
      this.#endings.add(end);
    });
  }

  /** Ends every sleep under way. */
  wake(): void {
    for (const end of [...this.#endings]) end();
  }
}

// Carries the bytes of one direction of a connection, each part so much later, in order. What the
// other side does not take waits at the sender: only so much is read before.
import type { Readable, Writable } from 'node:stream';
import { Conveyor } from './conveyor.ts';

/** The maximum bytes on their way, but for the last part. */
export const ON_WAY_BYTES = 4 * 1024 * 1024;

export class LateCarriage {
  readonly #from: Readable;
  readonly #to: Writable;
  readonly #conveyor = new Conveyor();
  #onWay = 0;

  /** `delayMs` is asked for each part; undefined for one that is lost. */
  constructor(from: Readable, to: Writable, delayMs: () => number | undefined) {
    this.#from = from;
    this.#to = to;
    from.on('data', (part: Buffer) => {
      const ms = delayMs();
      if (ms !== undefined) this.#carry(part, ms);
    });
  }

  /** Does it after all that was read has been passed on. */
  finish(ms: number, end: () => void): void {
    this.#conveyor.pass(ms, end);
  }

  #carry(part: Buffer, ms: number): void {
    this.#onWay += part.length;
    if (this.#onWay >= ON_WAY_BYTES) this.#from.pause();
    const taken = (): void => {
      this.#onWay -= part.length;
      if (this.#from.isPaused() && this.#onWay < ON_WAY_BYTES) this.#from.resume();
    };
    this.#conveyor.pass(ms, () => {
      if (this.#to.destroyed || this.#to.writableEnded) taken();
      else this.#to.write(part, taken);
    });
  }
}

// Times in whole nanoseconds as milliseconds that are doubles. Times since 1970 have more digits
// than a double, so the digits that all of them share are left out: a nanosecond apart stays apart.
import { FormatError } from './format.ts';

const NANOSECONDS_PER_MILLISECOND = 1e6;
/** Below this, different nanoseconds are different doubles in milliseconds too. */
const MOST = 2 ** 52;
/** Eleven days. So long before the first event others may have happened. */
const SPAN = 10n ** 15n;

export class Nanoseconds {
  /** What times are counted from; undefined until the first one is read. */
  #origin: bigint | undefined;

  /** In milliseconds. Throws FormatError if that cannot be exact. */
  read(line: number, time: number | bigint): number {
    this.#origin ??= time < MOST ? 0n : BigInt(time) - (BigInt(time) % SPAN) - SPAN;
    const isPlain = this.#origin === 0n && typeof time === 'number';
    const since = isPlain ? time : Number(BigInt(time) - this.#origin);
    if (since >= MOST || since < 0) {
      throw new FormatError(line, `${time} is too far from the first time to be exact`);
    }
    return since / NANOSECONDS_PER_MILLISECOND;
  }
}

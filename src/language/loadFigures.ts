// The measurements of a load: the operations answered per second, their latencies, and the longest
// time without an answer. Times are the world's, in milliseconds.

export interface Figures {
  /** Answered operations per second. */
  readonly perSecond: number;
  /** Of the answered operations, by nearest rank; undefined if there was none. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** The longest time without an answer, from the beginning of the load to its end. */
  readonly longestGapMs: number;
}

export class LoadFigures {
  readonly #startedAt: number;
  #lastAnswerAt: number;
  #longestGapMs = 0;
  readonly #latenciesMs: number[] = [];

  constructor(startedAt: number) {
    this.#startedAt = startedAt;
    this.#lastAnswerAt = startedAt;
  }

  /** Records an answered operation; to be called in the order of the answers. */
  answered(invokedAt: number, returnedAt: number): void {
    this.#latenciesMs.push(returnedAt - invokedAt);
    this.#longestGapMs = Math.max(this.#longestGapMs, returnedAt - this.#lastAnswerAt);
    this.#lastAnswerAt = returnedAt;
  }

  /** `endedAt` must be later than the beginning. */
  end(endedAt: number): Figures {
    const sorted = Float64Array.from(this.#latenciesMs).sort();
    const rank = (share: number): number | undefined =>
      sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    return {
      perSecond: (1000 * sorted.length) / (endedAt - this.#startedAt),
      p50Ms: rank(0.5),
      p99Ms: rank(0.99),
      longestGapMs: Math.max(this.#longestGapMs, endedAt - this.#lastAnswerAt),
    };
  }
}

/** `812 operations/s, p50 1.14 ms, p99 4.80 ms, longest gap 21.3 ms` */
export function tellFigures({ perSecond, p50Ms, p99Ms, longestGapMs }: Figures): string {
  return [
    `${toThree(perSecond)} operations/s`,
    ...(p50Ms === undefined ? [] : [`p50 ${toThree(p50Ms)} ms`]),
    ...(p99Ms === undefined ? [] : [`p99 ${toThree(p99Ms)} ms`]),
    `longest gap ${toThree(longestGapMs)} ms`,
  ].join(', ');
}

/** With three digits, or as a whole number if that has more. */
function toThree(number: number): string {
  if (number >= 99.95) return number.toFixed(0);
  return number.toFixed(number >= 9.995 ? 1 : 2);
}

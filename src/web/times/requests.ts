// Requests to a configuration that runs: what a person asks for, and the figures of the answers.
import { isAnswered } from '../../evaluate/load.ts';
import { type Summary, summarize } from '../../evaluate/statistics.ts';
import type { Answer } from '../../kernel/control.ts';

/** `pair`: a put, and then a get of the same key by the same client. */
export type Operation = 'get' | 'put' | 'pair';

export interface RequestOrder {
  readonly operation: Operation;
  readonly key: string;
  readonly value: string;
  /** How many requests, or pairs. */
  readonly count: number;
  /** So many at once, each by a client of its own; the next ones when all are answered. */
  readonly atOnce: number;
}

/** One request that has ended. */
export interface Done {
  readonly operation: 'get' | 'put';
  readonly ms: number;
  readonly answer: Answer;
  /** Whether it is a get that has missed a put which was acknowledged before it began. */
  readonly isStale: boolean;
}

/** The clients of a configuration that runs. */
export const CLIENTS = 10;
/** What a person has typed for requests. */
export interface RequestTexts {
  readonly key: string;
  readonly value: string;
  readonly count: string;
  readonly atOnce: string;
}

/** The requests of one operation as figures. */
export interface Figures extends Summary {
  readonly requests: number;
  readonly sumMs: number;
  /** Shares of all requests: without an answer, and stale. */
  readonly failedShare: number;
  readonly staleShare: number;
}

/** Collects what has ended; of the times, those of answered requests alone. */
export class Sample {
  readonly timesMs: number[] = [];
  #requests = 0;
  #stale = 0;

  add(dones: readonly Done[]): void {
    for (const { ms, answer, isStale } of dones) {
      this.#requests += 1;
      if (isStale) this.#stale += 1;
      if (isAnswered(answer)) this.timesMs.push(ms);
    }
  }

  figures(): Figures {
    const requests = this.#requests;
    const share = (count: number): number => (requests === 0 ? 0 : count / requests);
    return {
      ...summarize(this.timesMs),
      requests,
      sumMs: this.timesMs.reduce((sum, ms) => sum + ms, 0),
      failedShare: share(requests - this.timesMs.length),
      staleShare: share(this.#stale),
    };
  }
}

// Requests in batches: those of a batch at once, each by a client of its own, and the next batch
// when all are answered.
import type { Answer } from '../kernel/control.ts';
import { randomBelow } from '../kernel/random.ts';
import type { Stage } from './stage.ts';
import { type Summary, summarize } from './statistics.ts';

export interface LoadResult extends Summary {
  readonly requests: number;
  /** The share of requests that were answered; the figures are theirs. */
  readonly answeredShare: number;
}

export interface Load {
  readonly operation: 'put' | 'get';
  readonly keys: readonly string[];
  readonly requests: number;
}

/** Puts each key once: in many designs, a key without a value is read in another way. */
export async function fill(stage: Stage, keys: readonly string[]): Promise<void> {
  const { clients } = stage;
  for (let first = 0; first < keys.length; first += clients.length) {
    const batch = keys.slice(first, first + clients.length);
    await Promise.all(batch.map((key, at) => stage.put(clients[at] ?? 0, key, 'first')));
  }
}

export async function runLoad(
  stage: Stage,
  { operation, keys, requests }: Load,
): Promise<LoadResult> {
  const timesMs: number[] = [];
  const request = async (client: number, number: number): Promise<void> => {
    const key = keys[randomBelow(stage.random, keys.length)] ?? '';
    const before = stage.now();
    const put = (): Promise<Answer> => stage.put(client, key, `v${number}`);
    const { outcome } = await (operation === 'put' ? put() : stage.get(client, key));
    if (outcome === 'ok' || outcome === 'absent') timesMs.push(stage.now() - before);
  };
  for (let number = 0; number < requests; number += stage.clients.length) {
    const batch = stage.clients.slice(0, requests - number);
    await Promise.all(batch.map((client, at) => request(client, number + at)));
  }
  return { requests, answeredShare: timesMs.length / requests, ...summarize(timesMs) };
}

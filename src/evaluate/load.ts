// Requests in batches: those of a batch at once, each by a client of its own, and the next batch
// when all are answered.
import type { Answer } from '../kernel/control.ts';
import type { NodeId } from '../kernel/ids.ts';
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

/**
 * So many requests, numbered from 0, in batches of one for each client. Resolves with the results
 * in the order of the numbers.
 */
export async function runBatches<T>(
  clients: readonly NodeId[],
  requests: number,
  request: (client: NodeId, number: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (let number = 0; number < requests; number += clients.length) {
    const batch = clients.slice(0, requests - number);
    results.push(...(await Promise.all(batch.map((client, at) => request(client, number + at)))));
  }
  return results;
}

/** Whether a request has an answer, be it that there is no value. */
export function isAnswered({ outcome }: Pick<Answer, 'outcome'>): boolean {
  return outcome === 'ok' || outcome === 'absent';
}

export async function runLoad(
  stage: Stage,
  { operation, keys, requests }: Load,
): Promise<LoadResult> {
  const timesMs: number[] = [];
  await runBatches(stage.clients, requests, async (client, number) => {
    const key = keys[randomBelow(stage.random, keys.length)] ?? '';
    const before = stage.now();
    const put = (): Promise<Answer> => stage.put(client, key, `v${number}`);
    const answer = await (operation === 'put' ? put() : stage.get(client, key));
    if (isAnswered(answer)) timesMs.push(stage.now() - before);
  });
  return { requests, answeredShare: timesMs.length / requests, ...summarize(timesMs) };
}

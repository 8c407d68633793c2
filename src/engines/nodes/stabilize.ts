// Waits until the stores of connected nodes are equal. It only looks: nodes converge by themselves.

import type { NodeId } from '../../kernel/ids.ts';
import type { RoundOutcome } from '../../kernel/round.ts';

export type Entries = readonly (readonly [key: string, value: string])[];

/** Without dumps: for how long no message may have passed. */
const LONG_QUIET_MS = 200;
const LOOK_EVERY_MS = 20;

export interface Watched {
  /** The server that is asked, and those that it reaches over links that work both ways. */
  readonly servers: readonly NodeId[];
  readonly budgetMs: number;
  now(): number;
  sleep(ms: number): Promise<void>;
  /** For how long no message has passed between nodes. */
  quietMs(): number;
  /** The store of a server; `unable` if it does not show it, undefined if it does not answer. */
  dump(server: NodeId, timeoutMs: number): Promise<Entries | 'unable' | undefined>;
  note(text: string): void;
}

/** Says in a note what it waited for, if that is not the equality of all stores. */
export async function awaitEqualStores(watched: Watched): Promise<RoundOutcome> {
  const { servers, budgetMs, now, sleep, dump, note } = watched;
  const until = now() + budgetMs;
  const leftMs = (): number => until - now();
  for (;;) {
    const timeoutMs = Math.max(1, leftMs() / 2);
    const stores = await Promise.all(servers.map((server) => dump(server, timeoutMs)));
    const missing = servers.filter((_server, at) => stores[at] === undefined);
    const reached = servers.filter((server) => !missing.includes(server));
    if (stores.includes('unable')) {
      await awaitQuiet(watched, leftMs);
      return { reached, missing };
    }
    const shown = stores.filter((store): store is Entries => Array.isArray(store));
    if (areEqual(shown)) return { reached, missing };
    if (leftMs() <= LOOK_EVERY_MS) {
      note(`the stores of ${reached.join(', ')} still differ after ${Math.round(budgetMs)} ms`);
      return { reached, missing };
    }
    await sleep(LOOK_EVERY_MS);
  }
}

export function areEqual(stores: readonly Entries[]): boolean {
  const [first, ...others] = stores.map((store) => JSON.stringify(store));
  return others.every((other) => other === first);
}

async function awaitQuiet({ sleep, quietMs, note }: Watched, leftMs: () => number): Promise<void> {
  const isQuiet = (): boolean => quietMs() >= LONG_QUIET_MS;
  while (!isQuiet() && leftMs() > LOOK_EVERY_MS) await sleep(LOOK_EVERY_MS);
  const waited = isQuiet()
    ? `until no message passed for ${LONG_QUIET_MS} ms`
    : 'as long as it may: messages still pass';
  note(`the nodes do not show their stores (dump), so stabilize waited ${waited}`);
}

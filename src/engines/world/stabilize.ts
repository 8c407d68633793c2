// Waits until the stores of connected servers are equal. It only looks: they converge without it.
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import type { RoundOutcome } from '../../kernel/round.ts';

/** Without looks: for how long no message may have passed. */
const LONG_QUIET_MS = 200;
const LOOK_EVERY_MS = 20;

/** `Look` is what tells stores apart: JSON. */
export interface Watched<Look> {
  /** The server that is asked, and those that it reaches over links that work both ways. */
  readonly servers: readonly NodeId[];
  readonly budgetMs: number;
  now(): number;
  sleep(ms: number): Promise<void>;
  /** For how long no message has passed between servers; for those that show no store. */
  quietMs?(): number;
  /** The store of a server; `unable` if it does not show it, undefined if it does not answer. */
  look(server: NodeId, timeoutMs: number): Promise<Look | 'unable' | undefined>;
  note(text: string): void;
}

/** Says in a note what it waited for, if that is not the equality of all stores. */
export async function awaitEqualStores<Look extends Json>(
  watched: Watched<Look>,
): Promise<RoundOutcome> {
  const { servers, budgetMs, now, sleep, look, note } = watched;
  const until = now() + budgetMs;
  const leftMs = (): number => until - now();
  for (;;) {
    const timeoutMs = Math.max(1, leftMs() / 2);
    const stores = await Promise.all(servers.map((server) => look(server, timeoutMs)));
    const missing = servers.filter((_server, at) => stores[at] === undefined);
    const reached = servers.filter((server) => !missing.includes(server));
    if (stores.includes('unable')) {
      await awaitQuiet(watched, leftMs);
      return { reached, missing };
    }
    const shown = stores.filter((store) => store !== undefined);
    if (areEqual(shown)) return { reached, missing };
    if (leftMs() <= LOOK_EVERY_MS) {
      note(`the stores of ${reached.join(', ')} still differ after ${Math.round(budgetMs)} ms`);
      return { reached, missing };
    }
    await sleep(LOOK_EVERY_MS);
  }
}

export function areEqual(stores: readonly Json[]): boolean {
  const [first, ...others] = stores.map((store) => JSON.stringify(store));
  return others.every((other) => other === first);
}

async function awaitQuiet(
  { sleep, quietMs = () => 0, note }: Omit<Watched<Json>, 'look'>,
  leftMs: () => number,
): Promise<void> {
  const isQuiet = (): boolean => quietMs() >= LONG_QUIET_MS;
  while (!isQuiet() && leftMs() > LOOK_EVERY_MS) await sleep(LOOK_EVERY_MS);
  const waited = isQuiet()
    ? `until no message passed for ${LONG_QUIET_MS} ms`
    : 'as long as it may: messages still pass';
  note(`the nodes do not show their stores (dump), so stabilize waited ${waited}`);
}

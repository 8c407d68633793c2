// How long a store is without service after a server of each role is killed.
import type { Answer } from '../src/kernel/control.ts';
import type { NodeId } from '../src/kernel/ids.ts';
import { rolesOf } from './roles.ts';
import { linkToAll, type Open, openStore, SERVERS, type Store } from './stores.ts';

const KEY = 'banana';
/** How often an operation begins, whether or not the former ones have an answer. */
const EVERY_MS = 5;
/** A store that has no service by then has it after a promotion, or never. */
const PATIENCE_MS = 5_000;
const LIMIT_MS = 15_000;
const WARM_UP = 50;
/** The command that makes another server the primary. */
const PROMOTE = 'promote';

export interface Outage {
  /** From the kill to the first acknowledged put that began after it; undefined for never. */
  readonly putMs: number | undefined;
  readonly getMs: number | undefined;
  /** From the order to promote a server to that put, if there was none without the order. */
  readonly promotedMs: number | undefined;
}

export interface Outages {
  readonly byRole: ReadonlyMap<string, readonly Outage[]>;
  /** From the first `joinServer` to the first acknowledged put, of each cluster. */
  readonly readyMs: readonly number[];
}

/** Kills a server of each role so many times, each in a new cluster. */
export async function measureOutages(store: Store, tries: number): Promise<Outages> {
  const readyMs: number[] = [];
  const inNewCluster = async (role?: string) => {
    // Another seed, so that clients choose other servers.
    const open = await openStore(store, readyMs.length + 1);
    try {
      readyMs.push(open.readyMs);
      await linkToAll(open);
      for (let count = 0; count < WARM_UP; count += 1) {
        await Promise.all([open.put(KEY), open.get(KEY)]);
      }
      const roles = rolesOf(await open.look(), KEY);
      const chosen = role ?? [...roles.keys()][0] ?? '';
      const server = roles.get(chosen);
      if (server === undefined) throw new Error(`no server of ${store.name} is ${chosen}`);
      return { roles: [...roles.keys()], chosen, outage: await kill(open, server) };
    } finally {
      await open.close();
    }
  };
  const first = await inNewCluster();
  const byRole = new Map<string, Outage[]>([[first.chosen, [first.outage]]]);
  for (const role of first.roles) {
    const outages = byRole.get(role) ?? [];
    byRole.set(role, outages);
    while (outages.length < tries) outages.push((await inNewCluster(role)).outage);
  }
  return { byRole, readyMs };
}

async function kill(open: Open, server: NodeId): Promise<Outage> {
  const isOver = new AbortController();
  const killedAt = performance.now();
  const killed = open.stage.kill(server);
  const put = firstAnswer(() => open.put(KEY), isOver.signal);
  const get = firstAnswer(() => open.get(KEY), isOver.signal);
  const hasPromotion = open.store.design.commands.some(({ name }) => name === PROMOTE);
  const patience = delay(PATIENCE_MS);
  let promotedAt: number | undefined;
  const limit = delay(LIMIT_MS);
  try {
    await killed;
    await Promise.race([put, patience.over]);
    if (hasPromotion && patience.isOver) {
      promotedAt = performance.now();
      await open.stage.do(`${PROMOTE} ${SERVERS.find((id) => id !== server)}`);
    }
    await Promise.race([Promise.all([put, get]), limit.over]);
  } finally {
    patience.end();
    limit.end();
    isOver.abort();
  }
  const [putAt, getAt] = await Promise.all([put, get]);
  return {
    putMs: since(killedAt, putAt),
    getMs: since(killedAt, getAt),
    promotedMs: promotedAt && since(promotedAt, putAt),
  };
}

function since(begun: number, at: number | undefined): number | undefined {
  return at === undefined ? undefined : at - begun;
}

/** The time of the first answer; undefined if it is over before that. */
async function firstAnswer(
  operate: () => Promise<Answer>,
  isOver: AbortSignal,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const end = (at?: number): void => {
      clearInterval(timer);
      resolve(at);
    };
    const begin = (): void => {
      operate().then(({ outcome }) => outcome === 'ok' && end(performance.now()), reject);
    };
    const timer = setInterval(begin, EVERY_MS);
    isOver.addEventListener('abort', () => end());
    begin();
  });
}

interface Delay {
  readonly over: Promise<void>;
  readonly isOver: boolean;
  end(): void;
}

function delay(ms: number): Delay {
  let isOver = false;
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      isOver = true;
      resolve();
    }, ms);
    end = () => clearTimeout(timer);
  });
  return {
    over,
    get isOver() {
      return isOver;
    },
    end,
  };
}

// The stores that are measured beside each other: those of others and our designs, each as a script
// runs it, with three servers.
import {
  chmodSync,
  type Dirent,
  lstatSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENGINES } from '../src/engines/registry.ts';
import { Stage } from '../src/evaluate/stage.ts';
import type { Answer } from '../src/kernel/control.ts';
import { completeOptions, type Design, type Options } from '../src/kernel/design.ts';
import type { ServerState } from '../src/kernel/engine.ts';
import type { NodeId } from '../src/kernel/ids.ts';
import { STORAGE } from '../src/kernel/storageOption.ts';
import { createProcessWorld, type World } from '../src/master/worlds.ts';
import { PROTOCOLS } from '../src/protocols/registry.ts';
import { VALUE } from './replicas.ts';

export const SERVERS: readonly NodeId[] = [0, 1, 2];
const CLIENT = 100;

/** A store with options: a row of the tables. */
export interface Store {
  /** As a script chooses it, without `protocol`. */
  readonly name: string;
  readonly design: Design;
  readonly options: Options;
  /** When a put is acknowledged, in a clause. */
  readonly acknowledged: string;
}

type Choice = Pick<Store, 'options' | 'acknowledged'>;

const DEFAULT: Choice = { options: {}, acknowledged: 'as it does by default' };

/** What is measured of a store; of one that is not here its defaults are. */
const CHOICES: { readonly [name: string]: readonly Choice[] } = {
  etcd: [{ options: {}, acknowledged: 'two have synced it' }],
  redis: [
    { options: {}, acknowledged: 'one has it in memory' },
    { options: { appendonly: 'yes' }, acknowledged: 'one has it, synced each second' },
  ],
  nats: [{ options: {}, acknowledged: 'two have it, synced each two minutes' }],
  postgres: [
    { options: {}, acknowledged: 'one has it, not synced' },
    { options: { fsync: 'on' }, acknowledged: 'one has synced it' },
    {
      options: { fsync: 'on', sync: '1', commit: 'remote_apply' },
      acknowledged: 'two have synced it, and show it',
    },
  ],
  causal: inMemoryAndLogged('one has'),
  chain: inMemoryAndLogged('three have'),
  quorum: inMemoryAndLogged('two have'),
  sharded: inMemoryAndLogged('three have', { groups: '1' }),
  weak: [{ options: {}, acknowledged: 'one has it in memory' }],
};

function inMemoryAndLogged(who: string, options: Options = {}): Choice[] {
  return [
    { options, acknowledged: `${who} it in memory` },
    { options: { ...options, [STORAGE]: 'log' }, acknowledged: `${who} synced it` },
  ];
}

/** All but engines that need more than a name. */
export function listStores(): Store[] {
  const designs: Design[] = [...ENGINES, ...PROTOCOLS];
  return designs
    .filter((one) => one.refuseOptions?.(completeOptions(one, {})) === undefined)
    .flatMap((design) =>
      (CHOICES[design.name] ?? [DEFAULT]).map((choice) => {
        return { ...choice, design, name: [design.name, ...settingsOf(choice.options)].join(' ') };
      }),
    );
}

function settingsOf(options: Options): string[] {
  return Object.entries(options).map(([name, text]) => `${name}=${text}`);
}

/** A store that runs, and its client. */
export interface Open {
  readonly store: Store;
  readonly stage: Stage;
  /** From the first `joinServer` to the first acknowledged put, in milliseconds. */
  readonly readyMs: number;
  put(key: string): Promise<Answer>;
  get(key: string): Promise<Answer>;
  look(): Promise<readonly ServerState[]>;
  /** Of all files of the servers, as the disk has them. */
  bytesOnDisk(): number;
  /** Throws if a file is left. */
  close(): Promise<void>;
}

/**
 * Starts three servers and a client of the first one, as a script does; a client of a design that
 * reaches all servers is linked to all. Rejects with an EnvironmentError if a program cannot be
 * started.
 */
export async function openStore(store: Store, seed = 1): Promise<Open> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cw-')));
  // PostgreSQL's servers, which never run as root, go through it.
  chmodSync(folder, 0o711);
  const world = createProcessWorld();
  const { design } = store;
  const stage = new Stage({ protocol: design, seed, createWorld: () => world }, 0, 0);
  const close = async (): Promise<void> => {
    await stage.stop();
    // Only an empty folder can be removed: the servers' own have gone with the run.
    rmdirSync(folder);
  };
  try {
    const begun = performance.now();
    await withTemporaryFolder(folder, () => begin(stage, world, store));
    const put = (key: string) => stage.put(CLIENT, key, VALUE);
    const first = await put('first');
    if (first.outcome !== 'ok') throw new Error(`the first put of ${store.name}: ${first.outcome}`);
    return {
      ...{ store, stage, put, close },
      readyMs: performance.now() - begun,
      get: (key) => stage.get(CLIENT, key),
      look: async () => (await world.look())?.servers ?? [],
      bytesOnDisk: () => bytesIn(folder),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Links the client to all servers, where it is not yet. */
export async function linkToAll({ stage, store }: Open): Promise<void> {
  if (store.design.clientsReachAll) return;
  await stage.do(...SERVERS.slice(1).map((server) => `joinClient ${CLIENT} ${server}`));
}

async function begin(stage: Stage, world: World, { design, options }: Store): Promise<void> {
  // What the next line waits for after a fault is measured here.
  const given = { ...options, ...('reaction' in design.options && { reaction: 'open' }) };
  const lines = [
    ['protocol', design.name, ...settingsOf(given)].join(' '),
    ...SERVERS.map((server) => `joinServer ${server}`),
    `joinClient ${CLIENT} 0`,
  ];
  await world.foresee(lines.map((text, index) => ({ number: index + 1, text })));
  await stage.do(...lines);
}

/** The worlds make the folders of servers in the system's temporary folder. */
async function withTemporaryFolder(folder: string, task: () => Promise<void>): Promise<void> {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    await task();
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}

const BLOCK_BYTES = 512;

function bytesIn(folder: string): number {
  const inEach = list(folder).map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return bytesIn(path);
    return (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * BLOCK_BYTES;
  });
  return inEach.reduce((sum, bytes) => sum + bytes, 0);
}

/** Servers may remove a folder meanwhile. */
function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

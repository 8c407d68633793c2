// Real servers with logs under load, killed (SIGKILL) at moments that differ each time, one of them
// or all at once. `npm run crash-test` does it some hundreds of times.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Answer } from '../src/kernel/control.ts';
import type { NodeId } from '../src/kernel/ids.ts';
import { completeOptions, type Options, type Protocol } from '../src/kernel/protocol.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../src/kernel/random.ts';
import type { ProcessCluster } from '../src/processes/processCluster.ts';
import { createProcessCluster } from '../src/processes/realWorld.ts';
import { causal } from '../src/protocols/causal/index.ts';
import { chain } from '../src/protocols/chain/index.ts';
import { quorum } from '../src/protocols/quorum/index.ts';
import { sharded } from '../src/protocols/sharded/index.ts';
import { openDataFolder } from '../src/rpc/dataFolder.ts';
import { extent } from './support/extent.ts';

const CRASHES = Number(process.env.CAUSEWAY_CRASHES ?? extent({ full: 5, quick: 2 }));
/** Vectors grow with every life, and stores with every put: then a new cluster takes over. */
const CRASHES_IN_A_RUN = 10;
/** Of so many keys, one is compared and set where the protocol can. */
const COMPARED_EACH = 4;
const REPLICATED_CRASHES_IN_A_RUN = 3;
/** After so many a new folder takes over: every start reads all that the folder has. */
const CRASHES_OF_A_FOLDER = 60;
/** A start takes its time on a machine that has other work. */
const CRASH_TIMEOUT_MS = 20_000;
const SERVERS = [0, 1, 2];
const CLIENTS = [10, 11, 12];

const ends: (() => Promise<void>)[] = [];
async function end(): Promise<void> {
  for (const task of ends.splice(0).reverse()) await task();
}
afterEach(end);

class Run {
  readonly cluster: ProcessCluster;
  /** What each server has acknowledged. */
  readonly ackedBy = new Map<NodeId, Set<string>>(SERVERS.map((id) => [id, new Set()]));
  /** The keys whose value has been compared and set. */
  readonly replaced = new Set<string>();
  /** The keys that servers had from earlier runs when they joined. */
  readonly recovered = new Set<string>();
  readonly #lives = new Map<NodeId, number>();
  readonly #live = new Set<NodeId>();
  readonly #formerLives: number;
  readonly #clientsReachAll: boolean;
  readonly #compares: boolean;
  #count = 0;
  #rounds = 0;
  #onAck: () => void = () => undefined;

  constructor(cluster: ProcessCluster, formerLives: number, protocol: Protocol) {
    this.cluster = cluster;
    this.#formerLives = formerLives;
    this.#clientsReachAll = protocol.clientsReachAll === true;
    this.#compares = protocol.commands.some(({ name }) => name === 'cas');
  }

  nextRound(): number {
    this.#rounds += 1;
    return this.#rounds;
  }

  async join(id: NodeId): Promise<void> {
    const isServer = SERVERS.includes(id);
    const tellsRecovered = !this.#lives.has(id);
    const incarnation = (this.#lives.get(id) ?? this.#formerLives) + 1;
    this.#lives.set(id, incarnation);
    const role = isServer ? 'server' : 'client';
    const recovered = await this.cluster.start({ role, id, incarnation, tellsRecovered });
    for (const { key } of recovered) this.recovered.add(key);
    this.#live.add(id);
    const [clients, servers] = this.#clientsReachAll ? [CLIENTS, SERVERS] : [[id + 10], [id - 10]];
    const peers = isServer ? [...SERVERS, ...clients] : servers;
    for (const peer of peers) if (peer !== id && this.#live.has(peer)) await this.#link(id, peer);
    // In a new run it may have to wait for others that have not joined yet.
    if (isServer) await this.cluster.ask(id, 'settle', {}).catch(() => undefined);
  }

  async kill(id: NodeId): Promise<void> {
    this.#live.delete(id);
    await this.cluster.kill(id);
    for (const peer of this.#live) await this.#tell(peer, 'disconnect', id);
  }

  /** Puts one key after the other, until it is told to end. */
  async load(client: NodeId, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      this.#count += 1;
      const key = `key ${this.#formerLives}-${this.#count}`;
      const answer = (await this.cluster.ask(client, 'put', { key, value: 'v' })) as Answer;
      if (answer.outcome !== 'ok') {
        // Without its server it would ask again and again at once.
        await this.cluster.sleep(1);
        continue;
      }
      this.ackedBy.get(answer.server as NodeId)?.add(key);
      this.#onAck();
      if (this.#compares && this.#count % COMPARED_EACH === 0) await this.#replace(client, key);
    }
  }

  /** No other client has the key, so a comparison that fails has been applied before. */
  async #replace(client: NodeId, key: string): Promise<void> {
    const order = { name: 'cas', args: [key, 'v', 'w'] };
    const answer = (await this.cluster.ask(client, 'command', order)) as Answer;
    expect(answer.isSet, `${key}: a compare-and-set has applied twice`).not.toBe(false);
    if (answer.outcome === 'ok') this.replaced.add(key);
  }

  /** Resolves when so many more were acknowledged. */
  acknowledged(count: number): Promise<void> {
    return new Promise((resolve) => {
      let left = count;
      this.#onAck = () => {
        left -= 1;
        if (left <= 0) resolve();
      };
    });
  }

  /** The keys of those that the server lacks, or has with a value that was replaced. */
  async lost(server: NodeId, acked: Iterable<string>): Promise<string[]> {
    const before = new Set(this.replaced);
    const answer = await this.cluster.ask(server, 'printStore', {});
    const { entries } = answer as unknown as { entries: [string, string][] };
    const held = new Map(entries);
    return [...acked].filter((key) => {
      const value = held.get(key);
      return value === undefined || (before.has(key) && value !== 'w');
    });
  }

  async #link(a: NodeId, b: NodeId): Promise<void> {
    await this.cluster.link(a, b);
    await Promise.all([this.#tell(a, 'connect', b), this.#tell(b, 'connect', a)]);
  }

  async #tell(id: NodeId, method: string, peer: NodeId): Promise<void> {
    const role = SERVERS.includes(peer) ? 'server' : 'client';
    await this.cluster.ask(id, method, { peer, role });
  }
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-crash-'));
  ends.push(async () => rmSync(folder, { recursive: true }));
  return join(folder, 'data');
}

/** The next run on that folder: new processes, and a master that knows nothing of the last. */
async function begin(
  protocol: Protocol,
  folder: string,
  random: RandomStream,
  given: Options = {},
): Promise<Run> {
  const data = await openDataFolder(folder);
  const options = completeOptions(protocol, { ...given, storage: 'log' });
  const cluster = createProcessCluster({ protocol, options, seed: 1 }, { data });
  ends.push(() => cluster.stop());
  const run = new Run(cluster, data.formerLives, protocol);
  const servers = [...SERVERS].sort(() => random() - 0.5);
  for (const id of [...servers, ...CLIENTS]) await run.join(id);
  return run;
}

/** So many crashes of one cluster under load. After each, the servers hold what they must hold. */
async function crash(run: Run, count: number, random: RandomStream, look: Look): Promise<void> {
  let isOver = false;
  const lanes = CLIENTS.flatMap((client) => [client, client, client]);
  const load = Promise.all(lanes.map((client) => run.load(client, () => isOver)));
  for (let done = 0; done < count; done += 1) {
    await run.acknowledged(1 + randomBelow(random, 200));
    const victims = random() < 0.3 ? SERVERS : [randomBelow(random, SERVERS.length)];
    await Promise.all(victims.map((id) => run.kill(id)));
    const before = new Map(SERVERS.map((id) => [id, [...(run.ackedBy.get(id) ?? [])]]));
    for (const id of victims) await run.join(id);
    await look(run, victims, before);
  }
  isOver = true;
  await load;
  const all = [...run.ackedBy.values()].flatMap((keys) => [...keys]);
  expect(all.length).toBeGreaterThan(count);
  await expectEverywhere(run, all);
}

type Look = (
  run: Run,
  victims: readonly NodeId[],
  before: ReadonlyMap<NodeId, readonly string[]>,
) => Promise<void>;

/** A server has what it acknowledged itself; the others need not have heard of it. */
const lookAtOwn: Look = async (run, victims, before) => {
  for (const id of victims) {
    expect(await run.lost(id, before.get(id) ?? []), `server ${id}`).toEqual([]);
  }
};

/** Every server is in every chain, so all have what any of them acknowledged. */
const lookAtAll: Look = (run, _victims, before) => {
  return expectEverywhere(run, [...before.values()].flat());
};

/** Two of the three servers have confirmed each write that any of them acknowledged. */
const lookAtQuorum: Look = async (run, _victims, before) => {
  const acked = [...before.values()].flat();
  const lacking = await Promise.all(SERVERS.map(async (id) => new Set(await run.lost(id, acked))));
  const lacksMost = (key: string): boolean => lacking.filter((keys) => keys.has(key)).length > 1;
  expect(acked.filter(lacksMost)).toEqual([]);
};

async function expectEverywhere(run: Run, acked: readonly string[]): Promise<void> {
  const order = { round: run.nextRound(), avoid: [], known: SERVERS, budgetMs: 20_000 };
  const round = await run.cluster.ask(0, 'stabilize', order, 30_000);
  expect((round as unknown as { reached: NodeId[] }).reached.length).toBe(SERVERS.length);
  for (const id of SERVERS) expect(await run.lost(id, acked), `server ${id}`).toEqual([]);
}

it(
  `causal: ${CRASHES} crashes lose nothing that was acknowledged`,
  async () => {
    const random = createRandomStream(Date.now(), 'crashes');
    for (let left = CRASHES; left > 0; left -= CRASHES_IN_A_RUN) {
      const run = await begin(causal, makeFolder(), random);
      await crash(run, Math.min(left, CRASHES_IN_A_RUN), random, lookAtOwn);
      await end();
    }
  },
  (CRASHES + 2) * CRASH_TIMEOUT_MS,
);

it.each([
  ['chain', chain, {}, lookAtAll],
  ['quorum', quorum, {}, lookAtQuorum],
  ['sharded', sharded, { groups: '1' }, lookAtAll],
] as const)(
  `%s: ${CRASHES} crashes lose nothing, nor do new runs on the same disks`,
  async (name, protocol, options, look) => {
    const random = createRandomStream(Date.now(), `crashes of ${name}`);
    let folder = makeFolder();
    let acked: string[] = [];
    for (let left = CRASHES; left > 0; left -= REPLICATED_CRASHES_IN_A_RUN) {
      if ((CRASHES - left) % CRASHES_OF_A_FOLDER === 0) {
        await end();
        [folder, acked] = [makeFolder(), []];
      }
      const run = await begin(protocol, folder, random, options);
      expect(acked.filter((key) => !run.recovered.has(key))).toEqual([]);
      await expectEverywhere(run, acked);
      await crash(run, Math.min(left, REPLICATED_CRASHES_IN_A_RUN), random, look);
      for (const keys of run.ackedBy.values()) acked.push(...keys);
      await run.cluster.stop();
    }
  },
  (CRASHES + 2) * CRASH_TIMEOUT_MS,
);

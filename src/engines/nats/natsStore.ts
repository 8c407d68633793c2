// A cluster of NATS's own servers with a bucket, as the store of a world.
import type { NodeSpec } from '../../kernel/cluster.ts';
import type { EngineCluster, EngineSetup } from '../../kernel/engine.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import { readMs } from '../../kernel/optionTexts.ts';
import type { ForeignProgram } from '../../processes/foreignProgram.ts';
import type { Connection, Shown, Store, StoreSetup } from '../store.ts';
import { createStoreCluster } from '../storeWorld.ts';
import { BucketClient, streamOf } from './bucketClient.ts';
import { NatsMember } from './member.ts';
import { NatsElsewhere } from './natsElsewhere.ts';
import { openConnection, readReplicaAtOnce } from './operations.ts';
import { endpointsOf } from './options.ts';
import { loadPackages, type Packages } from './packages.ts';
import { MOST_REPLICAS, metaLeaderOf, type NextStep, nextStep, type Sight } from './readiness.ts';
import { toApplied } from './requests.ts';
import type { Status } from './status.ts';

/** NATS waits four to nine seconds without its leader before it elects another one. */
const PATIENCE_MS = 20_000;

export function createNatsCluster(setup: EngineSetup): EngineCluster {
  const isElsewhere = endpointsOf(setup.options).length > 0;
  return createStoreCluster(setup, {
    timeoutMs: readMs(setup.options.timeout ?? '') ?? 0,
    reacts: setup.options.reaction === 'awaited',
    patienceMs: PATIENCE_MS,
    create: (store) => (isElsewhere ? new NatsElsewhere(store) : new NatsStore(store)),
  });
}

const BUCKET = 'causeway';
const STREAM = streamOf(BUCKET);
const [LOOK_FIRST_MS, LOOK_EVERY_MS] = [5, 40];
const LOOK_MS = 1_000;

class NatsStore implements Store {
  readonly #setup: StoreSetup;
  /** All that were ever started, running or not. */
  readonly #members = new Map<NodeId, NatsMember>();
  /** For the questions of the master, by server. */
  readonly #clients = new Map<NodeId, BucketClient>();
  #packages: Promise<Packages> | undefined;
  #loaded: Packages | undefined;
  #changing: Promise<void> | undefined;

  constructor(setup: StoreSetup) {
    this.#setup = setup;
  }

  async start({ id }: NodeSpec): Promise<ForeignProgram> {
    this.#packages ??= loadPackages();
    this.#loaded = await this.#packages;
    const existing = this.#members.get(id);
    const others = [...this.#members.values()].filter((member) => member !== existing);
    if (existing === undefined && others.length === MOST_REPLICAS) {
      throw new CallError('ERR_UNREACHABLE', `a bucket has ${MOST_REPLICAS} replicas at most`);
    }
    if (existing === undefined) await this.#awaitMetaLeader();
    const member = existing ?? new NatsMember(id, STREAM, this.#setup);
    const program = await member.start(others);
    this.#members.set(id, member);
    return program;
  }

  ended(id: NodeId): void {
    this.#members.get(id)?.ended();
    this.#clients.get(id)?.close();
  }

  linksChanged(): void {
    for (const member of this.#members.values()) member.linksChanged();
  }

  connect(_client: NodeId, server: NodeId): Connection {
    const member = this.#members.get(server);
    return openConnection({
      ...{ server, bucket: BUCKET, options: this.#setup.options, packages: this.#library },
      address: () => member?.address,
      isServing: () => member?.isServing === true,
    });
  }

  async settle(server: NodeId, withinMs: number): Promise<NodeId[]> {
    const until = this.#setup.now() + withinMs;
    for (let waitMs = LOOK_FIRST_MS; ; waitMs = Math.min(2 * waitMs, LOOK_EVERY_MS)) {
      const sight = await this.#look(server);
      const step = nextStep(sight);
      if (step.kind === 'end') return step.awaited;
      if (this.#setup.now() > until) throw new CallError('ERR_UNREACHABLE', 'not ready in time');
      await this.#take(step, sight);
      await this.#setup.sleep(waitMs);
    }
  }

  async position(server: NodeId, timeoutMs: number): Promise<string | undefined> {
    const status = await this.#members.get(server)?.look(timeoutMs);
    if (status === undefined) return undefined;
    const { sequence = 0, messages = 0 } = status.bucket ?? {};
    return `sequence ${sequence}, ${messages} messages`;
  }

  async show(server: NodeId, timeoutMs: number): Promise<Shown> {
    const member = this.#running(server);
    const status = await member.look(timeoutMs);
    if (status !== undefined && status.bucket === undefined) return { entries: [], applied: [] };
    if (!(await member.lookWhetherServing(timeoutMs))) {
      throw new CallError('ERR_UNREACHABLE', 'its replica does not answer yet');
    }
    const { entries, last } = await readReplicaAtOnce(this.#client(server), timeoutMs);
    return { entries, applied: toApplied(last, last) };
  }

  async inspect(server: NodeId, timeoutMs: number): Promise<Inspection> {
    const status = await this.#running(server).look(timeoutMs);
    if (status === undefined) throw new CallError('ERR_UNREACHABLE', 'it does not answer');
    const { entries } = await this.show(server, timeoutMs);
    const { metaLeader, bucket } = status;
    return {
      leader: bucket?.leader ?? null,
      metaLeader: metaLeader ?? null,
      ...{ replicas: bucket?.replicas ?? 0, sequence: bucket?.sequence ?? 0 },
      store: entries.map(([key, value, version]) => ({ key, value, version })),
    };
  }

  /** `moveLeader`. NATS picks the next leader itself, so the lead moves on until it is the one. */
  async command(server: NodeId): Promise<string[]> {
    const until = this.#setup.now() + PATIENCE_MS;
    for (;;) {
      const leader = (await this.#running(server).look(LOOK_MS))?.bucket?.leader;
      if (leader === server) break;
      if (this.#setup.now() > until) throw new CallError('ERR_UNREACHABLE', 'it does not lead');
      const isThere = leader !== undefined && this.#members.get(leader)?.address !== undefined;
      if (isThere) await ignoringRefusal(this.#client(leader).stepDown());
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
    await this.settle(server, PATIENCE_MS);
    return [];
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    for (const member of this.#members.values()) member.close();
  }

  get #library(): Packages {
    if (this.#loaded === undefined) throw new Error('no server has started');
    return this.#loaded;
  }

  #running(server: NodeId): NatsMember {
    const member = this.#members.get(server);
    if (member?.address !== undefined) return member;
    throw new CallError('ERR_UNREACHABLE', `${server} does not run`);
  }

  #client(server: NodeId): BucketClient {
    const existing = this.#clients.get(server);
    if (existing !== undefined) return existing;
    const address = (): string | undefined => this.#members.get(server)?.address;
    const client = new BucketClient({ packages: this.#library, bucket: BUCKET, address });
    this.#clients.set(server, client);
    return client;
  }

  /** A new server that meets no cluster might begin another one, with others that are cut off. */
  async #awaitMetaLeader(): Promise<void> {
    const voters = this.#voters();
    if (voters.length === 0) return;
    const until = this.#setup.now() + PATIENCE_MS;
    for (;;) {
      const running = [...this.#setup.members.keys()];
      for (const id of running) {
        const sight = await this.#look(id);
        const isMost =
          voters.filter((one) => sight.reached.includes(one)).length * 2 > voters.length;
        if (isMost && metaLeaderOf(sight) !== undefined) return;
      }
      if (this.#setup.now() > until) {
        throw new CallError('ERR_UNREACHABLE', 'the cluster does not take it: it has no leader');
      }
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
  }

  #voters(): NodeId[] {
    return [...this.#members.values()].filter(({ isVoter }) => isVoter).map(({ id }) => id);
  }

  async #look(server: NodeId): Promise<Sight> {
    const { links, members } = this.#setup;
    const isWell = (id: NodeId): boolean => members.get(id)?.isPaused === false;
    const reached = links.reachedFrom(server, isWell);
    const statuses = new Map<NodeId, Status>();
    const look = async (id: NodeId): Promise<void> => {
      const member = this.#members.get(id);
      const status = isWell(id) ? await member?.look(LOOK_MS) : undefined;
      if (status !== undefined) statuses.set(id, status);
      if (status?.bucket !== undefined) await member?.lookWhetherServing(LOOK_MS);
    };
    await Promise.all(reached.map(look));
    const sight: Sight = {
      ...{ server, reached, statuses, voters: this.#voters() },
      isServing: (id) => this.#members.get(id)?.isServing === true,
      areLinked: (a, b) => links.peersOf(a).includes(b),
    };
    const leader = metaLeaderOf(sight);
    for (const id of (leader !== undefined && statuses.get(leader)?.members) || []) {
      const member = this.#members.get(id);
      if (member !== undefined) member.isVoter = true;
    }
    return sight;
  }

  /** Servers may have to wait for the same step, which is taken once. */
  async #take(step: NextStep, sight: Sight): Promise<void> {
    if (step.kind !== 'create' && step.kind !== 'grow') return;
    const client = this.#client(metaLeaderOf(sight) ?? sight.server);
    const { kind, replicas } = step;
    this.#changing ??= ignoringRefusal(
      kind === 'create' ? client.create(replicas) : client.setReplicas(replicas),
    ).finally(() => {
      this.#changing = undefined;
    });
    await this.#changing;
  }
}

/** The next look shows whether it was done. */
async function ignoringRefusal(order: Promise<unknown>): Promise<void> {
  try {
    await order;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}

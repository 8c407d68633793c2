// A cluster of NATS's own servers with a bucket, as the store of a world.

import type { NodeSpec } from '../../kernel/cluster.ts';
import type { EngineCluster, EngineSetup } from '../../kernel/engine.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { ForeignProgram } from '../../processes/foreignProgram.ts';
import { endpointsOf } from '../store/endpoints.ts';
import type { Connection, Shown, Store, StoreSetup } from '../store/store.ts';
import { waitsOf } from '../store/storeOptions.ts';
import { createStoreCluster } from '../store/storeWorld.ts';
import { unlessUnanswered } from '../store/unlessUnanswered.ts';
import { BucketClient, streamOf } from './bucketClient.ts';
import { NatsMember, SYSTEM_USER } from './member.ts';
import { NatsElsewhere } from './natsElsewhere.ts';
import { openConnection, readReplicaAtOnce } from './operations.ts';
import { loadPackages, type Packages } from './packages.ts';
import {
  canGrow,
  isAlone,
  MOST_REPLICAS,
  metaLeaderOf,
  type NextStep,
  nextStep,
  type Sight,
} from './readiness.ts';
import { toApplied } from './requests.ts';
import type { Status } from './status.ts';

/** NATS waits four to nine seconds without its leader before it elects another one. */
const PATIENCE_MS = 20_000;

export function createNatsCluster(setup: EngineSetup): EngineCluster {
  const isElsewhere = endpointsOf(setup.options).length > 0;
  const waits = waitsOf(setup.options);
  return createStoreCluster(setup, {
    ...waits,
    ...(waits.reacts && !isElsewhere && { patienceMs: PATIENCE_MS }),
    create: (store) => (isElsewhere ? new NatsElsewhere(store) : new NatsStore(store)),
  });
}

const BUCKET = 'causeway';
const STREAM = streamOf(BUCKET);
const [LOOK_FIRST_MS, LOOK_EVERY_MS] = [5, 40];
const LOOK_MS = 1_000;

/** One of the two leads that a server may have: of the cluster, and of the bucket's stream. */
interface Lead {
  leaderOf(status: Status | undefined): NodeId | undefined;
  stepDown(leader: NodeId): Promise<void>;
}

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

  /** A server that starts has more time: two that begin a cluster may have to elect twice. */
  async settle(server: NodeId, withinMs: number): Promise<NodeId[]> {
    const member = this.#members.get(server);
    const until = this.#setup.now() + (member?.wasReady ? withinMs : PATIENCE_MS);
    for (let waitMs = LOOK_FIRST_MS; ; waitMs = Math.min(2 * waitMs, LOOK_EVERY_MS)) {
      const sight = await this.#look(server);
      const step = nextStep(sight);
      if (step.kind === 'end') {
        if (member !== undefined) member.wasReady = true;
        return step.awaited;
      }
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

  /**
   * `moveLeader`. Rejects with a CallError if it does not become the leader. NATS picks the next
   * leader itself, so the lead is moved on until the server has it.
   */
  async command(server: NodeId): Promise<string[]> {
    const until = this.#setup.now() + PATIENCE_MS;
    await this.#moveLead(server, until, {
      leaderOf: (status) => status?.metaLeader,
      stepDown: async (leader) => {
        const address = (): string | undefined => this.#members.get(leader)?.address;
        const terms = { packages: this.#library, bucket: BUCKET, user: SYSTEM_USER };
        const client = new BucketClient({ ...terms, address });
        await client.stepDown('META', LOOK_MS).finally(() => client.close());
      },
    });
    await this.#moveLead(server, until, {
      leaderOf: (status) => status?.bucket?.leader,
      stepDown: (leader) => this.#client(leader).stepDown('STREAM', LOOK_MS),
    });
    await this.settle(server, PATIENCE_MS);
    return [];
  }

  async #moveLead(server: NodeId, until: number, { leaderOf, stepDown }: Lead): Promise<void> {
    for (;;) {
      const leader = leaderOf(await this.#running(server).look(LOOK_MS));
      if (leader === server) return;
      if (this.#setup.now() > until) throw new CallError('ERR_UNREACHABLE', 'it does not lead');
      const seen =
        leader === undefined ? undefined : await this.#members.get(leader)?.look(LOOK_MS);
      // Another server would not answer.
      if (leader !== undefined && leaderOf(seen) === leader)
        await unlessUnanswered(() => stepDown(leader));
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
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

  /**
   * A new server that meets no cluster begins one, with any other that it meets. So the cluster
   * must have a leader before it comes, unless it is to be the second server of one.
   */
  async #awaitMetaLeader(): Promise<void> {
    const until = this.#setup.now() + PATIENCE_MS;
    for (;;) {
      const sights = await Promise.all([...this.#setup.members.keys()].map((id) => this.#look(id)));
      if (sights.some(canGrow)) return;
      if (this.#voters().length === 0 && sights.every(isAlone)) return;
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
    // The next look shows whether it was done.
    this.#changing ??= unlessUnanswered(() =>
      kind === 'create' ? client.create(replicas) : client.setReplicas(replicas),
    ).finally(() => {
      this.#changing = undefined;
    });
    await this.#changing;
  }
}

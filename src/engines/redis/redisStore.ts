// A primary and replicas of Redis's own servers, as the store of a world.

import type { NodeSpec } from '../../kernel/cluster.ts';
import type { EngineCluster, EngineSetup } from '../../kernel/engine.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { ForeignProgram } from '../../processes/foreignProgram.ts';
import { endpointsOf } from '../store/endpoints.ts';
import { isAtOwn } from '../store/primaryDesign.ts';
import type { Connection, Request, Shown, Store, StoreSetup } from '../store/store.ts';
import { waitsOf } from '../store/storeOptions.ts';
import { createStoreCluster } from '../store/storeWorld.ts';
import { unlessUnanswered } from '../store/unlessUnanswered.ts';
import { type Position, positionWords, showWords, toPosition, toShown } from './commands.ts';
import { operate } from './exchange.ts';
import { toInfo, toInspection } from './info.ts';
import { RedisMember } from './member.ts';
import { RedisElsewhere } from './redisElsewhere.ts';
import { RespConnection } from './respConnection.ts';
import { Terms } from './terms.ts';

export function createRedisCluster(setup: EngineSetup): EngineCluster {
  const isElsewhere = endpointsOf(setup.options).length > 0;
  return createStoreCluster(setup, {
    ...waitsOf(setup.options),
    create: (store) => (isElsewhere ? new RedisElsewhere(store) : new RedisStore(store)),
  });
}

const LOOK_EVERY_MS = 10;
const LOOK_MS = 1_000;
const ORDER_MS = 2_000;
/** Of the run's names in its servers, which are its own. */
const PREFIX = 'causeway:';

class RedisStore implements Store {
  readonly #setup: StoreSetup;
  readonly #members = new Map<NodeId, RedisMember>();
  readonly #terms = new Terms();

  constructor(setup: StoreSetup) {
    this.#setup = setup;
  }

  /** A server that was the primary is one again, if no other one has become it. */
  async start({ id }: NodeSpec): Promise<ForeignProgram> {
    const isFirst = this.#members.size === 0;
    const latest = this.#terms.latestOf([...this.#members.keys()]);
    const isPrimary = isFirst || latest === id;
    if (!isPrimary) this.#terms.end(id);
    const member = this.#members.get(id) ?? new RedisMember(id, this.#setup);
    this.#members.set(id, member);
    const program = await member.start(isPrimary);
    if (isPrimary) this.#terms.begin(id);
    return program;
  }

  ended(id: NodeId): void {
    this.#members.get(id)?.ended();
  }

  linksChanged(): void {
    for (const member of this.#members.values()) member.linksChanged();
  }

  /** Servers that reach the latest primary follow it, as a sentinel would tell them. */
  async linked(id: NodeId): Promise<void> {
    const { links, members } = this.#setup;
    const near = [id, ...links.peersOf(id)].filter((one) => members.get(one)?.isPaused === false);
    const primary = this.#terms.latestOf(near);
    if (primary !== undefined) await this.#gather(primary);
  }

  choose(request: Request, servers: readonly NodeId[]): NodeId | undefined {
    return isAtOwn(request, this.#setup.options) ? servers[0] : this.#terms.latestOf(servers);
  }

  connect(_client: NodeId, server: NodeId): Connection {
    const connection = new RespConnection(() => this.#members.get(server)?.address);
    const replicas = Number(this.#setup.options.wait);
    const shared = { connection, server, replicas, prefix: PREFIX, terms: this.#terms };
    return {
      operate: (request, timeoutMs) => operate(shared, request, timeoutMs),
      close: () => connection.close(),
    };
  }

  async settle(server: NodeId, withinMs: number): Promise<NodeId[]> {
    const until = this.#setup.now() + withinMs;
    const own = this.#members.get(server);
    if (own?.wasReady && this.#setup.options.reaction === 'open') return [];
    for (;;) {
      const primary = this.#terms.isPrimary(server) ? server : own?.follows;
      const missing = this.#missing(server, primary);
      if (primary === undefined || missing.length > 0) return missing;
      const replicas = this.#replicasOf(primary);
      const [first, ...others] = await Promise.all(
        [primary, ...replicas].map((id) => this.#position(id, LOOK_MS)),
      );
      if (first !== undefined && areEqual(first, others)) {
        if (own !== undefined) own.wasReady = true;
        return [];
      }
      if (this.#setup.now() > until) throw new CallError('ERR_UNREACHABLE', 'not ready in time');
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
  }

  async position(server: NodeId, timeoutMs: number): Promise<string | undefined> {
    return (await this.#position(server, timeoutMs))?.writes;
  }

  async show(server: NodeId, timeoutMs: number): Promise<Shown> {
    return toShown(await this.#member(server).ask(showWords(PREFIX), timeoutMs));
  }

  async inspect(server: NodeId, timeoutMs: number): Promise<Inspection> {
    const member = this.#member(server);
    const info = toInfo(await member.ask(['INFO', 'replication'], timeoutMs));
    const shown = await this.show(server, timeoutMs);
    return toInspection(info, shown, { follows: member.follows ?? null });
  }

  /** `promote` */
  async command(server: NodeId): Promise<string[]> {
    const member = this.#member(server);
    await member.ask(['REPLICAOF', 'NO', 'ONE'], ORDER_MS);
    member.follows = undefined;
    this.#terms.begin(server);
    await this.#gather(server);
    await this.settle(server, ORDER_MS);
    return [];
  }

  async stop(): Promise<void> {
    for (const member of this.#members.values()) member.close();
  }

  /** Undefined if it does not answer. */
  async #position(server: NodeId, timeoutMs: number): Promise<Position | undefined> {
    return unlessUnanswered(async () =>
      toPosition(await this.#member(server).ask(positionWords(PREFIX), timeoutMs)),
    );
  }

  /** Lets the servers that run, and have a link to this primary, follow it. */
  async #gather(primary: NodeId): Promise<void> {
    const { links, members } = this.#setup;
    const leader = this.#member(primary);
    const others = links.peersOf(primary).filter((id) => members.get(id)?.isPaused === false);
    await Promise.all(
      others.map(async (id) => {
        const member = this.#member(id);
        if (member.follows === primary || this.#terms.latestOf([primary, id]) === id) return;
        await member.follow(leader, ORDER_MS);
        this.#terms.end(id);
      }),
    );
  }

  /** The servers that follow this primary and are in touch with it. */
  #replicasOf(primary: NodeId): NodeId[] {
    const { links, members } = this.#setup;
    const near = links.peersOf(primary).filter((id) => members.get(id)?.isPaused === false);
    return near.filter((id) => this.#members.get(id)?.follows === primary);
  }

  /** The primary, if the server cannot be ready without it. */
  #missing(server: NodeId, primary: NodeId | undefined): NodeId[] {
    if (primary === server) return [];
    const { links, members } = this.#setup;
    if (primary === undefined) {
      const latest = this.#terms.latestOf([...this.#members.keys()]);
      return latest === undefined || latest === server ? [] : [latest];
    }
    const isNear = links.peersOf(server).includes(primary);
    return isNear && members.get(primary)?.isPaused === false ? [] : [primary];
  }

  #member(server: NodeId): RedisMember {
    const member = this.#members.get(server);
    if (member?.address === undefined) {
      throw new CallError('ERR_UNREACHABLE', `${server} does not run`);
    }
    return member;
  }
}

/** Whether the replicas have the primary's writes, and both sides take them for connected. */
function areEqual(primary: Position, replicas: readonly (Position | undefined)[]): boolean {
  return (
    primary.replicas >= replicas.length &&
    replicas.every((one) => one?.isInTouch === true && one.writes === primary.writes)
  );
}

// A primary and standbys of PostgreSQL's own servers, as the store of a world.

import type { NodeSpec } from '../../kernel/cluster.ts';
import type { EngineCluster, EngineSetup } from '../../kernel/engine.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import { endpointsOf } from '../store/endpoints.ts';
import { Primaries } from '../store/primaries.ts';
import { isAtOwn } from '../store/primaryDesign.ts';
import type {
  Connection,
  Request,
  Shown,
  Store,
  StoreProgram,
  StoreSetup,
} from '../store/store.ts';
import { waitsOf } from '../store/storeOptions.ts';
import { createStoreCluster } from '../store/storeWorld.ts';
import { unlessUnanswered } from '../store/unlessUnanswered.ts';
import { loadDriver } from './driver.ts';
import { Lineage } from './lineage.ts';
import { PostgresMember } from './member.ts';
import { areEqual, type Reached, readFork, readPosition } from './positions.ts';
import { PostgresElsewhere } from './postgresElsewhere.ts';
import { Session } from './session.ts';
import {
  beginTerm,
  createSchema,
  HISTORY,
  LOOK,
  positionOf,
  showReached,
  showState,
  showStore,
  toAnswer,
  toRow,
  toShown,
  toStatement,
} from './statements.ts';

export function createPostgresCluster(setup: EngineSetup): EngineCluster {
  const isElsewhere = endpointsOf(setup.options).length > 0;
  return createStoreCluster(setup, {
    ...waitsOf(setup.options),
    create: (store) => (isElsewhere ? new PostgresElsewhere(store) : new PostgresStore(store)),
  });
}

const LOOK_EVERY_MS = 10;
const LOOK_MS = 1_000;
const ORDER_MS = 20_000;
const SCHEMA = 'causeway';
/** Of a store of which no other one is sure to have all. */
const NO_TERM = -1;

class PostgresStore implements Store {
  readonly #setup: StoreSetup;
  readonly #members = new Map<NodeId, PostgresMember>();
  readonly #primaries = new Primaries();
  readonly #lineage = new Lineage();
  #gathering: Promise<void> = Promise.resolve();

  constructor(setup: StoreSetup) {
    this.#setup = setup;
  }

  /** A server that was the primary is one again, if no other one has become it. */
  async start({ id }: NodeSpec): Promise<StoreProgram> {
    // The reason for a missing package comes before anything is started.
    await loadDriver();
    const isFirst = this.#members.size === 0;
    const latest = this.#primaries.latestOf([...this.#members.keys()]);
    const member = this.#members.get(id) ?? new PostgresMember(id, this.#setup);
    this.#members.set(id, member);
    if (isFirst || (latest === id && member.hasStore)) return this.#startPrimary(member);
    this.#primaries.end(id);
    await this.#prepare(member, latest);
    const primary = member.follows === undefined ? undefined : this.#members.get(member.follows);
    return member.start(primary);
  }

  ended(id: NodeId): void {
    this.#members.get(id)?.ended();
  }

  linksChanged(): void {
    for (const member of this.#members.values()) member.linksChanged();
  }

  /** Servers that reach the latest primary follow it, as an operator would tell them. */
  async linked(id: NodeId): Promise<void> {
    const { links } = this.#setup;
    const near = [id, ...links.peersOf(id)].filter((one) => this.#isUp(one));
    const primary = this.#primaries.latestOf(near);
    if (primary !== undefined) await this.#gather(primary);
  }

  choose(request: Request, servers: readonly NodeId[]): NodeId | undefined {
    return isAtOwn(request, this.#setup.options) ? servers[0] : this.#primaries.latestOf(servers);
  }

  connect(_client: NodeId, server: NodeId): Connection {
    const session = new Session(() => this.#members.get(server)?.target);
    return {
      operate: async (request, timeoutMs) =>
        toAnswer(request, server, await session.ask(toStatement(SCHEMA, request), timeoutMs)),
      close: () => session.close(),
    };
  }

  async settle(server: NodeId, withinMs: number): Promise<NodeId[]> {
    const until = this.#setup.now() + withinMs;
    const own = this.#members.get(server);
    for (;;) {
      // It may have been paused when another one was promoted.
      await this.linked(server);
      if (own?.wasReady && this.#setup.options.reaction === 'open') return [];
      const primary = this.#primaries.isPrimary(server) ? server : own?.follows;
      const missing = this.#missing(server, primary);
      if (primary === undefined || missing.length > 0) return missing;
      const ids = [primary, ...this.#standbysOf(primary)];
      const reached = await Promise.all(ids.map((id) => this.#reached(id)));
      if (areEqual(reached)) {
        if (own !== undefined) own.wasReady = true;
        return [];
      }
      if (this.#setup.now() > until) throw new CallError('ERR_UNREACHABLE', 'not ready in time');
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
  }

  async #reached(server: NodeId): Promise<Reached | undefined> {
    return unlessUnanswered(async () => {
      const [looked] = await this.#member(server).session.query(showReached(SCHEMA), LOOK_MS);
      const { log } = looked as { log: string };
      return { position: positionOf(toRow([looked])), log: readPosition(log) };
    });
  }

  async position(server: NodeId, timeoutMs: number): Promise<string | undefined> {
    return unlessUnanswered(async () =>
      positionOf(await this.#member(server).session.ask(showState(SCHEMA), timeoutMs)),
    );
  }

  async show(server: NodeId, timeoutMs: number): Promise<Shown> {
    return toShown(await this.#member(server).session.ask(showStore(SCHEMA), timeoutMs));
  }

  async inspect(server: NodeId, timeoutMs: number): Promise<Inspection> {
    const member = this.#member(server);
    const [looked] = await member.session.query(LOOK, timeoutMs);
    const { is_standby, is_in_touch, position } = looked as {
      is_standby: boolean;
      is_in_touch: boolean;
      position: string;
    };
    const { entries } = await this.show(server, timeoutMs);
    return {
      role: is_standby ? 'standby' : 'primary',
      ...(is_standby && { follows: member.follows ?? null, isInTouch: is_in_touch }),
      ...{ term: member.term, position },
      store: entries.map(([key, value, version]) => ({ key, value, version })),
    };
  }

  /** `promote` */
  async command(server: NodeId): Promise<string[]> {
    const member = this.#member(server);
    // A commit of the latest primary that waits for a standby would keep a new term from beginning.
    if (this.#primaries.latestOf([...this.#members.keys()]) !== server) {
      await this.#becomePrimary(member);
    }
    await this.#gather(server);
    await this.settle(server, ORDER_MS);
    return [];
  }

  async stop(): Promise<void> {
    for (const member of this.#members.values()) member.close();
  }

  async #becomePrimary(member: PostgresMember): Promise<void> {
    try {
      await this.#beginTerm(member, await this.#endRecovery(member));
    } catch (error) {
      // It may do it later, as when it is resumed: only with a new copy is it a standby for sure.
      member.term = NO_TERM;
      throw error;
    }
  }

  /** Makes a standby accept writes. Resolves with where its timeline has begun, if that is new. */
  async #endRecovery({ session }: PostgresMember): Promise<bigint | undefined> {
    if (!(await session.isStandby(ORDER_MS))) return undefined;
    await session.query('SELECT pg_promote()', ORDER_MS);
    const [{ history }] = (await session.query(HISTORY, ORDER_MS)) as [{ history: string }];
    return readFork(history);
  }

  async #startPrimary(member: PostgresMember): Promise<StoreProgram> {
    const isNew = !member.hasStore;
    if (isNew) await member.create();
    const program = await member.start(undefined);
    try {
      if (isNew) await member.session.query(createSchema(SCHEMA), ORDER_MS);
      await this.#beginTerm(member, undefined);
      return program;
    } catch (error) {
      await program.kill();
      throw error;
    }
  }

  /** Makes sure that the server has a store that it can start with as a standby. */
  async #prepare(member: PostgresMember, latest: NodeId | undefined): Promise<void> {
    const primary = latest === undefined ? undefined : this.#members.get(latest);
    if (member.hasStore && (primary === undefined || member.term === primary.term)) return;
    const up = [latest, ...this.#members.keys()].find((id) => id !== undefined && this.#isUp(id));
    const source = up === undefined ? undefined : this.#members.get(up);
    if (source !== undefined) await member.copy(source);
    else if (!member.hasStore) {
      throw new CallError('ERR_UNREACHABLE', 'no server runs whose store it could copy');
    } else member.term = NO_TERM;
    // It shows what it has, and is no primary any more.
    member.follows ??= latest;
  }

  /** A primary that was only started again lacks nothing that its standbys have. */
  async #beginTerm(member: PostgresMember, fork: bigint | undefined): Promise<void> {
    const [former, term] = [member.term, this.#primaries.reserve()];
    await member.session.query(beginTerm(SCHEMA, term, member.id), ORDER_MS);
    // Clients come only now: before, their writes would count as some of the term before.
    this.#primaries.begin(member.id, term);
    member.follows = undefined;
    this.#lineage.begin(term, former, fork);
    for (const one of this.#members.values()) {
      if (one.follows === member.id && one.term === former) one.term = term;
    }
    member.term = term;
  }

  /** Lets the servers that run, and have a link to this primary, follow it; one call at a time. */
  #gather(primary: NodeId): Promise<void> {
    const gathered = this.#gathering.then(async () => {
      const others = this.#setup.links.peersOf(primary).filter((id) => this.#isUp(id));
      // One that does not answer is brought later.
      await Promise.all(others.map((id) => unlessUnanswered(() => this.#bring(id, primary))));
    });
    this.#gathering = gathered.catch(() => undefined);
    return gathered;
  }

  async #bring(id: NodeId, primary: NodeId): Promise<void> {
    const [member, leader] = [this.#member(id), this.#member(primary)];
    const isThere = member.follows === primary && member.term === leader.term;
    if (isThere || this.#primaries.latestOf([primary, id]) === id) return;
    const isWithin =
      member.follows !== undefined &&
      this.#lineage.isWithin(member.term, await member.stopFollowing(), leader.term);
    if (isWithin) await member.follow(leader);
    else await member.startAgain(leader);
    member.term = leader.term;
    this.#primaries.end(id);
  }

  /** The servers that follow this primary and are in touch with it. */
  #standbysOf(primary: NodeId): NodeId[] {
    const near = this.#setup.links.peersOf(primary).filter((id) => this.#isUp(id));
    return near.filter((id) => this.#members.get(id)?.follows === primary);
  }

  /** The primary, if the server cannot be ready without it. */
  #missing(server: NodeId, primary: NodeId | undefined): NodeId[] {
    if (primary === server) return [];
    if (primary === undefined) {
      const latest = this.#primaries.latestOf([...this.#members.keys()]);
      return latest === undefined || latest === server ? [] : [latest];
    }
    const isNear = this.#setup.links.peersOf(server).includes(primary);
    return isNear && this.#isUp(primary) ? [] : [primary];
  }

  #isUp(id: NodeId): boolean {
    return this.#setup.members.get(id)?.isPaused === false;
  }

  #member(server: NodeId): PostgresMember {
    const member = this.#members.get(server);
    if (member === undefined || !member.isRunning)
      throw new CallError('ERR_UNREACHABLE', `${server} does not run`);
    return member;
  }
}

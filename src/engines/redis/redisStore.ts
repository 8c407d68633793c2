// A primary and replicas of Redis's own servers, as the store of a world.
import type { NodeSpec } from '../../kernel/cluster.ts';
import type { Answer } from '../../kernel/control.ts';
import type { EngineCluster, EngineSetup } from '../../kernel/engine.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import { readMs } from '../../kernel/optionTexts.ts';
import type { ForeignProgram } from '../../processes/foreignProgram.ts';
import type { Connection, Request, Shown, Store, StoreSetup } from '../store.ts';
import { createStoreCluster } from '../storeWorld.ts';
import { whenReady } from '../whenReady.ts';
import { SHOW_WORDS, type StoreShown, termWords, toAnswer, toShown, toWords } from './commands.ts';
import { RedisMember } from './member.ts';
import { isAtPrimary } from './options.ts';
import { RespConnection } from './respConnection.ts';
import { Terms } from './terms.ts';

export function createRedisCluster(setup: EngineSetup): EngineCluster {
  return createStoreCluster(setup, {
    timeoutMs: readMs(setup.options.timeout ?? '') ?? 0,
    reacts: setup.options.reaction !== 'open',
    create: (store) => new RedisStore(store),
  });
}

const LOOK_EVERY_MS = 10;
const LOOK_MS = 1_000;
const ORDER_MS = 2_000;
/** The share of an operation's time in which replicas have to say that they have a write. */
const WAIT_SHARE = 0.5;

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
    return isPrimary ? whenReady(program, this.#beginTerm(member)) : program;
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
    const isAtOwn = request.kind === 'get' && !isAtPrimary(this.#setup.options, request.modifiers);
    return isAtOwn ? servers[0] : this.#terms.latestOf(servers);
  }

  connect(_client: NodeId, server: NodeId): Connection {
    const connection = new RespConnection(() => this.#members.get(server)?.port);
    return {
      operate: (request, timeoutMs) => this.#operate(connection, server, request, timeoutMs),
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
      const positions = await Promise.all(
        [primary, ...replicas].map((id) => this.position(id, LOOK_MS)),
      );
      if (positions[0] !== undefined && positions.every((one) => one === positions[0])) {
        if (own !== undefined) own.wasReady = true;
        return [];
      }
      if (this.#setup.now() > until) throw new CallError('ERR_UNREACHABLE', 'not ready in time');
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
  }

  async position(server: NodeId, timeoutMs: number): Promise<string | undefined> {
    const shown = await this.show(server, timeoutMs).catch((error: unknown) => {
      if (!(error instanceof CallError)) throw error;
      return undefined;
    });
    return shown?.position;
  }

  async show(server: NodeId, timeoutMs: number): Promise<Shown & StoreShown> {
    return toShown(await this.#member(server).ask(SHOW_WORDS, timeoutMs));
  }

  async inspect(server: NodeId, timeoutMs: number): Promise<Inspection> {
    const member = this.#member(server);
    const told = String(await member.ask(['INFO', 'replication'], timeoutMs));
    const info = new Map(told.split('\r\n').map((line) => line.split(':') as [string, string]));
    const { entries } = await this.show(server, timeoutMs);
    const isPrimary = info.get('role') === 'master';
    return {
      role: isPrimary ? 'primary' : 'replica',
      ...(!isPrimary && { follows: member.follows ?? null }),
      ...(!isPrimary && { isInTouch: info.get('master_link_status') === 'up' }),
      offset: Number(info.get(isPrimary ? 'master_repl_offset' : 'slave_repl_offset') ?? 0),
      store: entries.map(([key, value, version]) => ({ key, value, version })),
    };
  }

  /** `promote` */
  async command(server: NodeId): Promise<string[]> {
    const member = this.#member(server);
    await member.ask(['REPLICAOF', 'NO', 'ONE'], ORDER_MS);
    member.follows = undefined;
    await this.#beginTerm(member);
    await this.#gather(server);
    await this.settle(server, ORDER_MS);
    return [];
  }

  async stop(): Promise<void> {
    for (const member of this.#members.values()) member.close();
  }

  async #operate(
    connection: RespConnection,
    server: NodeId,
    request: Request,
    timeoutMs: number,
  ): Promise<Answer> {
    const reply = await connection.send(toWords(request), timeoutMs);
    const answer = toAnswer(request, server, reply);
    const replicas = Number(this.#setup.options.wait);
    // A read, or a compare that has failed, has written nothing.
    if (replicas === 0 || request.kind === 'get' || answer.version === null) return answer;
    const words = ['WAIT', replicas, Math.round(timeoutMs * WAIT_SHARE)];
    const copies = await connection.send(words, timeoutMs);
    if (Number(copies) >= replicas) return answer;
    const text = `${copies} of ${replicas}`;
    throw new CallError('ERR_REDIS_NOT_COPIED', text, text);
  }

  /** The first write of the term is not subject to the option `min-replicas`. */
  async #beginTerm(member: RedisMember): Promise<void> {
    const setting = ['CONFIG', 'SET', 'min-replicas-to-write'];
    await member.ask([...setting, 0], ORDER_MS);
    await member.ask(termWords(this.#terms.begin(member.id), member.id), ORDER_MS);
    await member.ask([...setting, this.#setup.options['min-replicas'] ?? 0], ORDER_MS);
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
    if (member?.port === undefined)
      throw new CallError('ERR_UNREACHABLE', `${server} does not run`);
    return member;
  }
}

// What worlds of real programs have in common: lives, links, and an end that leaves nothing. The
// servers are programs; the clients, and all that passes between nodes, are in the master.
import { randomBytes } from 'node:crypto';
import type { Death, NodeSpec } from '../../kernel/cluster.ts';
import type { EngineCluster, EngineSetup, ServerState } from '../../kernel/engine.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import { CALL_TIMEOUT_MS } from '../../kernel/limits.ts';
import type { LinkChange } from '../../kernel/linkSettings.ts';
import { createRandomStream, type RandomStream } from '../../kernel/random.ts';
import { Sleeps } from '../../kernel/sleeps.ts';
import type { Intervention } from '../../kernel/trace.ts';
import { createGuard } from '../../processes/guard.ts';
import { findBundles } from '../../processes/nodeProcess.ts';
import { killStrays } from '../../processes/strays.ts';
import { createClock, monotonicMs, startTimer } from '../../rpc/monotonic.ts';
import { LifeEvents } from './lifeEvents.ts';
import type { LinkTable } from './linkTable.ts';

/** One life of a server. */
export interface ServerLife {
  readonly spec: NodeSpec;
  readonly events: LifeEvents;
  isPaused: boolean;
  /** Whether the script, or the end of the run, has ordered its end. */
  readonly isOrdered: boolean;
  /** Resolves with the reason when it has ended; undefined for one that is not of this run. */
  readonly gone: Promise<string> | undefined;
  /** What a user should know of an end that nobody ordered. */
  readonly lastWords: readonly string[];
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Orders its end. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** One life of a client. */
export interface ClientLife {
  readonly events: LifeEvents;
  connected(server: NodeId): void;
  /** Open operations at the server get no answer any more. */
  disconnected(server: NodeId): void;
  /** Open operations get no answer that counts. */
  end(): void;
}

export type Params = { readonly [name: string]: Json };

export abstract class EngineWorld<Server extends ServerLife, Client extends ClientLife>
  implements EngineCluster
{
  readonly formerLives = 0;
  readonly service = { command: noService, inspect: noService };
  readonly now = createClock(monotonicMs());
  readonly random: RandomStream;
  readonly #sleeps = new Sleeps(startTimer);
  readonly sleep = (ms: number): Promise<void> => this.#sleeps.begin(ms);
  protected readonly setup: EngineSetup;
  /** The marks of all programs begin with it. */
  protected readonly mark = randomBytes(16).toString('hex');
  protected readonly guard = createGuard(findBundles(), this.mark);
  protected readonly servers = new Map<NodeId, Server>();
  protected readonly clients = new Map<NodeId, Client>();
  protected abstract readonly links: LinkTable;
  #onDeath: (death: Death) => void = () => undefined;
  #stopping: Promise<void> | undefined;

  constructor(setup: EngineSetup) {
    this.setup = setup;
    this.random = createRandomStream(setup.seed, 'master');
  }

  /** Undefined, with an ordinary death of the server, if the store does not take it. */
  protected abstract startServer(spec: NodeSpec, events: LifeEvents): Promise<Server | undefined>;
  protected abstract createClient(spec: NodeSpec, events: LifeEvents): Client;
  protected abstract askServer(
    server: Server,
    method: string,
    params: Params,
    timeoutMs: number,
  ): Promise<object>;
  protected abstract askClient(
    client: Client,
    method: string,
    params: Params,
    line: number | undefined,
  ): Promise<object>;
  /** A server has just been paused. */
  protected async paused(_id: NodeId): Promise<void> {}
  /** A link was made or cut, at least in one direction. */
  protected linksChanged(): void {}
  /** The life of a server is over, and its links are gone. */
  protected forgotten(_server: Server): void {}
  /** Ends all programs, and releases what else the world has. Never rejects. */
  protected abstract release(): Promise<void>;
  abstract lookAtServers(): Promise<ServerState[]>;

  async start(spec: NodeSpec): Promise<[]> {
    const { id, line } = spec;
    const events = new LifeEvents(spec, this.now, this.setup.trace);
    if (spec.role === 'client') {
      this.clients.set(id, this.createClient(spec, events));
      events.started('client', line);
      return [];
    }
    const server = await this.startServer(spec, events);
    if (server === undefined) return [];
    this.servers.set(id, server);
    events.started('server', line);
    void server.gone?.then((why) => this.#ended(server, why));
    if (this.isStopping) await server.kill();
    return [];
  }

  async kill(id: NodeId, line?: number): Promise<void> {
    const server = this.servers.get(id);
    if (server !== undefined) {
      await server.kill();
      this.#forget(server, line);
      return;
    }
    const client = this.clients.get(id);
    this.links.end(id);
    this.clients.delete(id);
    client?.end();
    client?.events.ended(line);
  }

  async pause(id: NodeId, line?: number): Promise<void> {
    const server = this.servers.get(id);
    if (server === undefined || server.isPaused) return;
    server.isPaused = true;
    server.signal('SIGSTOP');
    server.events.intervened({ event: 'pause' }, line);
    await this.paused(id);
  }

  async resume(id: NodeId, line?: number): Promise<void> {
    const server = this.servers.get(id);
    if (server === undefined || !server.isPaused) return;
    server.events.intervened({ event: 'resume' }, line);
    server.isPaused = false;
    server.signal('SIGCONT');
  }

  async link(a: NodeId, b: NodeId, line?: number): Promise<void> {
    for (const id of [a, b]) if (!this.clients.has(id)) this.#server(id);
    this.#see(a, { event: 'link', peer: b }, line);
    this.links.link(a, b);
    this.clients.get(a)?.connected(b);
    this.clients.get(b)?.connected(a);
    this.linksChanged();
  }

  async unlink(a: NodeId, b: NodeId, line?: number): Promise<void> {
    if (!this.links.unlink(a, b)) return;
    this.#see(a, { event: 'cut', peer: b }, line);
    this.clients.get(a)?.disconnected(b);
    this.clients.get(b)?.disconnected(a);
    this.linksChanged();
  }

  async mute(from: NodeId, to: NodeId, line?: number): Promise<void> {
    if (!this.links.mute(from, to)) return;
    this.#see(from, { event: 'mute', peer: to }, line);
    this.linksChanged();
  }

  async setLink(change: LinkChange): Promise<void> {
    this.links.setLink(change);
  }

  async ask(
    id: NodeId,
    method: string,
    params: Json,
    timeoutMs: number = CALL_TIMEOUT_MS,
    line?: number,
  ): Promise<Json> {
    const fields = params as Params;
    const client = this.clients.get(id);
    const answer = client
      ? await this.askClient(client, method, fields, line)
      : await this.askServer(this.#server(id), method, fields, timeoutMs);
    return answer as Json;
  }

  async tell(id: NodeId, method: string, params: Json, line?: number): Promise<void> {
    await this.ask(id, method, params, CALL_TIMEOUT_MS, line);
  }

  wake(): void {
    this.#sleeps.wake();
  }

  onDeath(listener: (death: Death) => void): void {
    this.#onDeath = listener;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  protected get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** The store does not take a server, whose life does not begin. */
  protected refused({ id, incarnation }: NodeSpec, why: string): void {
    this.#onDeath({ id, incarnation, why, isBug: false, isRefusal: true });
  }

  async #stop(): Promise<void> {
    for (const client of this.clients.values()) client.end();
    await this.release();
    killStrays(this.mark);
    await this.guard.stop();
  }

  #ended(server: Server, why: string): void {
    if (server.isOrdered) return;
    for (const text of server.lastWords) this.setup.note?.(`server ${server.spec.id}: ${text}`);
    this.#forget(server);
    const { id, incarnation } = server.spec;
    this.#onDeath({ id, incarnation, why, isBug: false });
  }

  #forget(server: Server, line?: number): void {
    const { id } = server.spec;
    if (this.servers.get(id) !== server) return;
    this.servers.delete(id);
    server.events.ended(line);
    for (const peer of this.links.end(id)) this.clients.get(peer)?.disconnected(id);
    this.forgotten(server);
  }

  #server(id: NodeId): Server {
    const server = this.servers.get(id);
    if (server === undefined) throw new CallError('ERR_UNREACHABLE', `${id} is not alive`);
    return server;
  }

  /** Records an intervention of the world on a live node, or on one of its links. */
  #see(id: NodeId, event: Intervention, line?: number): void {
    const node = this.clients.get(id) ?? this.servers.get(id);
    node?.events.intervened(event, line);
  }
}

async function noService(): Promise<never> {
  throw new CallError('E_NO_METHOD', 'there is no configuration service');
}

// The world of the user's own nodes: servers are programs, clients live here, and every message
// passes through here.
import { randomBytes } from 'node:crypto';
import type { Death, NodeSpec } from '../../kernel/cluster.ts';
import type { Answer } from '../../kernel/control.ts';
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
import { LifeEvents } from '../lifeEvents.ts';
import type { Request } from './answers.ts';
import { ClientNode } from './client.ts';
import { splitCommand } from './command.ts';
import { Control } from './control.ts';
import { Ledger } from './ledger.ts';
import { Network } from './network.ts';
import { ServerNode } from './node.ts';
import { nodesOf, optionsInCommand, timeOf } from './options.ts';
import { Router } from './router.ts';
import { nameOfServer } from './wire.ts';

export function createNodesCluster(setup: EngineSetup): EngineCluster {
  return new NodesWorld(setup);
}

type Params = { readonly [name: string]: Json };

class NodesWorld implements EngineCluster {
  readonly formerLives = 0;
  readonly service = { command: noService, inspect: noService };
  readonly now = createClock(monotonicMs());
  readonly random: RandomStream;
  readonly #setup: EngineSetup;
  /** The marks of all nodes begin with it. */
  readonly #mark = `${randomBytes(16).toString('hex')}:`;
  readonly #guard = createGuard(findBundles(), this.#mark);
  readonly #servers = new Map<NodeId, ServerNode>();
  readonly #clients = new Map<NodeId, ClientNode>();
  readonly #ledger = new Ledger();
  readonly #network: Network;
  readonly #router: Router;
  readonly #control: Control;
  readonly #sleeps = new Sleeps(startTimer);
  readonly sleep = (ms: number): Promise<void> => this.#sleeps.begin(ms);
  readonly lookAtServers = (): Promise<ServerState[]> => this.#control.lookAtServers();
  #onDeath: (death: Death) => void = () => undefined;
  #isStopped = false;

  constructor(setup: EngineSetup) {
    const { seed, usual, options } = setup;
    this.#setup = setup;
    this.random = createRandomStream(seed, 'master');
    const [word] = optionsInCommand(splitCommand(options.command ?? '') ?? []);
    if (word !== undefined) {
      setup.warn?.(`${word} is a word of the program's command: options stand before command=`);
    }
    const after = startTimer;
    this.#network = new Network({ seed, now: this.now, after, ...(usual && { usual }) });
    this.#router = new Router({
      ...{ seed, network: this.#network, servers: this.#servers, clients: this.#clients },
      ...{ ledger: this.#ledger, known: new Set(nodesOf(options)) },
    });
    this.#control = new Control({
      ...{ options, network: this.#network, router: this.#router },
      ...{ servers: this.#servers, clients: this.#clients, now: this.now, sleep: this.sleep },
      note: (text) => setup.note?.(text),
    });
  }

  async start(spec: NodeSpec): Promise<[]> {
    const events = new LifeEvents(spec, this.now, this.#setup.trace);
    if (spec.role === 'server') await this.#startServer(spec, events);
    else {
      const { seed, options } = this.#setup;
      const asNumbers = options.numbers === 'json';
      const send = this.#router.request.bind(this.#router);
      const ledger = this.#ledger;
      this.#clients.set(spec.id, new ClientNode({ spec, seed, events, asNumbers, ledger, send }));
      events.started('client', spec.line);
    }
    return [];
  }

  async #startServer(spec: NodeSpec, events: LifeEvents): Promise<void> {
    const { options, note, warn } = this.#setup;
    const { id, incarnation } = spec;
    const isShown = options.stderr === 'show';
    const node = new ServerNode({
      ...{ spec, events, guard: this.#guard, mark: `${this.#mark}${id}.${incarnation};` },
      command: splitCommand(options.command ?? '') ?? [],
      onMessage: (from, message) => this.#router.route(from, message),
      warn: (text) => warn?.(text),
      ...(isShown && { onLog: (line: string) => note?.(`server ${id}: ${line}`) }),
    });
    this.#servers.set(id, node);
    try {
      await node.start(nodesOf(options).map(nameOfServer), timeOf(options, 'start'));
    } catch (error) {
      this.#servers.delete(id);
      throw error;
    }
    events.started('server', spec.line);
    void node.gone.then((why) => {
      if (node.isOrdered) return;
      for (const text of node.lastWords) note?.(`server ${id}: ${text}`);
      this.#forget(node);
      this.#onDeath({ id, incarnation, why, isBug: false });
    });
    if (this.#isStopped) await node.kill();
  }

  async kill(id: NodeId, line?: number): Promise<void> {
    const server = this.#servers.get(id);
    if (server !== undefined) {
      await server.kill();
      this.#forget(server, line);
      return;
    }
    const client = this.#clients.get(id);
    this.#network.end(id);
    this.#clients.delete(id);
    client?.end();
    client?.events.ended(line);
  }

  async pause(id: NodeId, line?: number): Promise<void> {
    const server = this.#servers.get(id);
    if (server === undefined || server.isPaused) return;
    server.isPaused = true;
    server.signal('SIGSTOP');
    server.events.intervened({ event: 'pause' }, line);
  }

  async resume(id: NodeId, line?: number): Promise<void> {
    const server = this.#servers.get(id);
    if (server === undefined || !server.isPaused) return;
    server.events.intervened({ event: 'resume' }, line);
    server.isPaused = false;
    server.signal('SIGCONT');
  }

  async link(a: NodeId, b: NodeId, line?: number): Promise<void> {
    this.#life(a);
    this.#life(b);
    this.#see(a, { event: 'link', peer: b }, line);
    this.#network.link(a, b);
    this.#clients.get(a)?.connected(b);
    this.#clients.get(b)?.connected(a);
  }

  async unlink(a: NodeId, b: NodeId, line?: number): Promise<void> {
    if (!this.#network.unlink(a, b)) return;
    this.#see(a, { event: 'cut', peer: b }, line);
    this.#clients.get(a)?.disconnected(b);
    this.#clients.get(b)?.disconnected(a);
  }

  async mute(from: NodeId, to: NodeId, line?: number): Promise<void> {
    if (this.#network.mute(from, to)) this.#see(from, { event: 'mute', peer: to }, line);
  }

  async setLink(change: LinkChange): Promise<void> {
    const { direction, setting } = change;
    const isOfClient = direction !== 'all' && direction.some((id) => !this.#isServer(id));
    if (isOfClient && (setting?.duplication ?? 0) > 0) {
      this.#setup.note?.('messages from and to clients are never repeated: no duplication there');
    }
    this.#network.setLink(change);
  }

  async ask(
    id: NodeId,
    method: string,
    params: Json,
    timeoutMs: number = CALL_TIMEOUT_MS,
    line?: number,
  ): Promise<Json> {
    const fields = params as Params;
    const client = this.#clients.get(id);
    const answer = client
      ? await this.#askClient(client, method, fields, line)
      : await this.#control.answer(this.#server(id), method, fields, timeoutMs);
    return answer as Json;
  }

  async tell(id: NodeId, method: string, params: Json, line?: number): Promise<void> {
    await this.ask(id, method, params, CALL_TIMEOUT_MS, line);
  }

  async #askClient(
    client: ClientNode,
    method: string,
    params: Params,
    line: number | undefined,
  ): Promise<Answer | object> {
    const request = toRequest(method, params);
    return request === undefined ? {} : client.operate(request, line);
  }

  wake(): void {
    this.#sleeps.wake();
  }

  onDeath(listener: (death: Death) => void): void {
    this.#onDeath = listener;
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const servers = [...this.#servers.values()];
    await Promise.all(servers.map((server) => server.kill()));
    for (const server of servers) this.#tellComplaints(server);
    for (const client of this.#clients.values()) client.end();
    this.#network.stop();
    killStrays(this.#mark);
    await this.#guard.stop();
  }

  #isServer(id: NodeId): boolean {
    return nodesOf(this.#setup.options).includes(id);
  }

  #server(id: NodeId): ServerNode {
    const server = this.#servers.get(id);
    if (server === undefined) throw new CallError('ERR_UNREACHABLE', `${id} is not alive`);
    return server;
  }

  #life(id: NodeId): ServerNode | ClientNode {
    return this.#clients.get(id) ?? this.#server(id);
  }

  #forget(server: ServerNode, line?: number): void {
    const { id } = server.spec;
    if (this.#servers.get(id) !== server) return;
    this.#servers.delete(id);
    const peers = this.#network.end(id);
    server.events.ended(line);
    for (const peer of peers) this.#clients.get(peer)?.disconnected(id);
    this.#tellComplaints(server);
  }

  #tellComplaints({ spec: { id }, complaints }: ServerNode): void {
    const told = complaints.summary();
    if (told.length > 0) this.#setup.warn?.(`server ${id}: ${told.join(', ')}`);
  }

  /** Records an intervention of the world on a live node, or on one of its links. */
  #see(id: NodeId, event: Intervention, line?: number): void {
    const node = this.#clients.get(id) ?? this.#servers.get(id);
    node?.events.intervened(event, line);
  }
}

/** The request of an operation of the language; undefined for what only tells of links. */
function toRequest(method: string, params: Params): Request | undefined {
  const { key, value, args } = params as { key: string; value: string; args: string[] };
  if (method === 'get') return { type: 'read', key };
  if (method === 'put') return { type: 'write', key, value };
  if (method !== 'command') return undefined;
  const [name = '', from = '', to = ''] = args;
  return { type: 'cas', key: name, from, to };
}

async function noService(): Promise<never> {
  throw new CallError('E_NO_METHOD', 'there is no configuration service');
}

// The world of the user's own nodes: servers are programs, clients live here, and every message
// passes through here.
import type { NodeSpec } from '../../kernel/cluster.ts';
import type { EngineCluster, EngineSetup, ServerState } from '../../kernel/engine.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { LinkChange } from '../../kernel/linkSettings.ts';
import { startTimer } from '../../rpc/monotonic.ts';
import { EngineWorld, type Params } from '../world/engineWorld.ts';
import type { LifeEvents } from '../world/lifeEvents.ts';
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

class NodesWorld extends EngineWorld<ServerNode, ClientNode> {
  protected readonly links: Network;
  readonly #ledger = new Ledger();
  readonly #router: Router;
  readonly #control: Control;

  constructor(setup: EngineSetup) {
    super(setup);
    const { seed, usual, options } = setup;
    const [word] = optionsInCommand(splitCommand(options.command ?? '') ?? []);
    if (word !== undefined) {
      setup.warn?.(`${word} is a word of the program's command: options stand before command=`);
    }
    const after = startTimer;
    this.links = new Network({ seed, now: this.now, after, ...(usual && { usual }) });
    const { links: network, servers, clients, now, sleep } = this;
    this.#router = new Router({
      ...{ seed, network, servers, clients, ledger: this.#ledger },
      known: new Set(nodesOf(options)),
    });
    this.#control = new Control({
      ...{ options, network, router: this.#router, servers, clients, now, sleep },
      note: (text) => setup.note?.(text),
    });
  }

  protected async startServer(spec: NodeSpec, events: LifeEvents): Promise<ServerNode> {
    const { options, note, warn } = this.setup;
    const { id, incarnation } = spec;
    const isShown = options.stderr === 'show';
    const node = new ServerNode({
      ...{ spec, events, guard: this.guard, mark: `${this.mark}:${id}.${incarnation};` },
      command: splitCommand(options.command ?? '') ?? [],
      onMessage: (from, message) => this.#router.route(from, message),
      warn: (text) => warn?.(text),
      ...(isShown && { onLog: (line: string) => note?.(`server ${id}: ${line}`) }),
    });
    // Before it is ready it may get messages, and must be ended with the run.
    this.servers.set(id, node);
    try {
      await node.start(nodesOf(options).map(nameOfServer), timeOf(options, 'start'));
    } catch (error) {
      this.servers.delete(id);
      throw error;
    }
    return node;
  }

  protected createClient(spec: NodeSpec, events: LifeEvents): ClientNode {
    const { seed, options } = this.setup;
    const asNumbers = options.numbers === 'json';
    const send = this.#router.request.bind(this.#router);
    return new ClientNode({ spec, seed, events, asNumbers, ledger: this.#ledger, send });
  }

  override async setLink(change: LinkChange): Promise<void> {
    const { direction, setting } = change;
    const isOfClient = direction !== 'all' && direction.some((id) => !this.#isServer(id));
    if (isOfClient && (setting?.duplication ?? 0) > 0) {
      this.setup.note?.('messages from and to clients are never repeated: no duplication there');
    }
    await super.setLink(change);
  }

  protected async askClient(
    client: ClientNode,
    method: string,
    params: Params,
    line: number | undefined,
  ): Promise<object> {
    const request = toRequest(method, params);
    return request === undefined ? {} : client.operate(request, line);
  }

  protected askServer(
    server: ServerNode,
    method: string,
    params: Params,
    timeoutMs: number,
  ): Promise<object> {
    return this.#control.answer(server, method, params, timeoutMs);
  }

  lookAtServers(): Promise<ServerState[]> {
    return this.#control.lookAtServers();
  }

  protected override forgotten({ spec: { id }, complaints }: ServerNode): void {
    const told = complaints.summary();
    if (told.length > 0) this.setup.warn?.(`server ${id}: ${told.join(', ')}`);
  }

  protected async release(): Promise<void> {
    const servers = [...this.servers.values()];
    await Promise.all(servers.map((server) => server.kill()));
    for (const server of servers) this.forgotten(server);
    this.links.stop();
  }

  #isServer(id: NodeId): boolean {
    return nodesOf(this.setup.options).includes(id);
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

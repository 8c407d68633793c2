// The world of real processes: every node a Node.js process of its own, links over WebSockets
// between them, and the IPC channels that only the master holds.

import type { NodeSpec, WorldSetup } from '../kernel/cluster.ts';
import { type Cluster, type Death, EnvironmentError } from '../kernel/cluster.ts';
import { CallError } from '../kernel/errors.ts';
import type { RecoveredWrite } from '../kernel/history.ts';
import type { NodeId, Role } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { CALL_TIMEOUT_MS, OPERATION_DEADLINE_MS } from '../kernel/limits.ts';
import { createRandomStream, type RandomStream } from '../kernel/random.ts';
import type { TraceEvent } from '../kernel/trace.ts';
import { createTokens, digestTokens, type Tokens } from '../rpc/access.ts';
import { type LinkOrder, WORLD } from '../rpc/assignment.ts';
import type { DataFolder } from '../rpc/dataFolder.ts';
import { createClock, monotonicMs } from '../rpc/monotonic.ts';
import { assignNode, type RunFacts, refuseLog, START_TIMEOUT_MS } from './assigning.ts';
import { createGuard, type Guard } from './guard.ts';
import type { NodeProcess } from './nodeProcess.ts';
import { createProcessPool, type ProcessPool } from './processPool.ts';
import { ServiceHost } from './serviceHost.ts';

/** A node answers the master at the latest when its own deadline is over. */
const ASK_TIMEOUT_MS = OPERATION_DEADLINE_MS + CALL_TIMEOUT_MS;

/** How long the end of a traced run waits for a node's last events. */
const FLUSH_TIMEOUT_MS = 200;

export interface ProcessExtras {
  /** Where processes come from. The cluster stops it at its own end. */
  readonly pool?: ProcessPool;
  /** Where servers keep their logs. The cluster closes it at its own end. */
  readonly data?: DataFolder;
  /** Of the data. The cluster stops it at its own end, as the last. */
  readonly guard?: Guard;
}

/** Where people reach the nodes of a run, and with which secrets. */
export interface Endpoints {
  readonly nodes: readonly { id: NodeId; role: Role; incarnation: number; port: number }[];
  readonly tokens: Tokens;
}

export interface ProcessCluster extends Cluster {
  endpoints(): Endpoints;
  /** Every process of the world: those of nodes with their ids, and the guard if there is one. */
  pids(): { readonly pid: number; readonly id?: NodeId }[];
}

interface LiveNode {
  readonly spec: NodeSpec;
  readonly process: NodeProcess;
  port: number;
  isOrdered: boolean;
  isPaused: boolean;
  /** The Lamport time of the last event that it told. */
  lamport: number;
  /** The peers of its open links. */
  readonly peers: Set<NodeId>;
}

export function createProcessCluster(
  setup: WorldSetup,
  extras: ProcessExtras = {},
): ProcessCluster {
  const { pool = createProcessPool(), data, guard = createGuard(pool.bundles) } = extras;
  return new ProcessWorld(setup, pool, guard, data);
}

class ProcessWorld implements ProcessCluster {
  readonly #setup: WorldSetup;
  readonly #pool: ProcessPool;
  readonly #data: DataFolder | undefined;
  readonly #guard: Guard;
  readonly #nodes = new Map<NodeId, LiveNode>();
  readonly service: ServiceHost;
  readonly #tokens: Tokens = createTokens();
  readonly #facts: RunFacts;
  readonly #epochMs = monotonicMs();
  readonly now = createClock(this.#epochMs);
  readonly random: RandomStream;
  #onDeath: (death: Death) => void = () => undefined;
  #links = 0;
  #isStopped = false;

  constructor(setup: WorldSetup, pool: ProcessPool, guard: Guard, data: DataFolder | undefined) {
    this.#setup = setup;
    this.#guard = guard;
    this.#pool = pool;
    this.#data = data;
    const { protocol, options, seed, trace } = setup;
    this.#facts = {
      protocol: protocol.name,
      options,
      seed,
      trace: trace !== undefined,
      epochMs: this.#epochMs,
      tokens: this.#tokens,
      digests: digestTokens(this.#tokens),
      data,
    };
    this.random = createRandomStream(setup.seed, 'master');
    this.service = new ServiceHost({
      ...setup,
      earlier: data?.servers ?? [],
      // Every run in which anybody lived has had a greater one.
      generation: data?.formerLives ?? 0,
      ask: this.ask.bind(this),
    });
  }

  get formerLives(): number {
    return this.#data?.formerLives ?? 0;
  }

  async start(spec: NodeSpec): Promise<readonly RecoveredWrite[]> {
    await this.#data?.reserve(spec.incarnation).catch(refuseLog);
    const process = await this.#pool.take(spec.role);
    const node: LiveNode = {
      spec,
      process,
      port: 0,
      isOrdered: this.#isStopped,
      isPaused: false,
      lamport: 0,
      peers: new Set(),
    };
    process.onTrace = (events) => this.#trace(node, events);
    process.onConsult = (params) => this.service.consult(spec, params);
    this.#nodes.set(spec.id, node);
    try {
      const assigned = await assignNode(process, spec, this.#facts, this.#setup.warn);
      node.port = assigned.port;
      void process.gone.then((end) => this.#bury(node, end));
      return assigned.recovered;
    } catch (error) {
      node.isOrdered = true;
      this.#nodes.delete(spec.id);
      await process.kill();
      if (error instanceof EnvironmentError) throw error;
      throw new EnvironmentError('E_SPAWN', `${spec.role} ${spec.id}: ${(error as Error).message}`);
    }
  }

  async kill(id: NodeId): Promise<void> {
    const node = this.#nodes.get(id);
    if (node === undefined) return;
    node.isOrdered = true;
    await node.process.kill();
    await this.#forget(node);
  }

  async pause(id: NodeId): Promise<void> {
    const node = this.#nodes.get(id);
    if (node === undefined || node.isPaused) return;
    // A stopped process opens no sockets: what is sent to it meanwhile has to wait in one.
    await Promise.all([this.#guard.add(node.process.pid), this.#order(node, WORLD.dial, {})]);
    node.isPaused = true;
    node.process.signal('SIGSTOP');
  }

  async resume(id: NodeId): Promise<void> {
    const node = this.#nodes.get(id);
    if (node === undefined || !node.isPaused) return;
    node.process.signal('SIGCONT');
    node.isPaused = false;
    await Promise.all([this.#guard.remove(node.process.pid), this.#order(node, WORLD.flush, {})]);
  }

  async link(a: NodeId, b: NodeId): Promise<void> {
    const [one, other] = [this.#nodes.get(a), this.#nodes.get(b)];
    if (one === undefined || other === undefined) throw new CallError('ERR_UNREACHABLE');
    if (one.peers.has(b)) {
      await Promise.all([this.#mute(one, b, false), this.#mute(other, a, false)]);
      return;
    }
    one.peers.add(b);
    other.peers.add(a);
    this.#links += 1;
    const number = this.#links;
    await Promise.all([
      this.#order(one, WORLD.open, { peer: peerOf(other), number } satisfies LinkOrder),
      this.#order(other, WORLD.open, { peer: peerOf(one), number } satisfies LinkOrder),
    ]);
  }

  async unlink(a: NodeId, b: NodeId): Promise<void> {
    await Promise.all([this.#close(a, b), this.#close(b, a)]);
  }

  async mute(from: NodeId, to: NodeId): Promise<void> {
    const node = this.#nodes.get(from);
    if (node !== undefined) await this.#mute(node, to, true);
  }

  async ask(
    id: NodeId,
    method: string,
    params: Json,
    timeoutMs: number = ASK_TIMEOUT_MS,
  ): Promise<Json> {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new CallError('ERR_UNREACHABLE', `${id} is not alive`);
    return node.process.call(method, params, timeoutMs);
  }

  async tell(id: NodeId, method: string, params: Json): Promise<void> {
    await this.ask(id, method, params);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  onDeath(listener: (death: Death) => void): void {
    this.#onDeath = listener;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.service.stop();
    const nodes = [...this.#nodes.values()];
    if (this.#setup.trace !== undefined) await Promise.all(nodes.map((node) => this.#flush(node)));
    for (const node of nodes) node.isOrdered = true;
    await Promise.all([...nodes.map((node) => node.process.kill()), this.#pool.stop()]);
    this.#nodes.clear();
    this.#data?.close();
    await this.#guard.stop();
  }

  pids(): { pid: number; id?: NodeId }[] {
    const nodes = [...this.#nodes].map(([id, { process }]) => ({ id, pid: process.pid }));
    return this.#guard.pid === undefined ? nodes : [...nodes, { pid: this.#guard.pid }];
  }

  endpoints(): Endpoints {
    const nodes = [...this.#nodes.values()].map(({ spec: { id, role, incarnation }, port }) => ({
      id,
      role,
      incarnation,
      port,
    }));
    return { nodes, tokens: this.#tokens };
  }

  /** A process is gone that nobody told to go. */
  async #bury(node: LiveNode, end: Pick<Death, 'why' | 'isBug'>): Promise<void> {
    if (node.isOrdered) return;
    const { id, incarnation } = node.spec;
    await this.#forget(node);
    this.#onDeath({ id, incarnation, ...end });
  }

  async #forget(node: LiveNode): Promise<void> {
    const { id, incarnation } = node.spec;
    if (this.#nodes.get(id) !== node) return;
    this.#nodes.delete(id);
    if (node.spec.role === 'server') this.service.ended(node.spec);
    const lamport = node.lamport + 1;
    this.#setup.trace?.({ event: 'crash', at: this.now(), node: id, incarnation, lamport });
    await Promise.all([
      ...[...node.peers].map((peer) => this.#close(peer, id)),
      this.#guard.remove(node.process.pid),
    ]);
  }

  async #close(id: NodeId, peer: NodeId): Promise<void> {
    const node = this.#nodes.get(id);
    if (node?.peers.delete(peer)) await this.#order(node, WORLD.close, { peer });
  }

  async #mute(node: LiveNode, peer: NodeId, muted: boolean): Promise<void> {
    await this.#order(node, WORLD.mute, { peer, muted });
  }

  /**
   * Waits until the node has done as told, unless it is stopped: then the order is the first thing
   * that it hears when it goes on. A node that dies meanwhile has no links any more.
   */
  async #order(node: LiveNode, method: string, params: object): Promise<void> {
    const done = node.process.call(method, params, START_TIMEOUT_MS).catch(() => undefined);
    if (!node.isPaused) await done;
  }

  async #flush(node: LiveNode): Promise<void> {
    if (node.isPaused) return;
    await node.process.call(WORLD.flush, {}, FLUSH_TIMEOUT_MS).catch(() => undefined);
  }

  #trace(node: LiveNode, events: readonly TraceEvent[]): void {
    for (const event of events) {
      node.lamport = event.lamport;
      this.#setup.trace?.(event);
    }
  }
}

function peerOf({ spec: { id, incarnation, role }, port }: LiveNode): LinkOrder['peer'] {
  return { id, incarnation, role, port };
}

// The world of real processes: each node is a Node.js process; links between nodes are WebSockets,
// and only the master holds the IPC channels.
import type { Death, NodeSpec, Operated, WorldSetup } from '../kernel/cluster.ts';
import { CallError } from '../kernel/errors.ts';
import type { RecoveredWrite } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { CALL_TIMEOUT_MS, OPERATION_DEADLINE_MS } from '../kernel/limits.ts';
import type { LinkChange } from '../kernel/linkSettings.ts';
import { createRandomStream, type RandomStream } from '../kernel/random.ts';
import { Sleeps } from '../kernel/sleeps.ts';
import type { Intervention } from '../kernel/trace.ts';
import { createTokens, digestTokens, type Tokens } from '../rpc/access.ts';
import { WORLD } from '../rpc/assignment.ts';
import type { DataFolder } from '../rpc/dataFolder.ts';
import { createClock, monotonicMs, startTimer } from '../rpc/monotonic.ts';
import { assignNode, type RunFacts, refuseLog, START_TIMEOUT_MS } from './assigning.ts';
import { Beginnings } from './beginnings.ts';
import { CarriedQuestions } from './carriedQuestions.ts';
import { createGuard, type Guard } from './guard.ts';
import { LifeTrace } from './lifeTrace.ts';
import { endNode, flushTrace, type LiveNode, peersOf } from './liveNode.ts';
import { lookAtServers, type ServerState } from './lookAtServers.ts';
import type { Endpoints, ProcessCluster, ProcessExtras } from './processCluster.ts';
import { createProcessPool, type ProcessPool } from './processPool.ts';
import { ServiceHost } from './serviceHost.ts';
import { SetOrders } from './setOrders.ts';

/** A node answers the master at the latest when its own deadline has passed. */
const ASK_TIMEOUT_MS = OPERATION_DEADLINE_MS + CALL_TIMEOUT_MS;

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
  readonly #beginnings = new Beginnings();
  readonly service: ServiceHost;
  readonly #tokens: Tokens = createTokens();
  readonly #facts: RunFacts;
  readonly #epochMs = monotonicMs();
  readonly now = createClock(this.#epochMs);
  readonly random: RandomStream;
  /** Not with a trace, which shows the order. */
  readonly startsTogether: boolean;
  #onDeath: (death: Death) => void = () => undefined;
  #links = 0;
  readonly #setOrders = new SetOrders();
  readonly #sleeps = new Sleeps(startTimer);
  readonly lookAtServers = (): Promise<ServerState[]> => lookAtServers(this.#nodes.values());
  readonly #questions = new CarriedQuestions((server) => this.#nodes.get(server)?.process);
  readonly sleep = (ms: number): Promise<void> => this.#sleeps.begin(ms);
  readonly wake = (): void => this.#sleeps.wake();
  #isStopped = false;

  constructor(setup: WorldSetup, pool: ProcessPool, guard: Guard, data: DataFolder | undefined) {
    this.#setup = setup;
    this.#guard = guard;
    this.#pool = pool;
    pool.prepare(setup.protocol.name);
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
    this.startsTogether = trace === undefined;
    this.random = createRandomStream(setup.seed, 'master');
    this.service = new ServiceHost({
      ...setup,
      earlier: data?.servers ?? [],
      // Every earlier run that had a node has raised this number.
      generation: data?.formerLives ?? 0,
      now: this.now,
      ask: this.ask.bind(this),
    });
  }

  get formerLives(): number {
    return this.#data?.formerLives ?? 0;
  }

  start(spec: NodeSpec): Promise<readonly RecoveredWrite[]> {
    return this.#beginnings.during(spec.id, this.#start(spec));
  }

  async #start(spec: NodeSpec): Promise<readonly RecoveredWrite[]> {
    await this.#data?.reserve(spec.incarnation).catch(refuseLog);
    const process = await this.#pool.take(spec.role);
    const node: LiveNode = {
      ...{ spec, process, port: 0 },
      isOrdered: this.#isStopped,
      isPaused: false,
      peers: new Set(),
    };
    const { trace } = this.#setup;
    if (trace !== undefined) process.trace = new LifeTrace(spec, this.now, trace);
    process.onServiceCall = (params) => this.service.callService(spec, params);
    process.onEarlyAnswer = (answer) => this.#questions.answered(process, answer);
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
      throw error;
    }
  }

  async kill(id: NodeId, line?: number): Promise<void> {
    const node = this.#nodes.get(id);
    if (node === undefined) return;
    node.isOrdered = true;
    await node.process.kill();
    await this.#forget(node, line);
  }

  async pause(id: NodeId, line?: number): Promise<void> {
    const node = this.#nodes.get(id);
    if (node === undefined || node.isPaused) return;
    // A stopped process opens no sockets, and messages sent to it must wait in one.
    await Promise.all([this.#guard.add(node.process.pid), this.#order(node, WORLD.dial, {})]);
    node.isPaused = true;
    node.process.signal('SIGSTOP');
    this.#see(node, { event: 'pause' }, line);
  }

  async resume(id: NodeId, line?: number): Promise<void> {
    const node = this.#nodes.get(id);
    if (node === undefined || !node.isPaused) return;
    this.#see(node, { event: 'resume' }, line);
    node.process.signal('SIGCONT');
    node.isPaused = false;
    await Promise.all([this.#guard.remove(node.process.pid), this.#order(node, WORLD.flush, {})]);
  }

  async link(a: NodeId, b: NodeId, line?: number): Promise<void> {
    await this.#beginnings.over(a, b);
    const [one, other] = [this.#nodes.get(a), this.#nodes.get(b)];
    if (one === undefined || other === undefined) throw new CallError('ERR_UNREACHABLE');
    // Recorded before the ends get the order, so that messages on the link follow it in the trace.
    this.#see(one, { event: 'link', peer: b }, line);
    if (one.peers.has(b)) {
      await Promise.all([
        this.#order(one, WORLD.mute, { peer: b, muted: false }),
        this.#order(other, WORLD.mute, { peer: a, muted: false }),
      ]);
      return;
    }
    one.peers.add(b);
    other.peers.add(a);
    this.#links += 1;
    const number = this.#links;
    await Promise.all([
      this.#order(one, WORLD.open, this.#setOrders.toOpen(one, other, number)),
      this.#order(other, WORLD.open, this.#setOrders.toOpen(other, one, number)),
    ]);
  }

  async setLink(change: LinkChange): Promise<void> {
    const orders = this.#setOrders.change(change, this.#nodes.values());
    await Promise.all(orders.map(([node, order]) => this.#order(node, WORLD.set, order)));
  }

  async unlink(a: NodeId, b: NodeId, line?: number): Promise<void> {
    const node = this.#nodes.get(a);
    const isLinked = node?.peers.has(b) === true;
    await Promise.all([this.#close(a, b), this.#close(b, a)]);
    // Both ends have reported by now what they received before the cut.
    if (isLinked) this.#see(node, { event: 'cut', peer: b }, line);
  }

  async mute(from: NodeId, to: NodeId, line?: number): Promise<void> {
    const node = this.#nodes.get(from);
    if (node?.peers.has(to) !== true) return;
    await this.#order(node, WORLD.mute, { peer: to, muted: true });
    this.#see(node, { event: 'mute', peer: to }, line);
  }

  async ask(
    id: NodeId,
    method: string,
    params: Json,
    timeoutMs: number = ASK_TIMEOUT_MS,
    line?: number,
  ): Promise<Json> {
    return this.#live(id).process.call(method, params, timeoutMs, line);
  }

  /** With a trace the question does not travel along: it is a message of its own there. */
  async operate(
    id: NodeId,
    method: string,
    params: Json,
    timeoutMs: number,
    line?: number,
  ): Promise<Operated> {
    const { process } = this.#live(id);
    if (this.#setup.trace === undefined) {
      return this.#questions.operate(process, method, params, timeoutMs);
    }
    const result = await process.call(method, params, timeoutMs, line);
    return { result, settled: () => undefined };
  }

  async tell(id: NodeId, method: string, params: Json, line?: number): Promise<void> {
    await this.ask(id, method, params, ASK_TIMEOUT_MS, line);
  }

  onDeath(listener: (death: Death) => void): void {
    this.#onDeath = listener;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.service.stop();
    const nodes = [...this.#nodes.values()];
    // A node that is ending with a bug does not answer, and has ended then.
    await Promise.all(nodes.map(flushTrace));
    for (const node of nodes) node.isOrdered = true;
    const [ends] = await Promise.all([Promise.all(nodes.map(endNode)), this.#pool.stop()]);
    this.#nodes.clear();
    for (const bug of ends.flat()) this.#onDeath(bug);
    this.#data?.close();
    await this.#guard.stop();
  }

  pids(): { pid: number; id?: NodeId }[] {
    const nodes = [...this.#nodes].map(([id, { process }]) => ({ id, pid: process.pid }));
    return this.#guard.pid === undefined ? nodes : [...nodes, { pid: this.#guard.pid }];
  }

  endpoints(): Endpoints {
    return { nodes: peersOf(this.#nodes.values()), tokens: this.#tokens };
  }

  #live(id: NodeId): LiveNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new CallError('ERR_UNREACHABLE', `${id} is not alive`);
    return node;
  }

  /** Handles the end of a process that the master did not order. */
  async #bury(node: LiveNode, end: Pick<Death, 'why' | 'isBug'>): Promise<void> {
    if (node.isOrdered || this.#isStopped) return;
    const { id, incarnation } = node.spec;
    await this.#forget(node);
    this.#onDeath({ id, incarnation, ...end });
  }

  async #forget(node: LiveNode, line?: number): Promise<void> {
    const { id } = node.spec;
    if (this.#nodes.get(id) !== node) return;
    this.#nodes.delete(id);
    if (node.spec.role === 'server') this.service.ended(node.spec);
    node.process.trace?.end(line);
    await Promise.all([
      ...[...node.peers].map((peer) => this.#close(peer, id)),
      this.#guard.remove(node.process.pid),
    ]);
  }

  async #close(id: NodeId, peer: NodeId): Promise<void> {
    const node = this.#nodes.get(id);
    if (node?.peers.delete(peer)) await this.#order(node, WORLD.close, { peer });
  }

  /**
   * Waits until the node has executed the order. A stopped node executes it first when it
   * continues, so there is no wait. A node that dies meanwhile has no links any more.
   */
  async #order(node: LiveNode, method: string, params: object): Promise<void> {
    const done = node.process.call(method, params, START_TIMEOUT_MS).catch(() => undefined);
    if (!node.isPaused) await done;
  }

  /** Records an intervention of the world on a live node, or on one of its links. */
  #see(node: LiveNode, event: Intervention, line?: number): void {
    if (this.#nodes.get(node.spec.id) === node) node.process.trace?.see(event, line);
  }
}

// One run of one script: its world, and the master's state about it. Commands change the world
// through this class only, so that the topology and the world always agree.
import { type Cluster, type Death, EnvironmentError } from '../kernel/cluster.ts';
import type { LinkMethod } from '../kernel/control.ts';
import type { Design, Options } from '../kernel/design.ts';
import { assert, CallError, NodeBug } from '../kernel/errors.ts';
import type { NodeId, Role } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import type { LinkChange } from '../kernel/linkSettings.ts';
import { hasLog } from '../kernel/storageOption.ts';
import { Activity } from './activity.ts';
import type { Told } from './arrivals.ts';
import { Background } from './background.ts';
import { assertFit, chooseRunOptions, type RunChoice } from './choice.ts';
import { Haste } from './haste.ts';
import { InOrder } from './inOrder.ts';
import { LineError } from './lineError.ts';
import { Moments } from './moments.ts';
import { type Effects, NodeCalls } from './nodeCalls.ts';
import type { Report } from './report.ts';
import { RunHistory, type RunHistoryListeners } from './runHistory.ts';
import { type Link, type LiveNode, linkName, Topology } from './topology.ts';
import { unlessDead } from './unlessDead.ts';

export type CreateCluster = (protocol: Design, options: Options) => Promise<Cluster>;

export interface RunSetup extends RunChoice, RunHistoryListeners {
  readonly createCluster: CreateCluster;
  /** Every protocol that a script may choose. */
  readonly protocols: readonly Design[];
  readonly seed: number;
  readonly report: Report;
  /** Called at a death that was not ordered, when the node is gone. */
  readonly onDeath?: (death: Death) => void;
  /** Called when a node has joined or is gone. */
  readonly onNodesChanged?: () => void;
}

export class Run {
  readonly topology = new Topology();
  readonly activity = new Activity();
  readonly haste = new Haste(() => this.#cluster?.wake());
  readonly history: RunHistory;
  readonly protocols: readonly Design[];
  readonly seed: number;
  readonly #setup: RunSetup;
  #protocol: Design;
  #options: Options;
  #cluster: Cluster | undefined;
  #hasJoined = false;
  /** Changes of links before the first join: until then another world may replace this one. */
  readonly #earlyChanges: LinkChange[] = [];
  readonly #calls = new NodeCalls(() => this.cluster);
  readonly ask: NodeCalls['ask'] = this.#calls.ask.bind(this.#calls);
  readonly operate: NodeCalls['operate'] = this.#calls.operate.bind(this.#calls);
  readonly #background = new Background();
  readonly #orders = new InOrder();
  readonly #moments = new Moments();
  #roundCount = 0;

  constructor(setup: RunSetup) {
    this.#setup = setup;
    this.history = new RunHistory(setup);
    this.protocols = setup.protocols;
    this.seed = setup.seed;
    this.#protocol = setup.protocol;
    this.#options = setup.options;
  }

  get protocol(): Design {
    return this.#protocol;
  }

  /** The world. It exists as soon as a node has joined. */
  get cluster(): Cluster {
    assert(this.#cluster !== undefined, 'a node has joined before the world is used');
    return this.#cluster;
  }

  /** Whether a node has ever joined. */
  get isBegun(): boolean {
    return this.#hasJoined;
  }

  async openCluster(): Promise<Cluster> {
    if (this.#cluster === undefined) {
      assertFit(this.#protocol, this.#options);
      this.#cluster = await this.#setup.createCluster(this.#protocol, this.#options);
      this.#cluster.onDeath((death) => this.#noticeDeath(death));
      this.topology.formerLives = this.#cluster.formerLives;
      for (const change of this.#earlyChanges) await this.#cluster.setLink(change);
    }
    return this.#cluster;
  }

  /** `given` are the options that the script names. */
  async chooseProtocol(protocol: Design, given: ReadonlyMap<string, string>): Promise<void> {
    if (this.#hasJoined) {
      throw new LineError('E_NOT_HERE', 'the protocol is chosen before the first join');
    }
    const options = chooseRunOptions(protocol, given, this.#setup);
    await this.#cluster?.stop();
    this.#cluster = undefined;
    this.#protocol = protocol;
    this.#options = options;
  }

  get options(): Options {
    return this.#options;
  }

  get hasLogs(): boolean {
    return hasLog(this.#options);
  }

  /** Begins a life, without links. Here and below `line` is the script's line that causes it. */
  async start(
    id: NodeId,
    role: Role,
    line: number,
    guarantees: readonly string[] = [],
  ): Promise<LiveNode> {
    this.#hasJoined = true;
    const cluster = this.#cluster ?? (await this.openCluster());
    // Added before the start, so that a death during the start is noticed like any other.
    const node = this.topology.begin(id, role);
    const tellsRecovered = role === 'server' && this.hasLogs && !this.history.hasMet(id);
    const life = { role, id, incarnation: node.incarnation, guarantees, tellsRecovered, line };
    try {
      const recovered = await this.activity.during(() => cluster.start(life));
      this.history.meet(node, recovered);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      throw new EnvironmentError('E_SPAWN', `${role} ${id} does not answer: ${error.message}`);
    }
    this.#setup.onNodesChanged?.();
    return node;
  }

  /** Ends a life, and tells the nodes that had a link to it. */
  async kill(id: NodeId, line: number): Promise<void> {
    const node = this.topology.node(id);
    const peers = this.topology.end(id);
    this.history.end(node, line);
    await this.activity.during(async () => {
      await this.cluster.kill(id, line);
      this.#setup.onNodesChanged?.();
      await Promise.all(peers.map((peer) => this.#tell(peer, 'disconnect', node, line)));
    });
  }

  /** Makes or restores a link, unless an end dies; no change when it works both ways. */
  async connect(a: NodeId, b: NodeId, line: number, told?: Told): Promise<void> {
    const ends = this.topology.pair(a, b);
    if (!this.topology.connect(a, b)) return;
    await this.#order(linkName(a, b), async () => {
      await unlessDead(this.cluster.link(a, b, line));
      if (told !== undefined) await told;
      if (!ends.every((end) => this.topology.isLive(end))) return;
      await this.#tellEnds(ends, 'connect', line);
      if (!this.#protocol.hasRepairs) return;
      await Promise.all(ends.map(({ id }) => this.quiesceServer(id, line)));
    });
  }

  /** Cuts a link in both directions. False, and no change, when there is none. */
  async disconnect(a: NodeId, b: NodeId, line: number): Promise<boolean> {
    const ends = this.topology.pair(a, b);
    const isNew = this.topology.cut(a, b);
    const cut = async (): Promise<void> => {
      await unlessDead(this.cluster.unlink(a, b, line));
      await this.#tellEnds(ends, 'disconnect', line);
    };
    if (isNew) await this.#order(linkName(a, b), cut);
    return isNew;
  }

  /** Cuts one direction; neither node is told: the loss must be silent. False as `disconnect`. */
  async mute(from: NodeId, to: NodeId, line: number): Promise<boolean> {
    this.topology.pair(from, to);
    const isNew = this.topology.mute(from, to);
    const mute = () => unlessDead(this.cluster.mute(from, to, line));
    if (isNew) await this.#order(linkName(from, to), mute);
    return isNew;
  }

  /** Cuts a node off from the configuration service, or ends that. The protocol is not told. */
  async setCutOff(id: NodeId, isCutOff: boolean, line: number): Promise<void> {
    const node = this.topology.node(id);
    if (!this.topology.setCutOff(id, isCutOff)) return;
    await this.#order(`node ${id}`, async () => {
      await this.notify(node, isCutOff ? 'disconnectService' : 'connectService', {}, line);
      if (!isCutOff) await this.quiesceServer(id, line);
    });
  }

  /** Sets what happens to messages from now on, also over links that are made later. */
  async setLink(change: LinkChange): Promise<void> {
    if (change.direction !== 'all') this.topology.pair(...change.direction);
    if (!this.#hasJoined) this.#earlyChanges.push(change);
    await this.#order('link settings', async () => this.#cluster?.setLink(change));
  }

  async pause(id: NodeId, line: number): Promise<void> {
    this.topology.setPaused(id, true);
    await this.#order(`node ${id}`, () => unlessDead(this.cluster.pause(id, line)));
  }

  /** Resolves when the node has processed everything that it was told in the meantime. */
  async resume(id: NodeId, line: number): Promise<void> {
    await this.#order(`node ${id}`, async () => {
      await unlessDead(this.cluster.resume(id, line));
      this.topology.setPaused(id, false);
      await this.quiesceServer(id, line);
    });
  }

  /** Lets calls from and to the server fail, or not any more. No other node is told. */
  async setFailed(id: NodeId, isFailed: boolean, line: number): Promise<void> {
    this.topology.setFailed(id, isFailed);
    const method = isFailed ? 'fail' : 'recover';
    await this.#order(`node ${id}`, () => this.ask(id, method, {}, { line }));
  }

  /**
   * Waits until no effect of earlier commands is under way at this server, so that a script has one
   * outcome. Does not wait for a server that cannot answer. Returns the servers that must join
   * before this one can serve operations, or undefined without an answer. `effects` are those of
   * the operation that it has answered.
   */
  async quiesceServer(
    server: NodeId,
    line: number,
    effects: Effects = {},
  ): Promise<readonly NodeId[] | undefined> {
    const node = this.topology.find(server);
    if (node?.role !== 'server' || node.isPaused || node.isFailed) return undefined;
    const { result, error } = await this.#calls.settle(server, line, effects);
    return error ? undefined : ((result as { awaited?: NodeId[] }).awaited ?? []);
  }

  /** Calls a node. A paused one receives the call when it is resumed; this does not wait for it. */
  async notify(node: LiveNode, method: string, params: Json, line?: number): Promise<void> {
    if (!node.isPaused) await this.ask(node.id, method, params, { line });
    else unlessDead(this.cluster.tell(node.id, method, params, line)).catch(this.#background.fail);
  }

  /** The time for the history, in milliseconds. Every call returns a greater time. */
  readonly moment = (): number => this.#moments.next(this.cluster.now());

  /** Counts rounds of stabilize from 1. */
  nextRound(): number {
    this.#roundCount += 1;
    return this.#roundCount;
  }

  /** Runs the given tasks one after the other. */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    return this.#orders.do('turn', task);
  }

  /** Waits for the effects of deaths. Throws a failure that occurred meanwhile. */
  readonly quiesce = (): Promise<void> => this.#background.quiesce();

  /** Ends every node, and every command that still runs. May be called twice. */
  async stop(): Promise<void> {
    this.#calls.stop();
    await this.#cluster?.stop();
  }

  async #order(name: string, order: () => Promise<unknown>): Promise<void> {
    await this.activity.during(() => this.#orders.do(name, order));
  }

  async #tellEnds([a, b]: Link['ends'], method: LinkMethod, line: number): Promise<void> {
    await Promise.all([this.#tell(a, method, b, line), this.#tell(b, method, a, line)]);
  }

  async #tell(node: LiveNode, method: LinkMethod, peer: LiveNode, line?: number): Promise<void> {
    await this.notify(node, method, { peer: peer.id, role: peer.role }, line);
  }

  #noticeDeath({ id, incarnation, why, isBug, isRefusal }: Death): void {
    const node = this.topology.find(id);
    if (node?.incarnation !== incarnation) return;
    const what = isRefusal ? 'could not join' : 'died';
    this.#setup.report.note(`${node.role} ${id} ${what}: ${why}`);
    if (isBug) this.#background.fail(new NodeBug(`${node.role} ${id} ended with a bug`));
    const peers = this.topology.end(id);
    this.activity.note();
    this.history.end(node, null);
    try {
      this.#setup.onDeath?.({ id, incarnation, why, isBug });
      this.#setup.onNodesChanged?.();
    } catch (error) {
      this.#background.fail(error);
    }
    this.#background.add(Promise.all(peers.map((peer) => this.#tell(peer, 'disconnect', node))));
  }
}

// The simulated world: a Cluster of nodes in one process, over virtual time and seeded randomness.
import type { Death, NodeSpec } from '../kernel/cluster.ts';
import { assert } from '../kernel/errors.ts';
import type { RecoveredWrite } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Invariants, Witnessed } from '../kernel/invariants.ts';
import { copyJson, type Json } from '../kernel/json.ts';
import { OPERATION_DEADLINE_MS } from '../kernel/limits.ts';
import type { LinkChange } from '../kernel/linkSettings.ts';
import { createRandomStream, type RandomStream } from '../kernel/random.ts';
import { Sleeps } from '../kernel/sleeps.ts';
import { MEMORY_STORAGE } from '../kernel/storage.ts';
import { hasLog } from '../kernel/storageOption.ts';
import type { Log } from '../log/log.ts';
import { resultOf } from './ending.ts';
import { type FaultPlan, NO_FAULTS } from './faultPlan.ts';
import { InvariantWatch } from './invariantWatch.ts';
import { MasterCalls } from './masterCalls.ts';
import { Network } from './network.ts';
import { NewRuns } from './newRuns.ts';
import { NodeFaults } from './nodePlan.ts';
import { Scheduler } from './scheduler.ts';
import type { SimCluster, SimSetup } from './simCluster.ts';
import type { SimData } from './simData.ts';
import type { SimDisk } from './simDisk.ts';
import { beginFrom, SimLogs } from './simLog.ts';
import { createSimNode, type SimNode, type Surroundings } from './simNode.ts';
import { SimService } from './simService.ts';
import { step, stepUntil } from './steps.ts';

/** The same text as in the world of processes. */
const DISK_FAILED = 'exit status 71';

export type { SimCluster, SimSetup };

export function createSimCluster(setup: SimSetup): SimCluster {
  return new SimWorld(setup);
}

class SimWorld implements SimCluster {
  readonly #setup: SimSetup;
  readonly #scheduler: Scheduler;
  readonly #network: Network;
  readonly #random: RandomStream;
  readonly nodeFaults: NodeFaults;
  readonly #watch: InvariantWatch;
  readonly #nodeById = new Map<NodeId, SimNode>();
  readonly #logs: SimLogs;
  readonly formerLives: number;
  readonly #run: string;
  readonly #invariants: Invariants | undefined;
  #onDeath: (death: Death) => void = () => undefined;
  readonly #surroundings: Surroundings;
  readonly service: SimService;
  readonly #newRuns: NewRuns;
  readonly #calls: MasterCalls;
  readonly #sleeps = new Sleeps((ms, task) => this.#scheduler.after(ms, task));
  readonly wake = (): void => this.#sleeps.wake();
  readonly rest = (): void => this.#scheduler.rest();
  readonly halt = (why: Error): void => this.#scheduler.fail(why);

  constructor(setup: SimSetup) {
    this.#setup = setup;
    const { faults = NO_FAULTS, data } = setup;
    this.formerLives = data?.lives ?? 0;
    this.#run = data?.run ?? `seed ${setup.seed}`;
    this.#scheduler = new Scheduler(() => this.#watch.checkTouched(), setup);
    this.#network = new Network(setup.seed, faults);
    this.nodeFaults = new NodeFaults(setup.seed, faults.nodes);
    this.#newRuns = new NewRuns(setup, faults.newRun);
    this.#random = createRandomStream(setup.seed, 'master');
    const { protocol, checkInvariants = true } = setup;
    const invariants = data?.invariants ?? protocol.createInvariants();
    this.#invariants = checkInvariants ? invariants : undefined;
    this.#watch = new InvariantWatch(this.#invariants, {
      living: () => this.living(),
      witness: (node) => this.#witness(node),
    });
    const surroundings = { scheduler: this.#scheduler, network: this.#network };
    const find = (id: NodeId): SimNode | undefined => this.#nodeById.get(id);
    this.#calls = new MasterCalls(this.#scheduler, this.#watch, find);
    const warn = (text: string): void => this.#scheduler.tell(() => setup.warn?.(text));
    this.#logs = new SimLogs({
      scheduler: this.#scheduler,
      seed: setup.seed,
      protocol: setup.protocol.name,
      run: this.#run,
      data,
      disks: faults.disks,
      warn,
      onFailure: (node) => this.#die(node),
    });
    const earlier = (): NodeId[] => this.#logs.begun;
    const former = { plan: faults.service, generations: data?.generations ?? 0, earlier };
    this.service = new SimService({ ...setup, ...surroundings, ...former, find, warn });
    this.#surroundings = {
      ...surroundings,
      service: this.service,
      nodeFaults: this.nodeFaults,
      seed: setup.seed,
      messages: setup.protocol.messages,
      trace: setup.trace,
      isObserved: checkInvariants,
      find,
      touched: (node) => {
        this.#watch.touched = node;
      },
    };
  }

  get events(): number {
    return this.#scheduler.events;
  }

  get newRuns(): number {
    return this.#newRuns.count;
  }

  get compactions(): number {
    return this.#logs.compactions;
  }

  setFaults(plan: FaultPlan): void {
    this.#newRuns.share = plan.newRun;
    this.#network.plan = plan;
    this.service.plan = plan.service;
    this.nodeFaults.change(plan.nodes, this.#scheduler.now);
    this.#logs.setPlan(plan.disks);
  }

  isBehind(id: NodeId): boolean {
    return this.#nodeById.get(id)?.isBehind === true;
  }

  disk(id: NodeId): SimDisk {
    return this.#logs.disk(id);
  }

  copyData(): SimData {
    return {
      run: this.#run,
      lives: this.#logs.lives,
      generations: this.service.generations,
      imageById: this.#logs.copyDisks(),
      invariants: this.#invariants,
    };
  }

  living(): Witnessed[] {
    return Array.from(this.#nodeById.values(), (node) => this.#witness(node));
  }

  look(id: NodeId, method: string, params: Json): Json {
    const answer = this.#nodeById.get(id)?.node.handle('master', method, params);
    assert(answer !== undefined && !(answer instanceof Promise), `${id} answers ${method} at once`);
    return copyJson(answer);
  }

  start(spec: NodeSpec): Promise<readonly RecoveredWrite[]> {
    return stepUntil(this.#scheduler, async () => {
      assert(!this.#nodeById.has(spec.id), `node ${spec.id} lives already`);
      this.#logs.lives = Math.max(this.#logs.lives, spec.incarnation);
      const isLogged = spec.role === 'server' && hasLog(this.#setup.options);
      let log: Log | undefined;
      const simNode = createSimNode(spec, this.#setup, this.#surroundings, (node) => {
        log = isLogged ? this.#logs.create(node) : undefined;
        return log === undefined ? MEMORY_STORAGE : this.#logs.inTurns(log, node);
      });
      this.#nodeById.set(spec.id, simNode);
      if (log === undefined) return [];
      const recovered = await beginFrom(log, simNode).catch((error: unknown) => {
        this.#end(spec.id);
        throw error;
      });
      return spec.tellsRecovered ? (copyJson(recovered) as RecoveredWrite[]) : [];
    });
  }

  kill(id: NodeId, line?: number): Promise<void> {
    return step(this.#scheduler, () => this.#end(id, line));
  }

  pause(id: NodeId, line?: number): Promise<void> {
    return step(this.#scheduler, () => this.#nodeById.get(id)?.pause(line));
  }

  resume(id: NodeId, line?: number): Promise<void> {
    return step(this.#scheduler, () => this.#nodeById.get(id)?.resume(line));
  }

  link(a: NodeId, b: NodeId, line?: number): Promise<void> {
    return step(this.#scheduler, () => {
      const node = this.#nodeById.get(a);
      if (node === undefined || !this.#nodeById.has(b)) return;
      this.#network.link(a, b);
      node.see({ event: 'link', peer: b }, line);
    });
  }

  unlink(a: NodeId, b: NodeId, line?: number): Promise<void> {
    return step(this.#scheduler, () => {
      if (this.#network.find(a, b) === undefined) return;
      this.#cut(a, b);
      this.#nodeById.get(a)?.see({ event: 'cut', peer: b }, line);
    });
  }

  mute(from: NodeId, to: NodeId, line?: number): Promise<void> {
    return step(this.#scheduler, () => {
      if (this.#network.find(from, to) === undefined) return;
      this.#network.mute(from, to);
      this.#nodeById.get(from)?.see({ event: 'mute', peer: to }, line);
    });
  }

  setLink(change: LinkChange): Promise<void> {
    return step(this.#scheduler, () => this.#network.setLink(change));
  }

  ask(
    id: NodeId,
    method: string,
    params: Json,
    timeoutMs = OPERATION_DEADLINE_MS,
    line?: number,
  ): Promise<Json> {
    const call = { id, method, params, timeoutMs, line };
    return this.#scheduler.duringThen(this.#calls.make(call), (ending) => {
      const result = resultOf(ending);
      if (method === 'stabilize') this.#watch.stabilized(params, result);
      return result;
    });
  }

  async tell(id: NodeId, method: string, params: Json, line?: number): Promise<void> {
    const timeoutMs = OPERATION_DEADLINE_MS;
    resultOf(await this.#calls.make({ id, method, params, timeoutMs, line }));
  }

  now(): number {
    return this.#scheduler.now;
  }

  sleep(ms: number): Promise<void> {
    return this.#scheduler.during(this.#sleeps.begin(ms));
  }

  random(): number {
    return this.#random();
  }

  /** In this world a server dies without an order only when its disk fails. */
  onDeath(listener: (death: Death) => void): void {
    this.#onDeath = listener;
  }

  stop(): Promise<void> {
    for (const node of this.#nodeById.values()) {
      node.end();
      this.#watch.ended(node);
      this.#logs.ended(node.id);
    }
    this.#nodeById.clear();
    return Promise.resolve();
  }

  #end(id: NodeId, line?: number): void {
    const node = this.#nodeById.get(id);
    node?.kill(line);
    this.#nodeById.delete(id);
    if (node !== undefined) this.#watch.ended(node);
    this.#logs.ended(id);
    if (node?.role === 'server') this.#serverEnded(node);
    for (const peer of this.#network.peersOf(id)) this.#cut(id, peer);
  }

  #serverEnded({ env }: SimNode): void {
    this.service.ended(env.self);
    const isLast = [...this.#nodeById.values()].every(({ role }) => role !== 'server');
    if (isLast && this.#newRuns.begins()) this.service.begin();
  }

  #die({ id, incarnation }: SimNode): void {
    this.#end(id);
    this.#scheduler.tell(() => this.#onDeath({ id, incarnation, why: DISK_FAILED, isBug: false }));
  }

  #cut(a: NodeId, b: NodeId): void {
    this.#network.unlink(a, b);
    this.#nodeById.get(a)?.reset(b);
    this.#nodeById.get(b)?.reset(a);
  }

  #witness({ env: { self: life }, role, node: { state } }: SimNode): Witnessed {
    const look = role === 'server' ? this.#logs.look(life.id) : undefined;
    if (look === undefined) return { life, role, state };
    return { life, role, state, durable: look.durable, pending: look.pending };
  }
}

// The simulated world: a Cluster of nodes in one process, over virtual time and seeded chance.
import type { Cluster, NodeSpec, WorldSetup } from '../kernel/cluster.ts';
import { assert, CallError } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import { copyJson, type Json } from '../kernel/json.ts';
import { OPERATION_DEADLINE_MS } from '../kernel/limits.ts';
import { createClientNode, createServerNode } from '../kernel/node.ts';
import type { Invariants, RoundOutcome, Witnessed } from '../kernel/protocol.ts';
import { createRandomStream, type RandomStream } from '../kernel/random.ts';
import type { Ending } from './envelope.ts';
import { type FaultPlan, Network, NO_FAULTS } from './network.ts';
import { Scheduler } from './scheduler.ts';
import { SimNode, type Surroundings } from './simNode.ts';
import { SimService } from './simService.ts';

export interface SimSetup extends WorldSetup {
  /** What the network does to messages between nodes; the master's are safe. */
  readonly faults?: FaultPlan;
  /** Whether the protocol's invariants are checked after every event; they are unless told. */
  readonly checkInvariants?: boolean;
  /** How many events make a run that gets nowhere. */
  readonly eventCap?: number;
}

/** A Cluster whose network can be told to misbehave. */
export interface SimCluster extends Cluster {
  setFaults(plan: FaultPlan): void;
  /** Cuts a server off from the protocol's configuration service, or lets it reach it again. */
  setCutOff(server: NodeId, isCutOff: boolean): void;
  /** How many events have run: deliveries, timers, and what the master asked for. */
  readonly events: number;
  /** Every living node with its state. */
  living(): Witnessed[];
}

export function createSimCluster(setup: SimSetup): SimCluster {
  return new SimWorld(setup);
}

class SimWorld implements SimCluster {
  readonly #setup: SimSetup;
  readonly #scheduler: Scheduler;
  readonly #network: Network;
  readonly #random: RandomStream;
  readonly #invariants: Invariants | undefined;
  readonly #nodeById = new Map<NodeId, SimNode>();
  readonly #surroundings: Surroundings;
  readonly #service: SimService;
  #touched: SimNode | undefined;
  #asked = 0;

  constructor(setup: SimSetup) {
    this.#setup = setup;
    this.#scheduler = new Scheduler(() => this.#checkTouched(), setup.eventCap);
    this.#network = new Network(setup.seed, setup.faults ?? NO_FAULTS);
    this.#random = createRandomStream(setup.seed, 'master');
    if (setup.checkInvariants !== false) this.#invariants = setup.protocol.createInvariants();
    this.#service = this.#createService();
    this.#surroundings = {
      service: this.#service,
      scheduler: this.#scheduler,
      network: this.#network,
      seed: setup.seed,
      trace: setup.trace,
      find: (id) => this.#nodeById.get(id),
      touched: (node) => {
        this.#touched = node;
      },
    };
  }

  get events(): number {
    return this.#scheduler.events;
  }

  setFaults(plan: FaultPlan): void {
    this.#network.faults = plan;
  }

  setCutOff(server: NodeId, isCutOff: boolean): void {
    this.#service.setCutOff(server, isCutOff);
  }

  living(): Witnessed[] {
    return Array.from(this.#nodeById.values(), witness);
  }

  start(spec: NodeSpec): Promise<void> {
    return this.#step(() => {
      assert(!this.#nodeById.has(spec.id), `node ${spec.id} lives already`);
      const { protocol, options } = this.#setup;
      const simNode = new SimNode(spec, this.#surroundings);
      const nodeSetup = { env: simNode.env, protocol, options };
      simNode.node =
        spec.role === 'server'
          ? createServerNode(nodeSetup)
          : createClientNode({ ...nodeSetup, guarantees: spec.guarantees ?? [] });
      this.#nodeById.set(spec.id, simNode);
    });
  }

  kill(id: NodeId): Promise<void> {
    return this.#step(() => {
      const node = this.#nodeById.get(id);
      node?.kill();
      this.#nodeById.delete(id);
      if (node?.role === 'server') this.#service.ended({ id, incarnation: node.incarnation });
      for (const peer of this.#network.peersOf(id)) this.#cut(id, peer);
    });
  }

  pause(id: NodeId): Promise<void> {
    return this.#step(() => this.#nodeById.get(id)?.pause());
  }

  resume(id: NodeId): Promise<void> {
    return this.#step(() => this.#nodeById.get(id)?.resume());
  }

  link(a: NodeId, b: NodeId): Promise<void> {
    return this.#step(() => {
      if (this.#nodeById.has(a) && this.#nodeById.has(b)) this.#network.link(a, b);
    });
  }

  unlink(a: NodeId, b: NodeId): Promise<void> {
    return this.#step(() => this.#cut(a, b));
  }

  mute(from: NodeId, to: NodeId): Promise<void> {
    return this.#step(() => this.#network.mute(from, to));
  }

  async ask(
    id: NodeId,
    method: string,
    params: Json,
    timeoutMs = OPERATION_DEADLINE_MS,
  ): Promise<Json> {
    const ending = await this.#scheduler.during(
      new Promise<Ending>((resolve) => {
        const sent = copyJson(params);
        const late = (): void => resolve({ error: 'ERR_UNREACHABLE' });
        const cancel = this.#scheduler.after(timeoutMs, late);
        this.#scheduler.after(0, () => {
          const node = this.#nodeById.get(id);
          if (node === undefined) return late();
          if (method === 'stabilize') this.#stabilizing(sent);
          this.#asked += 1;
          void node.ask(`master#${this.#asked}`, method, sent).then((answer) => {
            cancel();
            resolve(answer);
          });
        });
      }),
    );
    if ('error' in ending) throw new CallError(ending.error);
    if (method === 'stabilize') this.#stabilized(params, ending.result);
    return ending.result;
  }

  now(): number {
    return this.#scheduler.now;
  }

  sleep(ms: number): Promise<void> {
    return this.#scheduler.during(
      new Promise((resolve) => {
        this.#scheduler.after(ms, resolve);
      }),
    );
  }

  random(): number {
    return this.#random();
  }

  /** In this world nobody dies unless told to. */
  onDeath(): void {}

  stop(): Promise<void> {
    for (const node of this.#nodeById.values()) node.kill();
    this.#nodeById.clear();
    return Promise.resolve();
  }

  #createService(): SimService {
    return new SimService({
      ...this.#setup,
      scheduler: this.#scheduler,
      network: this.#network,
      ask: (server, method, params) => {
        this.#asked += 1;
        return this.#nodeById.get(server)?.ask(`service#${this.#asked}`, method, params);
      },
    });
  }

  /** Does something as an event of its own, so that it is in order with everything else. */
  #step(action: () => void): Promise<void> {
    return this.#scheduler.during(
      new Promise((resolve) => {
        this.#scheduler.after(0, () => {
          action();
          resolve();
        });
      }),
    );
  }

  #cut(a: NodeId, b: NodeId): void {
    this.#network.unlink(a, b);
    this.#nodeById.get(a)?.reset(b);
    this.#nodeById.get(b)?.reset(a);
  }

  #checkTouched(): void {
    const node = this.#touched;
    this.#touched = undefined;
    if (node?.isAlive) this.#invariants?.changed(witness(node));
  }

  #stabilizing(params: Json): void {
    const { round } = params as { round: number };
    const servers = this.living().filter(({ role }) => role === 'server');
    this.#invariants?.stabilizing(round, servers);
  }

  #stabilized(params: Json, result: Json): void {
    const { round } = params as { round: number };
    const { reached } = result as unknown as RoundOutcome;
    const isReached = ({ life }: Witnessed): boolean => reached.includes(life.id);
    this.#invariants?.stabilized(round, this.living().filter(isReached));
  }
}

function witness(simNode: SimNode): Witnessed {
  const { id, incarnation } = simNode;
  return { life: { id, incarnation }, role: simNode.role, state: simNode.node.state };
}

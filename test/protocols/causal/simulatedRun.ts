// A simulation with servers of the causal protocol and clients that fill them. It records the
// requests between servers.
import type { NodeId } from '../../../src/kernel/ids.ts';
import { completeOptions } from '../../../src/kernel/protocol.ts';
import type { TraceEvent } from '../../../src/kernel/trace.ts';
import { causal } from '../../../src/protocols/causal/index.ts';
import type { CausalState } from '../../../src/protocols/causal/state.ts';
import { type FaultPlan, NO_FAULTS } from '../../../src/sim/faultPlan.ts';
import { createSimCluster, type SimCluster } from '../../../src/sim/world.ts';
import { Testbed } from '../../conformance/testbed.ts';

export type Edge = readonly [NodeId, NodeId];
type Send = Extract<TraceEvent, { event: 'send' }>;

/** The clients' ids begin here: client 100 + s is at server s. */
const CLIENTS = 100;

export class SimulatedRun {
  readonly cluster: SimCluster;
  readonly testbed: Testbed;
  readonly #sent: Send[] = [];
  readonly #lossByMethod = new Map<string, number>();

  private constructor(seed: number, gossip: string, storage: string) {
    this.cluster = createSimCluster({
      protocol: causal,
      options: completeOptions(causal, { gossip, storage }),
      seed,
      trace: (event) => {
        if (event.event === 'send') this.#sending(event);
      },
    });
    this.testbed = new Testbed(this.cluster);
  }

  /** Servers 0 to `count - 1`, linked by `edges` or all to all, and a client at each. */
  static async start(
    count: number,
    {
      seed = 1,
      gossip = 'off',
      storage = 'memory',
      edges,
    }: { seed?: number; gossip?: string; storage?: string; edges?: readonly Edge[] },
  ): Promise<SimulatedRun> {
    const run = new SimulatedRun(seed, gossip, storage);
    for (let id = 0; id < count; id += 1) await run.testbed.joinServer(id);
    const isWanted = (a: NodeId, b: NodeId) => edges?.some(([x, y]) => x === a && y === b) ?? true;
    for (let b = 0; b < count; b += 1) {
      for (let a = 0; a < b; a += 1) if (!isWanted(a, b)) await run.testbed.unlink(a, b);
      await run.testbed.joinClient(CLIENTS + b, b, []);
    }
    return run;
  }

  /** Adds a server linked to all, without waiting for its bootstrap, and a new client at it. */
  async join(id: NodeId): Promise<void> {
    await this.testbed.joinServer(id, false);
    await this.testbed.joinClient(CLIENTS + id, id, []);
  }

  /** Ends the life of a server and that of its client. */
  async kill(id: NodeId): Promise<void> {
    await this.testbed.kill(CLIENTS + id);
    await this.testbed.kill(id);
  }

  /** Undefined if no answer came. */
  async put(server: NodeId, key: string, value: string | null): Promise<unknown> {
    const [method, params] = value === null ? ['delete', { key }] : ['put', { key, value }];
    const answer = this.cluster.ask(CLIENTS + server, method as string, params as { key: string });
    return answer.catch(() => undefined);
  }

  stateOf(server: NodeId): CausalState {
    const found = this.cluster.living().find(({ life }) => life.id === server);
    return found?.state as CausalState;
  }

  /** What `printStore` prints of each server, as one text each. */
  async stores(): Promise<string[]> {
    const answers = this.testbed.servers.map((id) => this.cluster.ask(id, 'printStore', {}));
    return (await Promise.all(answers)).map((answer) => JSON.stringify(answer));
  }

  /** From now on this share of the requests of a method, and no other message, is lost. */
  lose(method: string, share: number): void {
    this.#lossByMethod.set(method, share);
  }

  setFaults(faults: Partial<FaultPlan>): void {
    this.cluster.setFaults({ ...NO_FAULTS, ...faults });
  }

  /** The requests that servers have sent to servers since the last look. */
  takeRequests(): { from: NodeId; to: NodeId; method: string; params: unknown }[] {
    return this.#sent.splice(0).flatMap(({ node, to, method, answers, params }) => {
      const isBetweenServers = node < CLIENTS && typeof to === 'number' && to < CLIENTS;
      return answers === undefined && isBetweenServers ? [{ from: node, to, method, params }] : [];
    });
  }

  /** The network decides about a message right after it was traced. */
  #sending(send: Send): void {
    this.#sent.push(send);
    if (this.#lossByMethod.size === 0) return;
    const loss = send.answers === undefined ? this.#lossByMethod.get(send.method) : undefined;
    this.setFaults({ loss: loss ?? 0 });
  }
}

// Stands between a script and its simulated world, and looks: at which links there are, so that no
// message crosses a cut one; at the stores around each stabilize; at what became of messages.
import type { Cluster, NodeSpec } from '../kernel/cluster.ts';
import { Bug } from '../kernel/errors.ts';
import type { RecoveredWrite } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import type { RoundOutcome } from '../kernel/protocol.ts';
import type { StoreSnapshot } from '../kernel/snapshot.ts';
import type { SimCluster } from '../sim/world.ts';
import { Deaths } from './deaths.ts';
import { takeSnapshots } from './snapshots.ts';
import type { Tally } from './tally.ts';
import type { TraceWatch } from './traceWatch.ts';

/** A `stabilize` under way: the stores before it, and what its rounds have reached. */
interface Converging {
  readonly before: readonly StoreSnapshot[];
  readonly components: NodeId[][];
  readonly missing: Set<NodeId>;
}

export interface WatchedStabilization {
  readonly before: readonly StoreSnapshot[];
  readonly after: readonly StoreSnapshot[];
  readonly components: readonly (readonly NodeId[])[];
  readonly isWhole: boolean;
}

export class WatchedCluster implements Cluster {
  readonly inner: SimCluster;
  readonly #trace: TraceWatch;
  readonly #tally: Tally;
  readonly #deaths: Deaths;
  readonly guaranteesByLife = new Map<string, readonly string[]>();
  #sleptMs = 0;
  #converging: Converging | undefined;

  constructor(inner: SimCluster, trace: TraceWatch, tally: Tally) {
    this.inner = inner;
    this.#trace = trace;
    this.#tally = tally;
    this.#deaths = new Deaths(tally);
  }

  get formerLives(): number {
    return this.inner.formerLives;
  }

  /** The live servers, by id. */
  get servers(): NodeId[] {
    return this.#deaths.servers;
  }

  /** Servers that died and whose ids are free, by id. */
  get dead(): NodeId[] {
    return this.#deaths.dead;
  }

  /** Whether all that ever were servers are servers now. */
  get areAllBack(): boolean {
    return this.#deaths.areAllBack;
  }

  /** Whether any server has ever died. */
  get hasDeaths(): boolean {
    return this.#deaths.hasAny;
  }

  get paused(): NodeId[] {
    return this.servers.filter((id) => this.#trace.isPaused(id));
  }

  async start(spec: NodeSpec): Promise<readonly RecoveredWrite[]> {
    const { id, incarnation, guarantees = [] } = spec;
    for (const word of guarantees) this.#tally.mark(`guarantee ${word}`);
    this.guaranteesByLife.set(`${id}.${incarnation}`, guarantees);
    this.#deaths.began(id, spec.role === 'server');
    return this.inner.start(spec);
  }

  async kill(id: NodeId): Promise<void> {
    await this.inner.kill(id);
    this.#ended(id);
  }

  async pause(id: NodeId): Promise<void> {
    await this.inner.pause(id);
    this.#trace.paused(id);
  }

  async resume(id: NodeId): Promise<void> {
    this.#trace.resumed(id, this.inner.now());
    await this.inner.resume(id);
  }

  async link(a: NodeId, b: NodeId): Promise<void> {
    await this.inner.link(a, b);
    this.#deaths.linked(a, b);
    this.#trace.linked(a, b);
  }

  async unlink(a: NodeId, b: NodeId): Promise<void> {
    await this.inner.unlink(a, b);
    this.#deaths.cut(a, b);
    this.#trace.unlinked(a, b, this.inner.now());
  }

  async mute(from: NodeId, to: NodeId): Promise<void> {
    await this.inner.mute(from, to);
    this.#deaths.cut(from, to);
    this.#trace.muted(from, to);
  }

  async ask(id: NodeId, method: string, params: Json, timeoutMs?: number): Promise<Json> {
    if (method === 'settle') return this.#settle(id, params, timeoutMs);
    if (method !== 'stabilize') return this.inner.ask(id, method, params, timeoutMs);
    this.#converging ??= { before: this.snapshots(), components: [], missing: new Set() };
    const { components, missing } = this.#converging;
    try {
      const answer = await this.inner.ask(id, method, params, timeoutMs);
      const outcome = answer as unknown as RoundOutcome;
      components.push([...outcome.reached]);
      for (const server of outcome.missing) missing.add(server);
      return answer;
    } catch (error) {
      if (error instanceof Bug) throw error;
      missing.add(id);
      throw error;
    }
  }

  get service(): SimCluster['service'] {
    return this.inner.service;
  }

  tell(id: NodeId, method: string, params: Json): Promise<void> {
    return this.inner.tell(id, method, params);
  }

  now(): number {
    return this.inner.now();
  }

  /** How long the script has asked the world to sleep, in all. */
  get sleptMs(): number {
    return this.#sleptMs;
  }

  sleep(ms: number): Promise<void> {
    this.#sleptMs += ms;
    return this.inner.sleep(ms);
  }

  random(): number {
    return this.inner.random();
  }

  onDeath(listener: Parameters<Cluster['onDeath']>[0]): void {
    this.inner.onDeath((death) => {
      this.#ended(death.id);
      listener(death);
    });
  }

  stop(): Promise<void> {
    return this.inner.stop();
  }

  #ended(id: NodeId): void {
    const now = this.inner.now();
    this.#deaths.ended(id, now, this.paused.length > 0);
    this.#trace.ended(id, now);
  }

  async #settle(id: NodeId, params: Json, timeoutMs?: number): Promise<Json> {
    try {
      return await this.inner.ask(id, 'settle', params, timeoutMs);
    } finally {
      this.#deaths.settled(id);
    }
  }

  snapshots(): readonly StoreSnapshot[] {
    return takeSnapshots(this.inner);
  }

  /**
   * What the rounds since the last call did. What a round did that did not answer is not in it:
   * then it is not whole.
   */
  takeStabilization(): WatchedStabilization | undefined {
    const converging = this.#converging;
    this.#converging = undefined;
    if (converging === undefined) return undefined;
    const { before, components, missing } = converging;
    const isWhole = missing.size === 0;
    this.#tally.mark(isWhole ? 'stabilize whole' : 'stabilize partial');
    return { before, components, after: this.snapshots(), isWhole };
  }
}

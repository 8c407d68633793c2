// Wraps the simulated world of a script and observes it: its links, so that no message crosses a
// cut one; the stores around each stabilize; and the fate of messages.
import type { Cluster, NodeSpec } from '../kernel/cluster.ts';
import { Bug } from '../kernel/errors.ts';
import type { RecoveredWrite } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { OPERATION_DEADLINE_MS } from '../kernel/limits.ts';
import type { LinkChange } from '../kernel/linkSettings.ts';
import type { RoundOutcome } from '../kernel/round.ts';
import type { StoreSnapshot } from '../kernel/snapshot.ts';
import type { SimData } from '../sim/simData.ts';
import type { SimCluster } from '../sim/world.ts';
import { type Coverage, CUT_BY_SCRIPT } from './coverage.ts';
import { Deaths } from './deaths.ts';
import { takeSnapshots } from './snapshots.ts';
import type { TraceWatch } from './traceWatch.ts';

/** A running `stabilize`: the stores before it, and the servers that its rounds have reached. */
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
  readonly #coverage: Coverage;
  readonly #deaths: Deaths;
  readonly guaranteesByLife = new Map<string, readonly string[]>();
  readonly #failed = new Set<NodeId>();
  #sleptMs = 0;
  #hasLinkSettings = false;
  #converging: Converging | undefined;

  /** `former`: the data that an earlier run has left. */
  constructor(inner: SimCluster, trace: TraceWatch, coverage: Coverage, former?: SimData) {
    this.inner = inner;
    this.#trace = trace;
    this.#coverage = coverage;
    this.#deaths = new Deaths(coverage, former?.imageById.keys());
  }

  get formerLives(): number {
    return this.inner.formerLives;
  }

  /** The live servers, sorted by id. */
  get servers(): NodeId[] {
    return this.#deaths.servers;
  }

  /** Servers that are gone and whose ids are free, sorted by id. */
  get dead(): NodeId[] {
    return this.#deaths.dead;
  }

  /** The servers that do not live any more, those of earlier runs on the same disks too. */
  get gone(): NodeId[] {
    return this.#deaths.gone;
  }

  /** Whether any server has ever died. */
  get hasDeaths(): boolean {
    return this.#deaths.hasAny;
  }

  get failed(): NodeId[] {
    return this.servers.filter((id) => this.#failed.has(id));
  }

  /** Whether something may be set for some link. */
  get hasLinkSettings(): boolean {
    return this.#hasLinkSettings;
  }

  get paused(): NodeId[] {
    return this.servers.filter((id) => this.#trace.isPaused(id));
  }

  async start(spec: NodeSpec): Promise<readonly RecoveredWrite[]> {
    const { id, incarnation, guarantees = [] } = spec;
    for (const word of guarantees) this.#coverage.mark(`guarantee ${word}`);
    this.guaranteesByLife.set(`${id}.${incarnation}`, guarantees);
    this.#deaths.began(id, spec.role === 'server');
    return this.inner.start(spec);
  }

  async kill(id: NodeId, line?: number): Promise<void> {
    await this.inner.kill(id, line);
    this.#ended(id);
  }

  async pause(id: NodeId, line?: number): Promise<void> {
    await this.inner.pause(id, line);
    this.#trace.paused(id);
  }

  async resume(id: NodeId, line?: number): Promise<void> {
    this.#trace.resumed(id, this.inner.now());
    await this.inner.resume(id, line);
  }

  async link(a: NodeId, b: NodeId, line?: number): Promise<void> {
    await this.inner.link(a, b, line);
    this.#deaths.linked(a, b);
    this.#trace.linked(a, b);
  }

  async unlink(a: NodeId, b: NodeId, line?: number): Promise<void> {
    await this.inner.unlink(a, b, line);
    this.#deaths.cut(a, b);
    this.#trace.unlinked(a, b, this.inner.now(), this.#isBehind);
  }

  async mute(from: NodeId, to: NodeId, line?: number): Promise<void> {
    await this.inner.mute(from, to, line);
    this.#deaths.cut(from, to);
    this.#trace.muted(from, to);
  }

  async setLink(change: LinkChange): Promise<void> {
    await this.inner.setLink(change);
    if (change.setting !== null) this.#hasLinkSettings = true;
    else if (change.direction === 'all') this.#hasLinkSettings = false;
  }

  async ask(...asked: Parameters<Cluster['ask']>): Promise<Json> {
    const [id, method] = asked;
    if (method === 'settle') return this.#settle(asked);
    if (method === 'fail') this.#failed.add(id);
    if (method === 'recover') this.#failed.delete(id);
    if (method === 'disconnectService') this.#coverage.mark(CUT_BY_SCRIPT);
    if (method !== 'stabilize') return this.inner.ask(...asked);
    this.#converging ??= { before: this.snapshots(), components: [], missing: new Set() };
    const { components, missing } = this.#converging;
    try {
      const answer = await this.inner.ask(...asked);
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

  tell(...told: Parameters<Cluster['tell']>): Promise<void> {
    return this.inner.tell(...told);
  }

  now(): number {
    return this.inner.now();
  }

  /** The total time that the script has asked the world to sleep. */
  get sleptMs(): number {
    return this.#sleptMs;
  }

  sleep(ms: number): Promise<void> {
    this.#sleptMs += ms;
    return this.inner.sleep(ms);
  }

  wake(): void {
    this.inner.wake();
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

  readonly #isBehind = (id: NodeId): boolean => this.inner.isBehind(id);

  #ended(id: NodeId): void {
    const now = this.inner.now();
    this.#failed.delete(id);
    this.#deaths.ended(id, now, this.paused.length + this.failed.length > 0);
    this.#trace.ended(id, now, this.#isBehind);
  }

  async #settle(asked: Parameters<Cluster['ask']>): Promise<Json> {
    try {
      return await this.inner.ask(...asked);
    } finally {
      this.#deaths.joined(asked[0]);
    }
  }

  /** Whether servers have to wait for others before they serve, as the newcomers of a ring do. */
  async areWaiting(): Promise<boolean> {
    const settle = (id: NodeId) => this.inner.ask(id, 'settle', {}, OPERATION_DEADLINE_MS);
    const answers = await Promise.allSettled(this.servers.map(settle));
    const awaited = answers.map((answer) =>
      answer.status === 'fulfilled' ? (answer.value as { awaited?: NodeId[] }).awaited : undefined,
    );
    return awaited.some((ids = []) => ids.length > 0);
  }

  snapshots(): readonly StoreSnapshot[] {
    return takeSnapshots(this.inner);
  }

  /**
   * The result of the rounds since the last call. A round without an answer contributes nothing,
   * and then the stabilize is not whole.
   */
  takeStabilization(): WatchedStabilization | undefined {
    const converging = this.#converging;
    this.#converging = undefined;
    if (converging === undefined) return undefined;
    const { before, components, missing } = converging;
    const isWhole = missing.size === 0;
    this.#coverage.mark(isWhole ? 'stabilize whole' : 'stabilize partial');
    return { before, components, after: this.snapshots(), isWhole };
  }
}

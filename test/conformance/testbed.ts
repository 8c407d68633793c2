// The nodes of an exercise and the links between them. Joins, cuts, kills and restarts them as the
// master does, and remembers which links were cut.

import { Bug } from '../../src/kernel/errors.ts';
import type { NodeId, Role } from '../../src/kernel/ids.ts';
import type { Json } from '../../src/kernel/json.ts';
import type { SimCluster } from '../../src/sim/world.ts';

export class Testbed {
  readonly cluster: SimCluster;
  readonly roleById = new Map<NodeId, Role>();
  readonly incarnationById = new Map<NodeId, number>();
  readonly paused = new Set<NodeId>();
  readonly #cuts = new Set<string>();
  #rounds = 0;

  /** Servers whose disks failed them, and that have not joined again. */
  readonly lost = new Set<NodeId>();

  constructor(cluster: SimCluster) {
    this.cluster = cluster;
    cluster.onDeath(({ id }) => {
      this.lost.add(id);
      void this.#bury(id);
    });
  }

  get servers(): NodeId[] {
    return [...this.roleById].filter(([, role]) => role === 'server').map(([id]) => id);
  }

  /** Waits until the server has quiesced, as the command does, unless told not to wait. */
  async joinServer(id: NodeId, isAwaited = true): Promise<void> {
    const others = this.servers;
    this.cluster.disk(id).setFault();
    this.lost.delete(id);
    await this.#start(id, 'server', []);
    for (const other of others) await this.link(id, other);
    const settled = this.cluster.ask(id, 'settle', {}).catch(() => undefined);
    if (isAwaited || others.length === 0) await settled;
  }

  async joinClient(id: NodeId, server: NodeId, guarantees: readonly string[]): Promise<void> {
    await this.#start(id, 'client', guarantees);
    await this.link(id, server);
  }

  async link(a: NodeId, b: NodeId): Promise<void> {
    if (!this.#areAlive(a, b)) return;
    this.#cuts.delete(pairOf(a, b));
    await this.cluster.link(a, b);
    await this.#tellBoth(a, b, 'connect');
  }

  async unlink(a: NodeId, b: NodeId): Promise<void> {
    if (!this.#areAlive(a, b)) return;
    this.#cuts.add(pairOf(a, b));
    await this.cluster.unlink(a, b);
    await this.#tellBoth(a, b, 'disconnect');
  }

  async mute(a: NodeId, b: NodeId): Promise<void> {
    if (!this.#areAlive(a, b)) return;
    this.#cuts.add(pairOf(a, b));
    await this.cluster.mute(a, b);
  }

  async kill(id: NodeId): Promise<void> {
    if (!this.roleById.has(id)) return;
    await this.cluster.kill(id);
    await this.#bury(id);
  }

  async #bury(id: NodeId): Promise<void> {
    this.roleById.delete(id);
    this.paused.delete(id);
    for (const other of this.roleById.keys()) {
      await this.#tell(other, 'disconnect', { peer: id, role: 'server' });
    }
  }

  async pause(id: NodeId): Promise<void> {
    if (!this.roleById.has(id)) return;
    this.paused.add(id);
    await this.cluster.pause(id);
  }

  async resume(id: NodeId): Promise<void> {
    if (!this.paused.delete(id)) return;
    await this.cluster.resume(id);
  }

  /** Restores every cut link, and resumes every paused node. */
  async heal(): Promise<void> {
    for (const id of this.paused) await this.resume(id);
    for (const pair of this.#cuts) {
      const [a, b] = pair.split(' ').map(Number) as [NodeId, NodeId];
      await this.link(a, b);
    }
    this.#cuts.clear();
  }

  /** One round from the lowest server; the servers it reached, or undefined without an answer. */
  async stabilize(budgetMs: number): Promise<NodeId[] | undefined> {
    const known = this.servers.sort((a, b) => a - b);
    const root = known.find((id) => !this.paused.has(id));
    if (root === undefined) return undefined;
    this.#rounds += 1;
    const params = { round: this.#rounds, avoid: [], known, budgetMs };
    try {
      const answer = await this.cluster.ask(root, 'stabilize', params, budgetMs + 500);
      return (answer as { reached: NodeId[] }).reached;
    } catch (error) {
      if (error instanceof Bug) throw error;
      return undefined;
    }
  }

  async #start(id: NodeId, role: Role, guarantees: readonly string[]): Promise<void> {
    const incarnation = (this.incarnationById.get(id) ?? 0) + 1;
    this.incarnationById.set(id, incarnation);
    await this.cluster.start({ id, role, incarnation, guarantees });
    this.roleById.set(id, role);
  }

  #areAlive(a: NodeId, b: NodeId): boolean {
    return this.roleById.has(a) && this.roleById.has(b);
  }

  async #tellBoth(a: NodeId, b: NodeId, method: string): Promise<void> {
    await this.#tell(a, method, { peer: b, role: this.roleById.get(b) ?? 'server' });
    await this.#tell(b, method, { peer: a, role: this.roleById.get(a) ?? 'server' });
  }

  /** A paused node hears it when it wakes; a dead one never. */
  async #tell(id: NodeId, method: string, params: Json): Promise<void> {
    const told = this.cluster.ask(id, method, params).catch(() => undefined);
    if (!this.paused.has(id)) await told;
  }
}

function pairOf(a: NodeId, b: NodeId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

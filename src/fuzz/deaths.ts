// Tracks which servers live, and counts crashes that happen during recovery from an earlier fault.
import type { NodeId } from '../kernel/ids.ts';
import { type Coverage, SERVER_FAULTS } from './coverage.ts';

/**
 * After this time, recovery from a death counts as finished. No cluster guarantees to be faster.
 */
const RECOVERY_MS = 2_500;

export class Deaths {
  readonly #coverage: Coverage;
  readonly #live = new Set<NodeId>();
  /** All servers so far, those of earlier runs on the same disks too. */
  readonly #known: Set<NodeId>;
  readonly #clients = new Set<NodeId>();
  /** Pairs of servers with a cut between them. */
  readonly #cuts = new Set<string>();
  readonly #returning = new Set<NodeId>();
  #latestAt = Number.NEGATIVE_INFINITY;

  /** `earlier`: the servers that have disks of earlier runs. */
  constructor(coverage: Coverage, earlier: Iterable<NodeId> = []) {
    this.#coverage = coverage;
    this.#known = new Set(earlier);
  }

  /** The live servers, sorted by id. */
  get servers(): NodeId[] {
    return sorted(this.#live);
  }

  /** Servers that are gone and whose ids are free, sorted by id. */
  get dead(): NodeId[] {
    return this.gone.filter((id) => !this.#clients.has(id));
  }

  /** The servers that do not live any more; an id may have been reused for a client. */
  get gone(): NodeId[] {
    return sorted(this.#known).filter((id) => !this.#live.has(id));
  }

  /** Whether any server has ever died. */
  get hasAny(): boolean {
    return this.#latestAt !== Number.NEGATIVE_INFINITY;
  }

  began(id: NodeId, isServer: boolean): void {
    if (!isServer) {
      this.#clients.add(id);
      return;
    }
    this.#live.add(id);
    this.#known.add(id);
    this.#returning.add(id);
  }

  /** A server has finished joining, or has given up. */
  joined(id: NodeId): void {
    this.#returning.delete(id);
  }

  cut(a: NodeId, b: NodeId): void {
    if (this.#live.has(a) && this.#live.has(b)) this.#cuts.add(pairOf(a, b));
  }

  linked(a: NodeId, b: NodeId): void {
    this.#cuts.delete(pairOf(a, b));
  }

  ended(id: NodeId, now: number, isAnyPaused: boolean): void {
    this.#clients.delete(id);
    if (!this.#live.delete(id)) return;
    this.#returning.delete(id);
    const isBeside =
      isAnyPaused ||
      now - this.#latestAt < RECOVERY_MS ||
      this.#cuts.size > 0 ||
      this.#returning.size > 0;
    for (const pair of this.#cuts)
      if (pair.split(' ').includes(String(id))) this.#cuts.delete(pair);
    if (isBeside) this.#coverage.mark(SERVER_FAULTS.overlapping);
    if (this.#live.size === 0) this.#coverage.mark(SERVER_FAULTS.allDead);
    this.#latestAt = now;
  }
}

function sorted(ids: ReadonlySet<NodeId>): NodeId[] {
  return [...ids].sort((a, b) => a - b);
}

function pairOf(a: NodeId, b: NodeId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

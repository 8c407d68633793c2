// Brings replicas what they lack: hands hints over to their owners, and exchanges keys with other
// replicas. Each of these has one task for each peer.
import type { NodeId } from '../../kernel/ids.ts';
import { CALL_TIMEOUT_MS } from '../../kernel/limits.ts';
import { ignoreCallError, unlessCallError } from '../../replication/background.ts';
import { cutParts } from '../../replication/parts.ts';
import type { Paid } from './facts.ts';
import type { Journal } from './journal.ts';
import type { Peers } from './peers.ts';
import type { Reconciler } from './reconciler.ts';
import type { QuorumState } from './state.ts';
import { packVersion, packWrite, sizeOf, type Write } from './write.ts';

/** How long a server waits for the answer to `announce`, which comes after all hints. */
const ANNOUNCE_MS = CALL_TIMEOUT_MS;

export class HandOff {
  readonly #state: QuorumState;
  readonly #journal: Journal;
  readonly #peers: Peers;
  readonly #reconciler: Reconciler;
  readonly #observe: ((fact: object) => void) | undefined;
  readonly #deliveries = new Map<NodeId, Promise<void>>();
  readonly #announcements = new Map<NodeId, Promise<void>>();
  readonly #copies = new Map<NodeId, Promise<boolean>>();

  constructor(
    journal: Journal,
    peers: Peers,
    reconciler: Reconciler,
    observe?: (fact: object) => void,
  ) {
    this.#state = journal.state;
    this.#journal = journal;
    this.#peers = peers;
    this.#reconciler = reconciler;
    this.#observe = observe;
  }

  /**
   * Hands over all hints for the last server of the route. Ends at the first failure; the rest
   * stays.
   */
  deliver(
    owner: NodeId,
    route: readonly NodeId[] = [owner],
    timeoutMs = this.#state.settings.timeoutMs,
  ): Promise<void> {
    return once(this.#deliveries, owner, () => this.#deliver(owner, route, timeoutMs));
  }

  /** Asks a server for the hints that it keeps for this one. */
  announce(peer: NodeId, timeoutMs: number = ANNOUNCE_MS): Promise<void> {
    const ring = this.#state.ring?.number ?? 0;
    return once(this.#announcements, peer, async () => {
      await unlessCallError(this.#peers.call(peer, 'announce', { ring }, timeoutMs));
    });
  }

  /**
   * Exchanges with another member what either of the two lacks. False if that failed. A member
   * without its data counts for reads when it has done so with all members that it shares keys
   * with.
   */
  exchangeWith(
    peer: NodeId,
    route: readonly NodeId[] = [peer],
    timeoutMs = this.#state.settings.timeoutMs,
  ): Promise<boolean> {
    return once(this.#copies, peer, async () => {
      for (;;) {
        const { ring } = this.#state;
        const isDone = await this.#isExchanged(peer, route, timeoutMs);
        // After a refusal for its ring this server may have the next one, which places other keys.
        if (this.#state.ring === ring) return isDone;
      }
    });
  }

  /**
   * The owner has these writes, or `keeper` stands in for it: the hints for them are paid.
   */
  async confirm(owner: NodeId, writes: readonly Write[], keeper = owner): Promise<void> {
    const paid = writes.flatMap((write) => this.#state.hints.paidBy({ owner, write }));
    if (paid.length === 0) return;
    await this.#journal.commit({ kind: 'delivered', owner, versions: paid.map(packVersion) });
    const fact: Paid = { kind: 'paid', owner, keeper, writes: paid };
    this.#observe?.(fact);
  }

  async #deliver(owner: NodeId, route: readonly NodeId[], timeoutMs: number): Promise<void> {
    const { hints, self, liveness } = this.#state;
    if (owner === self.id) return this.#deliverHere();
    for (;;) {
      const { ring } = this.#state;
      if (ring === undefined || !hints.has(owner) || !liveness.isLinked(route[0] ?? owner)) return;
      try {
        for (const part of cutParts(hints.of(owner), sizeOf)) {
          const params = { ring: ring.number, writes: part.map(packWrite) };
          await this.#peers.callVia(route, 'transfer', params, timeoutMs);
          await this.confirm(owner, part);
        }
      } catch (error) {
        ignoreCallError(error);
        // After a refusal for its ring this server may have the next one, with other hints.
        if (this.#state.ring === ring) return;
      }
    }
  }

  async #isExchanged(peer: NodeId, route: readonly NodeId[], timeoutMs: number): Promise<boolean> {
    const { ring } = this.#state;
    try {
      await this.#reconciler.reconcile(route, timeoutMs);
      if (this.#state.ring === ring) await this.#copied(peer);
      return true;
    } catch (error) {
      return ignoreCallError(error) ?? false;
    }
  }

  /** A server keeps a hint for itself if its disk had no room for its own copy. */
  async #deliverHere(): Promise<void> {
    const { hints, self } = this.#state;
    const writes = hints.of(self.id);
    try {
      await this.#journal.keepAll(writes);
      await this.confirm(self.id, writes);
    } catch (error) {
      ignoreCallError(error);
    }
  }

  async #copied(peer: NodeId): Promise<void> {
    const { uncopied } = this.#state;
    if (!uncopied.includes(peer)) return;
    if (uncopied.length === 1) await this.#journal.commit({ kind: 'complete' });
    else this.#state.copied(peer);
  }
}

/** Runs a task, unless it is under way for that peer: then that one's end counts. */
function once<T>(
  underWay: Map<NodeId, Promise<T>>,
  peer: NodeId,
  task: () => Promise<T>,
): Promise<T> {
  const known = underWay.get(peer);
  if (known !== undefined) return known;
  const running = task().finally(() => underWay.delete(peer));
  underWay.set(peer, running);
  return running;
}

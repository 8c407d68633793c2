// What a server sends to its neighbours in one chain in one epoch, and what it learns from their
// answers. Pure: the shell makes one call at a time, and reports the result.
import type { NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import { firstPart } from '../../replication/parts.ts';
import type { ArcLog, Catchup } from './log.ts';
import type { ChainMessages } from './messages.ts';
import { packCatchup, packEntry, type SyncPart, sizeOf } from './wire.ts';

type Unaddressed<K extends keyof ChainMessages> = Omit<ParamsOf<ChainMessages, K>, 'epoch' | 'arc'>;

/** A call to a neighbour; the epoch and the arc are added by the shell. */
export type Step = { readonly peer: NodeId } & (
  | { readonly method: 'sync'; readonly params: Unaddressed<'sync'> }
  | { readonly method: 'append'; readonly params: Unaddressed<'append'> }
  | { readonly method: 'commit'; readonly params: Unaddressed<'commit'> }
);

/** A catch-up under way, sent part by part. */
interface Sending {
  readonly transfer: number;
  readonly isCounted: boolean;
  readonly catchup: Catchup;
  readonly parts: readonly SyncPart[];
  next: number;
}

/**
 * Down the chain: first a catch-up with what the successor lacks, then every write in order.
 * Nothing is sent before it is durable here.
 */
export class Downstream {
  readonly peer: NodeId;
  readonly #log: ArcLog;
  /** Whether acknowledgements wait for the successor. A joiner is not counted at first. */
  isCounted: boolean;
  /** The last timestamp of the successor's log; undefined until it is in sync in this epoch. */
  #peerLast: number | undefined;
  /** The successor's `committed`, from which a catch-up can begin. */
  #peerCommitted: number | undefined;
  #transfers = 0;
  #sending: Sending | undefined;
  /** Whether the joiner has a first catch-up, so that it lacks little now. */
  #isNearlyWhole = false;

  constructor(log: ArcLog, peer: NodeId, isCounted: boolean) {
    this.#log = log;
    this.peer = peer;
    this.isCounted = isCounted;
  }

  /** The next call, or undefined while there is nothing to send. */
  next(): Step | undefined {
    const { isSynced, durable, committed } = this.#log;
    if (!isSynced || durable < committed) return undefined;
    if (this.#peerLast === undefined) return this.#nextPart();
    // A counted successor has all that is committed here, although its answer may be lost.
    const base = Math.max(this.#peerLast, committed);
    if (!this.#log.hasPendingAfter(base)) return undefined;
    const entries = firstPart(this.#log.pendingAfter(base), sizeOf).map(packEntry);
    return { peer: this.peer, method: 'append', params: { base, entries } };
  }

  /**
   * The answer to `append`. Gives the timestamp up to which all servers after us have everything.
   */
  appended({ status, last, committed }: ResultOf<ChainMessages, 'append'>): number {
    if (status !== 'unsynced') return this.#learn(last, committed);
    this.#peerLast = undefined;
    return 0;
  }

  /** The answer to `sync`. Gives the same as `appended`. */
  synced({ status, last, committed }: ResultOf<ChainMessages, 'sync'>): number {
    const sending = this.#sending;
    this.#peerCommitted = committed;
    if (status === 'behind') this.#sending = undefined;
    if (sending === undefined || status === 'behind') return 0;
    if (status === 'synced' || (status === 'whole' && sending.isCounted)) {
      this.#sending = undefined;
      return this.#learn(last, committed);
    }
    if (status === 'whole') this.#isNearlyWhole = true;
    sending.next += 1;
    if (sending.next === sending.parts.length) this.#sending = undefined;
    return 0;
  }

  /** A call has failed: a catch-up under way begins again. */
  failed(): void {
    this.#sending = undefined;
  }

  /**
   * The next part of a catch-up. A joiner that lacks much gets a first catch-up while
   * acknowledgements do not wait for it, so that a large store delays no write. Then it is counted,
   * and a second catch-up brings the writes in between (H5).
   */
  #nextPart(): Step {
    this.#sending ??= this.#begin();
    const { transfer, isCounted, catchup, parts, next } = this.#sending;
    const { base, upTo, end } = catchup;
    const part = parts[next] as SyncPart;
    const params = { transfer, isCounted, base, upTo, end, ...part };
    return { peer: this.peer, method: 'sync', params };
  }

  #begin(): Sending {
    const isKnown = this.#peerCommitted !== undefined || this.#log.committed === 0;
    const catchup = this.#log.catchupFrom(this.#peerCommitted ?? this.#log.committed);
    const parts = packCatchup(catchup);
    const isLittle = isKnown && parts.length === 1;
    if (this.#isNearlyWhole || isLittle) this.isCounted = true;
    this.#transfers += 1;
    return { transfer: this.#transfers, isCounted: this.isCounted, catchup, parts, next: 0 };
  }

  #learn(last: number, committed: number): number {
    this.#peerLast = Math.max(this.#peerLast ?? 0, last);
    return committed;
  }
}

/**
 * Up the chain: up to which timestamp all servers after us have everything. Answers to the
 * predecessor's calls say the same, so `commit` is needed only for what came after the last answer.
 */
export class Upstream {
  readonly peer: NodeId;
  readonly #log: ArcLog;
  #told = 0;

  constructor(log: ArcLog, peer: NodeId) {
    this.#log = log;
    this.peer = peer;
  }

  next(): Step | undefined {
    const { isSynced, committed } = this.#log;
    if (!isSynced || committed <= this.#told) return undefined;
    return { peer: this.peer, method: 'commit', params: { upTo: committed } };
  }

  /** The predecessor knows up to here. An answer counts as known: if it is lost, it asks again. */
  told(upTo: number): void {
    this.#told = Math.max(this.#told, upTo);
  }
}

// What one server sends to its neighbours in one chain in one epoch, and what it learns from their
// answers. Pure: the shell makes one call at a time, and says what came of it.
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

/** A catch-up that is being sent, part by part. */
interface Sending {
  readonly transfer: number;
  readonly isCounted: boolean;
  readonly catchup: Catchup;
  readonly parts: readonly SyncPart[];
  next: number;
}

/**
 * Down the chain: first what the successor lacks, then every write, in order. Nothing is sent
 * before it is durable here.
 */
export class Downstream {
  readonly peer: NodeId;
  readonly #log: ArcLog;
  /** A joiner counts when acknowledgements wait for it; until then it is not waited for. */
  isCounted: boolean;
  /** How far the successor's log is known to go; undefined until it is synced in this epoch. */
  #peerLast: number | undefined;
  /** What a catch-up can begin from. */
  #peerCommitted: number | undefined;
  #transfers = 0;
  #sending: Sending | undefined;
  /** A joiner has had a first catch-up, so that what it still lacks is little. */
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
    // A successor that counts has all that is committed here, though its answer may be lost.
    const base = Math.max(this.#peerLast, committed);
    if (!this.#log.hasPendingAfter(base)) return undefined;
    const entries = firstPart(this.#log.pendingAfter(base), sizeOf).map(packEntry);
    return { peer: this.peer, method: 'append', params: { base, entries } };
  }

  /** The successor's answer. Gives up to where all behind us hold everything, if it says so. */
  appended({ status, last, committed }: ResultOf<ChainMessages, 'append'>): number {
    if (status !== 'unsynced') return this.#learn(last, committed);
    this.#peerLast = undefined;
    return 0;
  }

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

  /** A call has failed: a catch-up begins anew. */
  failed(): void {
    this.#sending = undefined;
  }

  /**
   * Makes the successor's log what ours is. A joiner that lacks much is first brought near without
   * being waited for, so that a large store holds nothing up; only then do acknowledgements wait
   * for it, and what came in between follows (H5).
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
 * Up the chain: how far all behind us hold the writes. The answers to the predecessor's own calls
 * say the same, so this is for what came later.
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

  /** The predecessor knows so far. An answer to it counts; if that is lost it asks again. */
  told(upTo: number): void {
    this.#told = Math.max(this.#told, upTo);
  }
}

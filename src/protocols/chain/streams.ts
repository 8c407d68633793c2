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
  | { readonly method: 'durable'; readonly params: Unaddressed<'durable'> }
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
 * Down the chain: first a catch-up with what the successor lacks, then every write in order. A
 * write need not be durable here yet; with it goes what is durable here and at all servers before
 * us.
 */
export class Downstream {
  readonly peer: NodeId;
  /** What is said beside the writes. */
  readonly assurance: Assurance;
  readonly #log: ArcLog;
  readonly #up: Upstream | undefined;
  /** Whether acknowledgements wait for the successor. A joiner is not counted at first. */
  isCounted: boolean;
  /** The last timestamp of the successor's log; undefined until it is in sync in this epoch. */
  #peerLast: number | undefined;
  /** The last timestamp that was sent with an append, answered or not. */
  #sent = 0;
  /** The successor's `committed`, from which a catch-up can begin. */
  #peerCommitted: number | undefined;
  #transfers = 0;
  #sending: Sending | undefined;
  /** Whether the joiner has a first catch-up, so that it lacks little now. */
  #isNearlyWhole = false;

  /** `up`: the stream to the predecessor, which says what is durable before us. */
  constructor(log: ArcLog, peer: NodeId, isCounted: boolean, up: Upstream | undefined) {
    this.#log = log;
    this.#up = up;
    this.peer = peer;
    this.isCounted = isCounted;
    this.assurance = new Assurance(peer, () => {
      if (this.#peerLast === undefined) return 0;
      // Of later writes it is said with the writes, and of acknowledged ones it is known.
      const upTo = Math.min(durableUpTo(log, up), Math.max(this.#peerLast, this.#sent));
      return upTo > log.committed ? upTo : 0;
    });
  }

  /** The next call, or undefined while there is nothing to send. */
  next(): Step | undefined {
    const { isSynced, durable, committed } = this.#log;
    if (!isSynced || durable < committed) return undefined;
    if (this.#peerLast === undefined) return this.#nextPart();
    // A counted successor has all that is committed here, although its answer may be lost.
    const base = Math.max(this.#peerLast, committed);
    if (!this.#log.hasPendingAfter(base)) return undefined;
    const part = firstPart(this.#log.pendingAfter(base), sizeOf);
    this.#sent = Math.max(this.#sent, part.at(-1)?.version.timestamp ?? 0);
    const params = { base, entries: part.map(packEntry), durable: this.assurance.tellWith() };
    return { peer: this.peer, method: 'append', params };
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
    this.assurance.failed();
  }

  /**
   * The next part of a catch-up. A joiner that lacks much gets a first catch-up while
   * acknowledgements do not wait for it, so that a large store delays no write. Then it is counted,
   * and a second catch-up brings the writes in between (H5). It also says what is durable: that
   * covers all that a former chain may have acknowledged, so the tail has acknowledged that before
   * it answers a read.
   */
  #nextPart(): Step {
    this.#sending ??= this.#begin();
    const { transfer, isCounted, catchup, parts, next } = this.#sending;
    const { base, upTo, end } = catchup;
    const part = parts[next] as SyncPart;
    const durable = durableUpTo(this.#log, this.#up);
    const params = { transfer, isCounted, base, upTo, end, durable, ...part };
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
 * Down the chain, beside the writes and waiting for none of them: up to which timestamp this server
 * and all before it have everything on their disks. The tail acknowledges nothing beyond.
 */
export class Assurance {
  readonly peer: NodeId;
  readonly #upTo: () => number;
  #told = 0;

  constructor(peer: NodeId, upTo: () => number) {
    this.peer = peer;
    this.#upTo = upTo;
  }

  next(): Step | undefined {
    const upTo = this.#upTo();
    if (upTo <= this.#told) return undefined;
    return { peer: this.peer, method: 'durable', params: { upTo } };
  }

  told(upTo: number): void {
    this.#told = Math.max(this.#told, upTo);
  }

  /** What an `append` says. It counts as told, unless that call fails. */
  tellWith(): number {
    const upTo = this.#upTo();
    this.told(upTo);
    return upTo;
  }

  failed(): void {
    this.#told = 0;
  }
}

/** Up to which timestamp this server and all before it have everything on their disks. */
export function durableUpTo({ durable }: ArcLog, up: Upstream | undefined): number {
  return Math.max(0, Math.min(durable, up?.durableBefore ?? durable));
}

/**
 * Up the chain: up to which timestamp all servers after us have everything. Answers to the
 * predecessor's calls say the same, so `commit` is needed only for what came after the last answer.
 */
export class Upstream {
  readonly peer: NodeId;
  readonly #log: ArcLog;
  /** Up to which timestamp all servers before us have everything on their disks, as they say. */
  durableBefore = 0;
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

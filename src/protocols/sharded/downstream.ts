// What a primary sends to one other server of its group in one epoch, and what it learns from the
// answers. Pure: the shell makes one call at a time, and reports the result.
import type { Life } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import { cutParts, firstPart } from '../../replication/parts.ts';
import type { GroupLog, Snapshot } from './log.ts';
import type { ShardedMessages } from './messages.ts';
import { type PackedPiece, packEntry, packPiece, sizeOf, sizeOfPiece } from './wire.ts';

type Unaddressed<K extends keyof ShardedMessages> = Omit<
  ParamsOf<ShardedMessages, K>,
  'group' | 'epoch' | 'number'
>;

/** A call to the other server; the shell adds group, epoch and number of the configuration. */
export type Step =
  | { readonly method: 'extent'; readonly params: Unaddressed<'extent'> }
  | { readonly method: 'append'; readonly params: Unaddressed<'append'> }
  | { readonly method: 'install'; readonly params: Unaddressed<'install'> };

interface Sending {
  readonly transfer: number;
  readonly snapshot: Snapshot;
  readonly parts: readonly (readonly PackedPiece[])[];
  next: number;
}

export class Downstream {
  readonly peer: Life;
  readonly #log: GroupLog;
  /** Up to here its log agrees, though its disk may lack some; undefined until it is known. */
  #agreed: number | undefined;
  /** It is sent entries up to here. */
  due = 0;
  /** Whether it is told what the group has acknowledged. */
  readonly isTold: boolean;
  #told = -1;
  /** The first append in an epoch removes what an earlier primary had sent beyond it. */
  #hasCut = false;
  #needsSnapshot = false;
  #transfers = 0;
  /** What the disk of the primary had at the answer before the last one. */
  #durableBefore = Number.POSITIVE_INFINITY;
  #keepsUp = false;
  #sending: Sending | undefined;

  constructor(log: GroupLog, peer: Life, isTold: boolean) {
    this.#log = log;
    this.peer = peer;
    this.isTold = isTold;
  }

  /** Up to here the other server has the log on its disk; undefined until it has said so. */
  get confirmed(): number | undefined {
    return this.#hasCut ? this.#agreed : undefined;
  }

  /** The next call, or undefined while there is nothing to send. */
  next(): Step | undefined {
    if (this.#needsSnapshot) return this.#nextPart();
    if (this.#agreed === undefined) return { method: 'extent', params: {} };
    const base = this.#agreed;
    if (base < this.#log.start) {
      this.#needsSnapshot = true;
      return this.#nextPart();
    }
    const upTo = Math.min(this.due, this.#log.durable);
    const isNews = this.isTold && this.#log.applied > this.#told;
    if (base >= upTo && !isNews && this.#hasCut) return undefined;
    const lacking = this.#log.after(base).slice(0, Math.max(0, upTo - base));
    const entries = firstPart(lacking, sizeOf).map(packEntry);
    const params = { base, cuts: !this.#hasCut, entries, committed: this.#log.applied };
    return { method: 'append', params };
  }

  /** Whether it has the log up to there on its disk. */
  has(index: number): boolean {
    return this.confirmed !== undefined && this.confirmed >= index;
  }

  /**
   * Whether it has all that the disk of the primary has, or had one call before: under load, the
   * disk of the primary always has more by the time that an answer comes (Ongaro, "Consensus",
   * 2014, section 4.2.1).
   */
  get keepsUp(): boolean {
    return this.#keepsUp || this.has(this.#log.durable);
  }

  answered(step: Step, answer: ResultOf<ShardedMessages, Step['method']>): void {
    if (step.method === 'extent') {
      this.#matched(answer as ResultOf<ShardedMessages, 'extent'>);
    } else if (step.method === 'install') {
      this.#installed(answer as ResultOf<ShardedMessages, 'install'>);
    } else this.#appended(step.params, answer as ResultOf<ShardedMessages, 'append'>);
    this.#keepsUp = this.has(this.#durableBefore);
    this.#durableBefore = this.#log.durable;
  }

  /** A call has failed: a snapshot under way begins again. */
  failed(): void {
    this.#sending = undefined;
  }

  #matched({ history, last, applied }: ResultOf<ShardedMessages, 'extent'>): void {
    const agreed = this.#log.agreesUpTo({ history, last });
    this.#needsSnapshot = agreed < applied || agreed < this.#log.start;
    this.#agreed = agreed;
  }

  #appended(
    { base, entries, committed }: Unaddressed<'append'>,
    { status }: ResultOf<ShardedMessages, 'append'>,
  ): void {
    if (status === 'gap') {
      this.#agreed = undefined;
      this.#hasCut = false;
      return;
    }
    this.#hasCut = true;
    this.#agreed = Math.max(this.#agreed ?? 0, base + entries.length);
    this.#told = Math.max(this.#told, committed);
  }

  #nextPart(): Step {
    this.#sending ??= this.#begin();
    const { transfer, snapshot, parts, next } = this.#sending;
    const { upTo, history, received } = snapshot;
    const isLast = next === parts.length - 1;
    const head = { upTo, history: [...history], received: [...received] };
    const pieces = parts[next] ?? [];
    return { method: 'install', params: { transfer, part: next, isLast, ...head, pieces } };
  }

  #begin(): Sending {
    const snapshot = this.#log.snapshot();
    const cut = cutParts(snapshot.pieces, sizeOfPiece).map((pieces) => pieces.map(packPiece));
    this.#transfers += 1;
    return { transfer: this.#transfers, snapshot, parts: cut.length > 0 ? cut : [[]], next: 0 };
  }

  #installed({ status }: ResultOf<ShardedMessages, 'install'>): void {
    const sending = this.#sending;
    if (sending === undefined) return;
    if (status === 'gap') this.#sending = undefined;
    else sending.next += 1;
    if (status !== 'whole') return;
    this.#sending = undefined;
    this.#needsSnapshot = false;
    this.#agreed = sending.snapshot.upTo;
    this.#hasCut = true;
  }
}

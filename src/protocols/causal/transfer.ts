// How entries travel: packed as arrays, in parts that each fit a message, and put together again
// only when all have come, because a state is closed (C7) before and after a transfer but not
// within it.
import { VersionVector } from '../../clocks/versionVector.ts';
import type { VectorTuples } from '../../kernel/history.ts';
import type { Life } from '../../kernel/ids.ts';
import { jsonBytesOf, PART_BYTES } from '../../kernel/limits.ts';
import type { Entry } from './entry.ts';
import type { WireEntry } from './messages.ts';

/** What takes a transfer over: journal.ts. */
interface Receiver {
  merge(
    since: VersionVector,
    entries: readonly Entry[],
    applied: VersionVector,
  ): boolean | Promise<boolean>;
}

export function packEntry({ key, value, version }: Entry): WireEntry {
  return [key, value, version.timestamp, version.origin.id, version.origin.incarnation];
}

/** The entries, with one shared object for each life. */
export function unpackEntries(packed: readonly WireEntry[]): Entry[] {
  let origin: Life | undefined;
  return packed.map(([key, value, timestamp, id, incarnation]) => {
    if (id !== origin?.id || incarnation !== origin.incarnation) origin = { id, incarnation };
    return { key, value, version: { timestamp, origin } };
  });
}

/** The entries in order, cut where a part would outgrow PART_BYTES. At least one part. */
export function packParts(entries: readonly Entry[]): WireEntry[][] {
  if (fitOnePart(entries)) return [entries.map(packEntry)];
  const parts: WireEntry[][] = [[]];
  let bytes = 0;
  for (const entry of entries) {
    const size = largestSize(entry);
    if (bytes > 0 && bytes + size > PART_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(packEntry(entry));
    bytes += size;
  }
  return parts;
}

function fitOnePart(entries: readonly Entry[]): boolean {
  let bytes = 0;
  for (const entry of entries) {
    bytes += largestSize(entry);
    if (bytes > PART_BYTES) return false;
  }
  return true;
}

/** Six bytes are the most that JSON needs for one UTF-16 unit; numbers and quotes take up to 48. */
function largestSize({ key, value }: Entry): number {
  return 48 + 6 * key.length + (value === null ? 4 : exactOrLargest(value));
}

/** Long values are measured, so that one which was accepted alone also travels alone. */
function exactOrLargest(value: string): number {
  return value.length < 1024 ? 6 * value.length : jsonBytesOf(value);
}

/** One part of a transfer, as it travels. */
export interface TransferPart {
  readonly transfer: number;
  readonly part: number;
  readonly last: boolean;
  readonly entries: readonly WireEntry[];
  readonly since: VectorTuples;
  readonly applied: VectorTuples;
}

export type Delivery = 'applied' | 'more' | 'refused';

function toDelivery(isApplied: boolean): Delivery {
  return isApplied ? 'applied' : 'refused';
}

/** The parts of one sender's transfers as they come in. A sender numbers its transfers upwards. */
export class Intake {
  #transfer = -1;
  #nextPart = 0;
  #entries: Entry[] = [];
  /** What became of this transfer; until its last part is in it has no copies. */
  #delivery: Delivery | Promise<Delivery> = 'refused';

  /**
   * Takes a part, and gives all entries of the transfer once the last one is in; `more` while some
   * are to come, also for a second copy of a part; `gap` if the sender has to begin anew.
   */
  take(
    transfer: number,
    part: number,
    last: boolean,
    packed: readonly WireEntry[],
  ): readonly Entry[] | 'more' | 'gap' {
    if (transfer > this.#transfer && part === 0) {
      this.#transfer = transfer;
      this.#nextPart = 0;
      this.#delivery = 'refused';
    }
    if (transfer !== this.#transfer || part > this.#nextPart) return 'gap';
    if (part < this.#nextPart) return 'more';
    const unpacked = unpackEntries(packed);
    if (part === 0) this.#entries = unpacked;
    else for (const entry of unpacked) this.#entries.push(entry);
    this.#nextPart += 1;
    if (!last) return 'more';
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  /**
   * Takes a part, and applies the transfer once it is whole; `refused` if it has to begin anew. A
   * promise only where a log has to keep it first. A copy of the last part has the answer of the
   * first: before that the transfer is not applied, and it may be refused.
   */
  deliver(receiver: Receiver, part: TransferPart): Delivery | Promise<Delivery> {
    const entries = this.take(part.transfer, part.part, part.last, part.entries);
    if (entries === 'more') return part.last ? this.#delivery : 'more';
    if (entries === 'gap') return 'refused';
    const since = VersionVector.fromTuples(part.since);
    const merged = receiver.merge(since, entries, VersionVector.fromTuples(part.applied));
    this.#delivery = merged instanceof Promise ? merged.then(toDelivery) : toDelivery(merged);
    return this.#delivery;
  }
}

// How entries travel: packed as arrays, in parts that each fit a message. A transfer is applied
// only when all its parts have arrived: between two parts the state would not be closed (C7).
import { VersionVector } from '../../clocks/versionVector.ts';
import type { VectorTuples } from '../../kernel/history.ts';
import type { Life } from '../../kernel/ids.ts';
import { cutParts, largestSize, PartIntake } from '../../replication/parts.ts';
import type { Entry } from './entry.ts';
import type { WireEntry } from './messages.ts';

/** What applies a transfer: journal.ts. */
interface Receiver {
  merge(
    since: VersionVector,
    entries: readonly Entry[],
    applied: VersionVector,
    collected: VersionVector,
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

/** Upper bound for the numbers, quotes and commas of one packed entry. */
const REST_BYTES = 48;

function sizeOf({ key, value }: Entry): number {
  return largestSize(key, value, REST_BYTES);
}

/** The entries in order, in parts of at most PART_BYTES each. At least one part. */
export function packParts(entries: readonly Entry[]): WireEntry[][] {
  const parts = cutParts(entries, sizeOf);
  return parts.length === 0 ? [[]] : parts.map((part) => part.map(packEntry));
}

/** What the sender has applied, and what it has collected of that. */
export interface TransferVectors {
  readonly applied: VectorTuples;
  readonly collected: VectorTuples;
}

/** One part of a transfer, as a message carries it. */
export interface TransferPart extends TransferVectors {
  readonly transfer: number;
  readonly part: number;
  readonly last: boolean;
  readonly entries: readonly WireEntry[];
  readonly since: VectorTuples;
}

export type Delivery = 'applied' | 'more' | 'refused';

function toDelivery(isApplied: boolean): Delivery {
  return isApplied ? 'applied' : 'refused';
}

/** The entries of all parts. Nearly every transfer has one part, and `flat` copies slowly. */
function join(parts: readonly (readonly Entry[])[]): readonly Entry[] {
  const [first] = parts;
  return first !== undefined && parts.length === 1 ? first : parts.flat();
}

/** Receives the transfers of one sender. */
export class Intake {
  readonly #parts = new PartIntake<readonly Entry[]>();
  /** The outcome of the latest transfer: the answer to copies of its last part. */
  #delivery: Delivery | Promise<Delivery> = 'refused';

  /**
   * Takes a part, and applies the transfer when it is whole. `refused` if the sender has to begin
   * again. A promise only if a log must make the transfer durable first. A copy of the last part
   * gets the answer of the first copy, because the transfer may still be refused.
   */
  deliver(receiver: Receiver, part: TransferPart): Delivery | Promise<Delivery> {
    const { transfer, part: number, last: isLast } = part;
    const taken = this.#parts.take({ transfer, part: number, isLast }, unpackEntries(part.entries));
    if (taken === 'copy') return isLast ? this.#delivery : 'more';
    if (taken === 'gap') return 'refused';
    this.#delivery = 'refused';
    if (taken === 'more') return 'more';
    const since = VersionVector.fromTuples(part.since);
    const applied = VersionVector.fromTuples(part.applied);
    const collected = VersionVector.fromTuples(part.collected);
    const merged = receiver.merge(since, join(taken), applied, collected);
    this.#delivery = merged instanceof Promise ? merged.then(toDelivery) : toDelivery(merged);
    return this.#delivery;
  }
}

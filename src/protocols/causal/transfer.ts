// How entries travel: packed as arrays, in parts that each fit a message, and put together again
// only when all have come, because a state is closed (C7) before and after a transfer but not
// within it.
import { VersionVector } from '../../clocks/versionVector.ts';
import type { VectorTuples } from '../../kernel/history.ts';
import type { Life } from '../../kernel/ids.ts';
import { cutParts, largestSize, PartIntake } from '../../replication/parts.ts';
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

/** For numbers, quotes and commas of one packed entry. */
const REST_BYTES = 48;

/** The entries in order, cut where a part would outgrow PART_BYTES. At least one part. */
export function packParts(entries: readonly Entry[]): WireEntry[][] {
  const parts = cutParts(entries, ({ key, value }) => largestSize(key, value, REST_BYTES));
  return parts.length === 0 ? [[]] : parts.map((part) => part.map(packEntry));
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

/** The transfers of one sender as they come in. */
export class Intake {
  readonly #parts = new PartIntake<readonly Entry[]>();
  /** What became of the latest transfer; until its last part is in it has no copies. */
  #delivery: Delivery | Promise<Delivery> = 'refused';

  /**
   * Takes a part, and applies the transfer once it is whole; `refused` if it has to begin anew. A
   * promise only where a log has to keep it first. A copy of the last part has the answer of the
   * first: before that the transfer is not applied, and it may be refused.
   */
  deliver(receiver: Receiver, part: TransferPart): Delivery | Promise<Delivery> {
    const { last: isLast } = part;
    const taken = this.#parts.take({ ...part, isLast }, unpackEntries(part.entries));
    if (taken === 'copy') return isLast ? this.#delivery : 'more';
    if (taken === 'gap') return 'refused';
    this.#delivery = 'refused';
    if (taken === 'more') return 'more';
    const since = VersionVector.fromTuples(part.since);
    const merged = receiver.merge(since, taken.flat(), VersionVector.fromTuples(part.applied));
    this.#delivery = merged instanceof Promise ? merged.then(toDelivery) : toDelivery(merged);
    return this.#delivery;
  }
}

// The format of writes in messages and on the disk: arrays, in parts that each fit a message.
import { PART_BYTES } from '../../kernel/limits.ts';
import { cutParts, largestSize } from '../../replication/parts.ts';
import type { Applied, Catchup, Entry } from './log.ts';
import type { WireApplied, WireEntry } from './messages.ts';

export function packEntry({ key, value, version, session, seq, isNoop }: Entry): WireEntry {
  const { timestamp, origin } = version;
  return [
    key,
    value,
    timestamp,
    origin.id,
    origin.incarnation,
    session.id,
    session.incarnation,
    seq,
    ...(isNoop ? ([true] as const) : ([] as const)),
  ];
}

export function unpackEntry(packed: WireEntry): Entry {
  const [key, value, timestamp, id, incarnation, session, sessionIncarnation, seq, isNoop] = packed;
  return {
    key,
    value,
    version: { timestamp, origin: { id, incarnation } },
    session: { id: session, incarnation: sessionIncarnation },
    seq,
    ...(isNoop && { isNoop }),
  };
}

export function packApplied({ session, seq, version, isNoop }: Applied): WireApplied {
  const { timestamp, origin } = version;
  return [
    ...([session.id, session.incarnation, seq] as const),
    ...([timestamp, origin.id, origin.incarnation] as const),
    ...(isNoop ? ([true] as const) : ([] as const)),
  ];
}

export function unpackApplied(packed: WireApplied): Applied {
  const [id, incarnation, seq, timestamp, server, serverIncarnation, isNoop] = packed;
  return {
    session: { id, incarnation },
    seq,
    version: { timestamp, origin: { id: server, incarnation: serverIncarnation } },
    ...(isNoop && { isNoop }),
  };
}

/** Upper bound for the numbers, quotes and commas of one packed entry. */
const REST_BYTES = 96;

/** Upper bound for the bytes of one entry in a message. */
export function sizeOf({ key, value }: Pick<Entry, 'key' | 'value'>): number {
  return largestSize(key, value, REST_BYTES);
}

/** A part of a catch-up, as a message carries it. */
export interface SyncPart {
  readonly part: number;
  readonly isLast: boolean;
  readonly entries: readonly WireEntry[];
  readonly applied: readonly WireApplied[];
  readonly pending: readonly WireEntry[];
}

const APPLIED_IN_A_PART = 2_000;

/** At least one part: an empty catch-up says that nothing is missing. */
export function packCatchup({ entries, applied, pending }: Catchup): SyncPart[] {
  const parts: Content[] = [];
  const none = { entries: [], applied: [], pending: [] };
  for (const some of cutParts(entries, sizeOf)) {
    parts.push({ ...none, entries: some.map(packEntry) });
  }
  for (let at = 0; at < applied.length; at += APPLIED_IN_A_PART) {
    const some = applied.slice(at, at + APPLIED_IN_A_PART);
    parts.push({ ...none, applied: some.map(packApplied) });
  }
  for (const some of cutParts(pending, sizeOf)) {
    parts.push({ ...none, pending: some.map(packEntry) });
  }
  if (parts.length === 0) parts.push(none);
  return mergeSmall(parts).map((part, index, all) => {
    return { ...part, part: index, isLast: index === all.length - 1 };
  });
}

type Content = Omit<SyncPart, 'part' | 'isLast'>;

/** Everything in one part if it fits, as it does nearly always. */
function mergeSmall(parts: Content[]): Content[] {
  const entries = parts.flatMap((part) => part.entries);
  const pending = parts.flatMap((part) => part.pending);
  const applied = parts.flatMap((part) => part.applied);
  const bytes = [...entries, ...pending].reduce((sum, [key, value]) => {
    return sum + largestSize(key, value, REST_BYTES);
  }, 0);
  const isSmall = bytes <= PART_BYTES && applied.length <= APPLIED_IN_A_PART;
  return isSmall ? [{ entries, applied, pending }] : parts;
}

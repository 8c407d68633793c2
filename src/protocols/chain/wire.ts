// How writes travel and lie on the disk: as arrays, in parts that each fit a message.
import { jsonBytesOf, PART_BYTES } from '../../kernel/limits.ts';
import type { Applied, Catchup, Entry } from './log.ts';
import type { WireApplied, WireEntry } from './messages.ts';

export function packEntry({ key, value, version, session, seq }: Entry): WireEntry {
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
  ];
}

export function unpackEntry(packed: WireEntry): Entry {
  const [key, value, timestamp, id, incarnation, session, sessionIncarnation, seq] = packed;
  return {
    key,
    value,
    version: { timestamp, origin: { id, incarnation } },
    session: { id: session, incarnation: sessionIncarnation },
    seq,
  };
}

export function packApplied({ session, seq, version }: Applied): WireApplied {
  const { timestamp, origin } = version;
  return [session.id, session.incarnation, seq, timestamp, origin.id, origin.incarnation];
}

export function unpackApplied(packed: WireApplied): Applied {
  const [id, incarnation, seq, timestamp, server, serverIncarnation] = packed;
  return {
    session: { id, incarnation },
    seq,
    version: { timestamp, origin: { id: server, incarnation: serverIncarnation } },
  };
}

/** The first entries of a list that fit a message together; one at least if there is one. */
export function firstPart(entries: readonly Entry[]): readonly Entry[] {
  let bytes = 0;
  for (const [index, entry] of entries.entries()) {
    bytes += sizeOf(entry.key, entry.value);
    if (bytes > PART_BYTES && index > 0) return entries.slice(0, index);
  }
  return entries;
}

/** A part of a catch-up as it travels. */
export interface SyncPart {
  readonly part: number;
  readonly isLast: boolean;
  readonly entries: readonly WireEntry[];
  readonly applied: readonly WireApplied[];
  readonly pending: readonly WireEntry[];
}

const APPLIED_IN_A_PART = 2_000;

/** One part at least: an empty catch-up says that there is nothing to catch up. */
export function packCatchup({ entries, applied, pending }: Catchup): SyncPart[] {
  const parts: Omit<SyncPart, 'part' | 'isLast'>[] = [];
  const none = { entries: [], applied: [], pending: [] };
  for (let rest = entries; rest.length > 0; ) {
    const some = firstPart(rest);
    parts.push({ ...none, entries: some.map(packEntry) });
    rest = rest.slice(some.length);
  }
  for (let at = 0; at < applied.length; at += APPLIED_IN_A_PART) {
    const some = applied.slice(at, at + APPLIED_IN_A_PART);
    parts.push({ ...none, applied: some.map(packApplied) });
  }
  for (let rest = pending; rest.length > 0; ) {
    const some = firstPart(rest);
    parts.push({ ...none, pending: some.map(packEntry) });
    rest = rest.slice(some.length);
  }
  if (parts.length === 0) parts.push(none);
  return mergeSmall(parts).map((part, index, all) => {
    return { ...part, part: index, isLast: index === all.length - 1 };
  });
}

type Content = Omit<SyncPart, 'part' | 'isLast'>;

/** Nearly always all of it is one small part. */
function mergeSmall(parts: Content[]): Content[] {
  const entries = parts.flatMap((part) => part.entries);
  const pending = parts.flatMap((part) => part.pending);
  const applied = parts.flatMap((part) => part.applied);
  const bytes = [...entries, ...pending].reduce((sum, [key, value]) => sum + sizeOf(key, value), 0);
  const isSmall = bytes <= PART_BYTES && applied.length <= APPLIED_IN_A_PART;
  return isSmall ? [{ entries, applied, pending }] : parts;
}

/** The parts of one sender's catch-ups as they come in. A sender numbers them upwards. */
export class Intake {
  #transfer = -1;
  #parts: SyncPart[] = [];

  /** Gives all parts once the last is in; undefined while some are to come, and for a copy. */
  take(transfer: number, part: SyncPart): readonly SyncPart[] | undefined {
    if (transfer > this.#transfer && part.part === 0) {
      this.#transfer = transfer;
      this.#parts = [];
    }
    if (transfer !== this.#transfer || part.part !== this.#parts.length) return undefined;
    this.#parts.push(part);
    return part.isLast ? this.#parts : undefined;
  }
}

/** Six bytes are the most that JSON needs for one UTF-16 unit; numbers and quotes take up to 96. */
export function sizeOf(key: string, value: string | null): number {
  const ofValue = value === null ? 4 : value.length;
  const exact = value === null || ofValue < 1024 ? 6 * ofValue : jsonBytesOf(value);
  return 96 + 6 * key.length + exact;
}

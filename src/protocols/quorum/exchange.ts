// The exchange of ranges between two replicas: one tells the versions that it has of the keys that
// both replicate, part by part, and gets what is newer at the other. Synchronous.
import type { NodeId } from '../../kernel/ids.ts';
import { firstPart } from '../../replication/parts.ts';
import type { QuorumState } from './state.ts';
import {
  packVersion,
  sizeOf,
  supersedes,
  unpackVersion,
  type WireVersion,
  type Write,
} from './write.ts';

/** A range of keys: after `after`, up to `upTo`; null for no bound. */
export interface KeyRange {
  readonly after: string | null;
  readonly upTo: string | null;
}

/** A range, and the versions that the asking server has in it. */
export interface KeyQuestion extends KeyRange {
  readonly known: WireVersion[];
}

/** The next question to that server. */
export function questionAfter(
  state: QuorumState,
  other: NodeId,
  after: string | null,
): KeyQuestion {
  const keys = keysIn(state, { after, upTo: null });
  const part = firstPart(keys, (key) => sizeOf({ key, value: null }));
  const upTo = part.length < keys.length ? (part.at(-1) ?? null) : null;
  return { after, upTo, known: sharedWrites(state, other, part).map(packVersion) };
}

/** What is newer here, as far as it fits a message; `next` is the last key that was looked at. */
export function answerTo(
  state: QuorumState,
  other: NodeId,
  range: KeyRange,
  known: readonly WireVersion[],
): { readonly writes: readonly Write[]; readonly next: string | null } {
  const theirs = new Map(known.map((version) => [version[0], version]));
  const shared = sharedWrites(state, other, keysIn(state, range));
  const newer = shared.filter((write) => isNewer(write, theirs.get(write.key)));
  const writes = firstPart(newer, sizeOf);
  const isWhole = writes.length === newer.length;
  return { writes, next: isWhole ? range.upTo : (writes.at(-1)?.key ?? null) };
}

/** The keys of the store in that range, sorted in code units. */
function keysIn({ store }: QuorumState, { after, upTo }: KeyRange): string[] {
  const keys = Array.from(store.writes(), ({ key }) => key);
  const isIn = (key: string): boolean =>
    (after === null || key > after) && (upTo === null || key <= upTo);
  return keys.filter(isIn).sort();
}

/**
 * The writes of those of the keys that both servers replicate. To place a key costs a hash, so only
 * the keys of one part are placed.
 */
function sharedWrites(state: QuorumState, other: NodeId, keys: readonly string[]): Write[] {
  return keys
    .filter((key) => state.isShared(key, other))
    .map((key) => state.store.find(key) as Write);
}

function isNewer(write: Write, known: WireVersion | undefined): boolean {
  return known === undefined || !supersedes(unpackVersion(known), write);
}

// The exchange of ranges between two replicas: one tells the versions that it has of the keys that
// both replicate, part by part, and gets what is newer at the other. Synchronous.
import { compareVersions } from '../../clocks/version.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { firstPart } from '../../replication/parts.ts';
import type { QuorumState } from './state.ts';
import { packVersion, sizeOf, unpackVersion, type WireVersion, type Write } from './write.ts';

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
  const part = firstPart(keys, (key) => sizeOf({ key, value: null, context: null }));
  const upTo = part.length < keys.length ? (part.at(-1) ?? null) : null;
  return { after, upTo, known: sharedWrites(state, other, part).flat().map(packVersion) };
}

/**
 * What is newer here, as far as it fits a message; `next` is the last key that was looked at. All
 * writes of a key are in one answer.
 */
export function answerTo(
  state: QuorumState,
  other: NodeId,
  range: KeyRange,
  known: readonly WireVersion[],
): { readonly writes: readonly Write[]; readonly next: string | null } {
  const theirs = new Map<string, WireVersion[]>();
  for (const version of known) {
    const ofKey = theirs.get(version[0]);
    if (ofKey === undefined) theirs.set(version[0], [version]);
    else ofKey.push(version);
  }
  const newer = sharedWrites(state, other, keysIn(state, range))
    .map((writes) => writes.filter((write) => isNewer(write, theirs.get(write.key) ?? [])))
    .filter((writes) => writes.length > 0);
  const part = firstPart(newer, (writes) => writes.reduce((sum, write) => sum + sizeOf(write), 0));
  const isWhole = part.length === newer.length;
  return { writes: part.flat(), next: isWhole ? range.upTo : (part.at(-1)?.[0]?.key ?? null) };
}

/** The keys of the store in that range, sorted in code units. */
function keysIn({ store }: QuorumState, { after, upTo }: KeyRange): string[] {
  const isIn = (key: string): boolean =>
    (after === null || key > after) && (upTo === null || key <= upTo);
  return [...store.keys()].filter(isIn).sort();
}

/**
 * The writes of those of the keys that both servers replicate. To place a key costs a hash, so only
 * the keys of one part are placed.
 */
function sharedWrites(
  state: QuorumState,
  other: NodeId,
  keys: readonly string[],
): (readonly Write[])[] {
  return keys.filter((key) => state.isShared(key, other)).map((key) => state.store.find(key));
}

/** A version alone does not tell what it includes, so a write that is superseded may count too. */
function isNewer({ version, context }: Write, known: readonly WireVersion[]): boolean {
  return !known.some((other) => {
    const order = compareVersions(unpackVersion(other), version);
    return context === null ? order >= 0 : order === 0;
  });
}

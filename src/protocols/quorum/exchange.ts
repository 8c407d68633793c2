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
  const keys = inRange(state.keysSharedWith(other), { after, upTo: null });
  const part = firstPart(keys, (key) => sizeOf({ key, value: null }));
  const upTo = part.length < keys.length ? (part.at(-1) ?? null) : null;
  return { after, upTo, known: part.map((key) => packVersion(state.store.find(key) as Write)) };
}

/** What is newer here, as far as it fits a message; `next` is the last key that was looked at. */
export function answerTo(
  state: QuorumState,
  other: NodeId,
  range: KeyRange,
  known: readonly WireVersion[],
): { readonly writes: readonly Write[]; readonly next: string | null } {
  const theirs = new Map(known.map((version) => [version[0], version]));
  const newer = inRange(state.keysSharedWith(other), range)
    .map((key) => state.store.find(key) as Write)
    .filter((write) => isNewer(write, theirs.get(write.key)));
  const writes = firstPart(newer, sizeOf);
  const isWhole = writes.length === newer.length;
  return { writes, next: isWhole ? range.upTo : (writes.at(-1)?.key ?? null) };
}

function inRange(keys: readonly string[], { after, upTo }: KeyRange): string[] {
  return keys.filter((key) => (after === null || key > after) && (upTo === null || key <= upTo));
}

function isNewer(write: Write, known: WireVersion | undefined): boolean {
  return known === undefined || !supersedes(unpackVersion(known), write);
}

// A version: the identity of one write, and its position in the total order of all writes.
import type { VersionTuple } from '../kernel/history.ts';
import type { Life } from '../kernel/ids.ts';

/**
 * When and where a write was accepted. A version never identifies two values, even after restarts.
 */
export interface Version {
  readonly timestamp: number;
  /** The life of the server that accepted the write. */
  readonly origin: Life;
}

/** Negative if `a` comes first: by timestamp, then server, then incarnation. 0 only if equal. */
export function compareVersions(a: Version, b: Version): number {
  return (
    a.timestamp - b.timestamp ||
    a.origin.id - b.origin.id ||
    a.origin.incarnation - b.origin.incarnation
  );
}

/** Whether a write is later than another one, or than nothing (undefined or null). */
export function isLater(a: VersionTuple, b: VersionTuple | null | undefined): boolean {
  return (
    b === undefined || b === null || compareVersions(fromVersionTuple(a), fromVersionTuple(b)) > 0
  );
}

export function toVersionTuple({ timestamp, origin }: Version): [number, number, number] {
  return [timestamp, origin.id, origin.incarnation];
}

export function fromVersionTuple([timestamp, id, incarnation]: VersionTuple): Version {
  return { timestamp, origin: { id, incarnation } };
}

/** A text that names the version, and no other one. */
export function nameOfVersion({ timestamp, origin }: Version): string {
  return `${timestamp}.${origin.id}.${origin.incarnation}`;
}

// A write: a key's value or its deletion, under the version that orders it among all writes. And
// the form in which it travels.
import * as v from 'valibot';
import { compareVersions, type Version } from '../../clocks/version.ts';
import { isLife } from '../../kernel/control.ts';
import type { Life } from '../../kernel/ids.ts';
import { isCount } from '../../kernel/messages.ts';
import { largestSize } from '../../replication/parts.ts';

export interface Write {
  readonly key: string;
  /** Null for a deletion, which is kept as a tombstone. */
  readonly value: string | null;
  readonly version: Version;
}

/** A replica that has `a` needs `b` no more. */
export function supersedes(a: Write, b: Write): boolean {
  return compareVersions(a.version, b.version) >= 0;
}

/** `[key, value or null for a deletion, timestamp, server, incarnation]` */
export type WireWrite = readonly [string, string | null, number, number, number];

export function isWireWrite(x: unknown): x is WireWrite {
  if (!Array.isArray(x) || x.length !== 5 || typeof x[0] !== 'string') return false;
  if (typeof x[1] !== 'string' && x[1] !== null) return false;
  return isCount(x[2]) && isLife(x[3], x[4]);
}

export function packWrite({ key, value, version }: Write): WireWrite {
  return [key, value, version.timestamp, version.origin.id, version.origin.incarnation];
}

export function unpackWrite([key, value, timestamp, id, incarnation]: WireWrite): Write {
  const origin: Life = { id, incarnation };
  return { key, value, version: { timestamp, origin } };
}

/** One check for the whole list: a schema for each of many writes would be too slow. */
export const writesSchema = v.custom<readonly WireWrite[]>(
  (x) => Array.isArray(x) && x.every(isWireWrite),
  'not a list of writes',
);

/** `[key, timestamp, server, incarnation]`: a write without its value. */
export type WireVersion = readonly [string, number, number, number];

export const versionsSchema = v.custom<readonly WireVersion[]>(
  (x) => Array.isArray(x) && x.every(isWireVersion),
  'not a list of versions',
);

function isWireVersion(x: unknown): boolean {
  if (!Array.isArray(x) || x.length !== 4 || typeof x[0] !== 'string') return false;
  return isCount(x[1]) && isLife(x[2], x[3]);
}

export function packVersion({ key, version }: Write): WireVersion {
  return [key, version.timestamp, version.origin.id, version.origin.incarnation];
}

/** A write with that version, for comparison: its value is unknown. */
export function unpackVersion([key, timestamp, id, incarnation]: WireVersion): Write {
  return { key, value: null, version: { timestamp, origin: { id, incarnation } } };
}

/** Upper bound for the numbers, quotes and commas of one packed write. */
const REST_BYTES = 64;

/** An upper bound for the bytes of a packed write. */
export function sizeOf({ key, value }: Pick<Write, 'key' | 'value'>): number {
  return largestSize(key, value, REST_BYTES);
}

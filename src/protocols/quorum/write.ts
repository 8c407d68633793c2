// A write: a key's value or its deletion, under the version that names it. And the form in which it
// travels.
import * as v from 'valibot';
import { CausalContext } from '../../clocks/causalContext.ts';
import { compareVersions, type Version } from '../../clocks/version.ts';
import { isContext, isLife } from '../../kernel/control.ts';
import type { ContextTuples } from '../../kernel/history.ts';
import type { Life } from '../../kernel/ids.ts';
import { isCount } from '../../kernel/messages.ts';
import { largestSize } from '../../replication/parts.ts';

export interface Write {
  readonly key: string;
  /** Null for a deletion, which is kept as a tombstone. */
  readonly value: string | null;
  readonly version: Version;
  /**
   * With `versions=vector`: the writes that it replaces, and itself. Null with `versions=lww`: the
   * greater version replaces the smaller.
   */
  readonly context: CausalContext | null;
}

/** A replica that has `a` needs `b` no more. True for `a` itself. */
export function supersedes(a: Write, b: Write): boolean {
  return includes(a, b.version);
}

/** Whether that write is this one, or replaced by it. */
export function includes({ version, context }: Write, other: Version): boolean {
  return context === null ? compareVersions(version, other) >= 0 : context.covers(other);
}

/** Those of the writes of one key that no other one supersedes, by version, each once. */
export function newestOf(writes: Iterable<Write>): readonly Write[] {
  let newest: readonly Write[] = [];
  for (const write of writes) newest = withWrite(newest, write);
  return newest;
}

/** The newest of these, which are the newest already, and of one more. */
export function withWrite(newest: readonly Write[], write: Write): readonly Write[] {
  if (newest.some((known) => supersedes(known, write))) return newest;
  const others = newest.filter((known) => !supersedes(write, known));
  if (others.length === 0) return [write];
  return [...others, write].sort((a, b) => compareVersions(a.version, b.version));
}

/** All that these writes include; with `versions=lww` nothing. */
export function contextOf(writes: readonly Write[]): CausalContext {
  const contexts = writes.flatMap(({ context }) => context ?? []);
  return contexts.reduce((all, context) => all.union(context), CausalContext.EMPTY);
}

/**
 * `[key, value or null for a deletion, timestamp, server, incarnation]`, and the context with
 * `versions=vector`.
 */
export type WireWrite =
  | readonly [string, string | null, number, number, number]
  | readonly [string, string | null, number, number, number, ContextTuples];

export function isWireWrite(x: unknown): x is WireWrite {
  if (!Array.isArray(x) || x.length < 5 || x.length > 6 || typeof x[0] !== 'string') return false;
  if (typeof x[1] !== 'string' && x[1] !== null) return false;
  if (!isCount(x[2]) || !isLife(x[3], x[4])) return false;
  return x.length === 5 || isOwnContext(x[5], x[2], x[3], x[4]);
}

/** The context of a write has the write itself, and nothing later. */
function isOwnContext(x: unknown, timestamp: number, id: number, incarnation: number): boolean {
  if (!isContext(x) || x.some(([, , , upTo]) => upTo > timestamp)) return false;
  return x.some((span) => span[0] === id && span[1] === incarnation && span[3] === timestamp);
}

export function packWrite({ key, value, version, context }: Write): WireWrite {
  const { timestamp, origin } = version;
  if (context === null) return [key, value, timestamp, origin.id, origin.incarnation];
  return [key, value, timestamp, origin.id, origin.incarnation, context.toTuples()];
}

export function unpackWrite([key, value, timestamp, id, incarnation, spans]: WireWrite): Write {
  const origin: Life = { id, incarnation };
  const context = spans === undefined ? null : CausalContext.fromTuples(spans);
  return { key, value, version: { timestamp, origin }, context };
}

/** One check for the whole list: a schema for each of many writes would be too slow. */
export const writesSchema = v.custom<readonly WireWrite[]>(
  (x) => Array.isArray(x) && x.every(isWireWrite),
  'not a list of writes',
);

/** `[key, timestamp, server, incarnation]`: names a write. */
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

export function unpackVersion([, timestamp, id, incarnation]: WireVersion): Version {
  return { timestamp, origin: { id, incarnation } };
}

/** Upper bounds for the numbers, quotes and commas of a packed write, and of one span. */
const REST_BYTES = 64;
const SPAN_BYTES = 64;

/** An upper bound for the bytes of a packed write. */
export function sizeOf({ key, value, context }: Omit<Write, 'version'>): number {
  const spans = context?.toTuples().length ?? 0;
  return largestSize(key, value, REST_BYTES + spans * SPAN_BYTES);
}

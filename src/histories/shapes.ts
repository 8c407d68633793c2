// The shapes of values in the lines of the format causeway.
import type { InitialWrite, Outcome, Recorded, Sibling, VersionTuple } from '../kernel/history.ts';

export function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** `[timestamp, server, incarnation]` */
export function isTuple(value: unknown): value is VersionTuple {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    isWhole(value[0], 0, Number.MAX_SAFE_INTEGER) &&
    isWhole(value[1], 0, Number.MAX_SAFE_INTEGER) &&
    isWhole(value[2], 0, Number.MAX_SAFE_INTEGER)
  );
}

/** `{value, version}` */
export function isSibling(item: unknown): item is Sibling {
  if (typeof item !== 'object' || item === null) return false;
  const { value, version } = item as Partial<Sibling>;
  return (value === null || typeof value === 'string') && (version === null || isTuple(version));
}

/** A whole number as a text, in the one form that stands for it: not `007`, and not `-0`. */
export function isNumber(value: unknown): value is string {
  return typeof value === 'string' && /^(?:0|-?[1-9][0-9]*)$/.test(value);
}

export const OUTCOMES: ReadonlySet<unknown> = new Set<Outcome>([
  'ok',
  'absent',
  'stale',
  'fail',
  'unknown',
]);
export const INITIAL_OUTCOMES: ReadonlySet<unknown> = new Set<InitialWrite['outcome']>([
  'ok',
  'unknown',
]);
export const KINDS: ReadonlySet<unknown> = new Set<Recorded['kind']>([
  'put',
  'get',
  'delete',
  'append',
  'pop',
  'cas',
  'add',
  'insert',
  'remove',
  'elements',
]);

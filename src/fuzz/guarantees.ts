// Judges the history of a run for the guarantees of the protocol: those for every client, those
// that a client asked for, and those of every protocol: no thin-air values, no write applied twice.
import { check, checkHistory, isInitial, isPlain, type Level } from '../checkers/index.ts';
import { claimsOf, type Design, type Options } from '../kernel/design.ts';
import { distinctValues, type Recorded, showValue, type VersionTuple } from '../kernel/history.ts';
import { MAX_INCARNATION } from '../kernel/ids.ts';

import { levelsOf } from '../language/claims.ts';
import { type Coverage, verdictName } from './coverage.ts';

export interface Broken {
  readonly kind: string;
  readonly sentence: string;
}

/** Lives for sessions of one operation each: beyond those of any node, and of earlier runs. */
const FIRST_SPLIT_LIFE = 2 * (MAX_INCARNATION + 1);

/** `wordsOf`: the guarantees that a session asked for. `history` begins with initial writes. */
export function findBrokenGuarantee(
  { protocol, options }: { readonly protocol: Design; readonly options: Options },
  history: readonly Recorded[],
  wordsOf: (operation: Recorded) => readonly string[],
  coverage: Coverage,
): Broken | undefined {
  const isOnce = protocol.losesWrites?.(options) !== true;
  const general = findInvented(history) ?? (isOnce ? findRepeated(history) : undefined);
  if (general !== undefined) return general;
  const modifiers = history.flatMap((operation) => operation.modifiers ?? []);
  const claims = claimsOf(protocol, options, modifiers);
  const common = findBroken(history, levelsOf(claims), coverage);
  if (common !== undefined) return common;
  for (const [word, kept] of Object.entries(protocol.guarantees)) {
    const hasAsked = (operation: Recorded): boolean => wordsOf(operation).includes(word);
    if (!history.some(hasAsked)) continue;
    const broken = findBroken(takeApart(history, hasAsked), levelsOf(kept), coverage);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function findBroken(
  history: readonly Recorded[],
  levels: readonly Level[],
  coverage: Coverage,
): Broken | undefined {
  for (const level of levels) {
    const verdict = isPlain(history)
      ? check(history, level)
      : checkHistory({ operations: history, isTimed: true, transactions: 0 }, level);
    coverage.mark(verdictName(level, verdict.outcome));
    if (verdict.outcome !== 'broken') continue;
    return { kind: level, sentence: verdict.witness.sentence };
  }
  return undefined;
}

/**
 * Splits each session without the guarantee into sessions of one operation. These cannot violate a
 * session guarantee, but others can read their writes.
 */
function takeApart(
  history: readonly Recorded[],
  isPromised: (operation: Recorded) => boolean,
): Recorded[] {
  return history.map((operation, index) =>
    isPromised(operation) || isInitial(operation)
      ? operation
      : { ...operation, incarnation: FIRST_SPLIT_LIFE + index, seq: 0 },
  );
}

/** G1: every value that was read was put for that key, by a put that was not reported as failed. */
function findInvented(history: readonly Recorded[]): Broken | undefined {
  const computed = computedKeys(history);
  const puts = history.filter(mayHavePut);
  const isUndone = ({ outcome }: Recorded): boolean => outcome === 'fail' || outcome === 'stale';
  const done = new Set(puts.filter((put) => !isUndone(put)).map(nameOf));
  const invented = history.find(
    (operation) =>
      operation.kind === 'get' &&
      !computed.has(operation.key) &&
      valuesOf(operation).some((value) => !done.has(nameOf({ ...operation, value }))),
  );
  if (invented === undefined) return undefined;
  const { session, key, line } = invented;
  const value = valuesOf(invented).find((one) => !done.has(nameOf({ key, value: one }))) ?? '';
  const undone = puts.find((put) => nameOf(put) === nameOf({ key, value }));
  const failed = (put: Recorded): string =>
    `which client ${put.session} put and was told that this failed (lines ${line}, ${put.line})`;
  const why = undone === undefined ? `which no client put (line ${line})` : failed(undone);
  return { kind: 'G1', sentence: `client ${session} read ${key}=${showValue(value)}, ${why}` };
}

/** G7: a put requested once has one version, however often its request arrived. */
function findRepeated(history: readonly Recorded[]): Broken | undefined {
  const putCounts = new Map<string, number>();
  for (const operation of history) {
    if (!mayHavePut(operation)) continue;
    putCounts.set(nameOf(operation), (putCounts.get(nameOf(operation)) ?? 0) + 1);
  }
  const versions = new Map<string, VersionTuple>();
  const computed = computedKeys(history);
  for (const { key, value, version } of history.flatMap(entriesOf)) {
    if (computed.has(key) || value === null || version === null) continue;
    const name = nameOf({ key, value });
    if (putCounts.get(name) !== 1) continue;
    const known = versions.get(name) ?? version;
    versions.set(name, known);
    if (String(known) === String(version)) continue;
    const put = `${key}=${showValue(value)} was put once`;
    return { kind: 'G7', sentence: `${put} and has the versions ${known} and ${version}` };
  }
  return undefined;
}

/** The values that an operation has put or read, each with its version; null for a deletion. */
function entriesOf({
  key,
  ...operation
}: Recorded): { key: string; value: string | null; version: VersionTuple | null }[] {
  if (operation.kind === 'delete') return [];
  const found = operation.kind === 'cas' && operation.found ? [operation.found] : [];
  const own = operation.kind === 'cas' && operation.isSet !== true ? [] : [operation];
  const entries = (operation.kind === 'get' && operation.siblings) || [...own, ...found];
  return entries.map(({ value, version }) => ({ key, value, version }));
}

/** Whether it has put its value, unless it failed. */
function mayHavePut(operation: Recorded): boolean {
  return operation.kind === 'put' || (operation.kind === 'cas' && operation.isSet !== false);
}

/** Keys with appends and pops, which leave values that no put has. */
function computedKeys(history: readonly Recorded[]): ReadonlySet<string> {
  const isEdit = ({ kind }: Recorded): boolean => kind === 'append' || kind === 'pop';
  return new Set(history.filter(isEdit).map(({ key }) => key));
}

/** All values that an operation has put or read. */
function valuesOf(operation: Recorded): string[] {
  if (operation.kind === 'get' && operation.siblings) return distinctValues(operation.siblings);
  return operation.value === null ? [] : [operation.value];
}

function nameOf({ key, value }: Pick<Recorded, 'key' | 'value'>): string {
  return `${key} ${value}`;
}

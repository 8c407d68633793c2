// Judges the history of a run for the guarantees of the protocol: those for every client, those
// that a client asked for, and those of every protocol: no thin-air values, no write applied twice.
import { check, isInitial, type Level } from '../checkers/index.ts';
import { type Operation, showValue, type VersionTuple } from '../kernel/history.ts';
import { MAX_INCARNATION } from '../kernel/ids.ts';
import { claimsOf, type Options, type Protocol } from '../kernel/protocol.ts';
import { type Coverage, verdictName } from './coverage.ts';
import { levelsOf } from './guaranteedLevels.ts';

export interface Broken {
  readonly kind: string;
  readonly sentence: string;
}

/** Lives for sessions of one operation each: beyond those of any node, and of earlier runs. */
const FIRST_SPLIT_LIFE = 2 * (MAX_INCARNATION + 1);

/** `wordsOf`: the guarantees that a session asked for. `history` begins with initial writes. */
export function findBrokenGuarantee(
  { protocol, options }: { readonly protocol: Protocol; readonly options: Options },
  history: readonly Operation[],
  wordsOf: (operation: Operation) => readonly string[],
  coverage: Coverage,
): Broken | undefined {
  const general = findInvented(history) ?? findRepeated(history);
  if (general !== undefined) return general;
  const common = findBroken(history, levelsOf(claimsOf(protocol, options)), coverage);
  if (common !== undefined) return common;
  for (const [word, kept] of Object.entries(protocol.guarantees)) {
    const hasAsked = (operation: Operation): boolean => wordsOf(operation).includes(word);
    if (!history.some(hasAsked)) continue;
    const broken = findBroken(takeApart(history, hasAsked), levelsOf(kept), coverage);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function findBroken(
  history: readonly Operation[],
  levels: readonly Level[],
  coverage: Coverage,
): Broken | undefined {
  for (const level of levels) {
    const verdict = check(history, level);
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
  history: readonly Operation[],
  isPromised: (operation: Operation) => boolean,
): Operation[] {
  return history.map((operation, index) =>
    isPromised(operation) || isInitial(operation)
      ? operation
      : { ...operation, incarnation: FIRST_SPLIT_LIFE + index, seq: 0 },
  );
}

/** G1: every value that was read was put for that key, by a put that was not reported as failed. */
function findInvented(history: readonly Operation[]): Broken | undefined {
  const puts = history.filter(({ kind }) => kind === 'put');
  const isUndone = ({ outcome }: Operation): boolean => outcome === 'fail' || outcome === 'stale';
  const done = new Set(puts.filter((put) => !isUndone(put)).map(nameOf));
  const invented = history.find(
    (operation) =>
      operation.kind === 'get' && operation.value !== null && !done.has(nameOf(operation)),
  );
  if (invented === undefined) return undefined;
  const { session, key, value, line } = invented;
  const undone = puts.find((put) => nameOf(put) === nameOf(invented));
  const failed = (put: Operation): string =>
    `which client ${put.session} put and was told that this failed (lines ${line}, ${put.line})`;
  const why = undone === undefined ? `which no client put (line ${line})` : failed(undone);
  return { kind: 'G1', sentence: `client ${session} read ${key}=${showValue(value)}, ${why}` };
}

/** G7: a put requested once has one version, however often its request arrived. */
function findRepeated(history: readonly Operation[]): Broken | undefined {
  const putCounts = new Map<string, number>();
  for (const operation of history) {
    if (operation.kind !== 'put') continue;
    putCounts.set(nameOf(operation), (putCounts.get(nameOf(operation)) ?? 0) + 1);
  }
  const versions = new Map<string, VersionTuple>();
  for (const operation of history) {
    const { kind, key, value, version } = operation;
    if (kind === 'delete' || value === null || version === null) continue;
    const name = nameOf(operation);
    if (putCounts.get(name) !== 1) continue;
    const known = versions.get(name) ?? version;
    versions.set(name, known);
    if (String(known) === String(version)) continue;
    const put = `${key}=${showValue(value)} was put once`;
    return { kind: 'G7', sentence: `${put} and has the versions ${known} and ${version}` };
  }
  return undefined;
}

function nameOf({ key, value }: Operation): string {
  return `${key} ${value}`;
}

// Judges a run's history by what the protocol promised: to every client, and to those that asked
// for more; and by what every protocol promises: no value from nowhere, no write done twice.
import { check, isInitial, type Level } from '../checkers/index.ts';
import { type Operation, showValue, type VersionTuple } from '../kernel/history.ts';
import { claimsOf, type Options, type Protocol } from '../kernel/protocol.ts';
import { levelsOf } from './promisedLevels.ts';
import type { Tally } from './tally.ts';

export interface Broken {
  readonly kind: string;
  readonly sentence: string;
}

/** Ids for sessions of one operation, far above those of nodes. */
const FIRST_SPLIT_ID = 10_000_000;

/**
 * `wordsOf` gives the guarantees that a session asked for. The history begins with what earlier
 * runs wrote.
 */
export function findBrokenPromise(
  { protocol, options }: { readonly protocol: Protocol; readonly options: Options },
  history: readonly Operation[],
  wordsOf: (operation: Operation) => readonly string[],
  tally: Tally,
): Broken | undefined {
  const general = findInvented(history) ?? findRepeated(history);
  if (general !== undefined) return general;
  const common = findBroken(history, levelsOf(claimsOf(protocol, options)), tally);
  if (common !== undefined) return common;
  for (const [word, kept] of Object.entries(protocol.guarantees)) {
    const hasAsked = (operation: Operation): boolean => wordsOf(operation).includes(word);
    if (!history.some(hasAsked)) continue;
    const broken = findBroken(takeApart(history, hasAsked), levelsOf(kept), tally);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function findBroken(
  history: readonly Operation[],
  levels: readonly Level[],
  tally: Tally,
): Broken | undefined {
  for (const level of levels) {
    const verdict = check(history, level);
    tally.mark(`verdict ${level} ${verdict.outcome}`);
    if (verdict.outcome !== 'broken') continue;
    return { kind: level, sentence: verdict.witness.sentence };
  }
  return undefined;
}

/**
 * The history in which a session that was promised nothing has no order of its own: each of its
 * operations is a session by itself, which can break no session's guarantee, but is there to read.
 */
function takeApart(
  history: readonly Operation[],
  isPromised: (operation: Operation) => boolean,
): Operation[] {
  return history.map((operation, index) =>
    isPromised(operation) || isInitial(operation)
      ? operation
      : { ...operation, session: FIRST_SPLIT_ID + index, incarnation: 1, seq: 0 },
  );
}

/** G1: a value that was read was put for that key. */
function findInvented(history: readonly Operation[]): Broken | undefined {
  const put = new Set(history.filter(({ kind }) => kind === 'put').map(nameOf));
  const invented = history.find(
    (operation) =>
      operation.kind === 'get' && operation.value !== null && !put.has(nameOf(operation)),
  );
  if (invented === undefined) return undefined;
  const { session, key, value, line } = invented;
  return {
    kind: 'G1',
    sentence: `client ${session} read ${key}=${showValue(value)}, which nobody put (line ${line})`,
  };
}

/** G7: a put that was asked for once has one version, however often its request arrived. */
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

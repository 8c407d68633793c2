// Judges one phase of a grading from its history and from the stores that were shown. The history
// and the ring decide which contents are allowed: there is no file of expected output.
import { check } from '../../checkers/index.ts';
import { type Operation, showValue } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { holdersOf } from './gradePlacement.ts';

/** How many operations are printed for each faulty key. */
const SHOWN = 3;

/** The output of `get c @` or `get c *`, when nothing else was under way. */
export interface Look {
  /** Undefined for a look at all nodes. */
  readonly node: NodeId | undefined;
  /** How many operations of the history had finished. */
  readonly finished: number;
  /** Undefined if it was not answered. */
  readonly entries: readonly (readonly [key: string, value: string])[] | undefined;
}

/** A fault, and the operations that show it. */
export interface Fault {
  readonly text: string;
  readonly operations: readonly Operation[];
  /** Undefined if the fault concerns no single key. */
  readonly key: string | undefined;
}

export interface Played {
  /** Since the nodes were started. */
  readonly history: readonly Operation[];
  /** How many of these are of earlier phases. */
  readonly begun: number;
  readonly looks: readonly Look[];
  /** Whether all answers of a key have to be the same. */
  readonly isAgreed: boolean;
  /** Keys that were faulty in an earlier phase: they count only if this phase uses them. */
  readonly known: ReadonlySet<string>;
}

/** All faults of a phase. */
export function findFaults(played: Played): Fault[] {
  const { history, begun, looks, isAgreed, known } = played;
  const own = history.slice(begun);
  const used = new Set(own.map(({ key }) => key));
  const counted = new Set(known);
  for (const key of used) counted.delete(key);
  const stores = [...looks.flatMap((look) => judgeLook(look, history)), ...judgeCopies(played)];
  return [
    ...judgeHistory(history.filter(({ key }) => used.has(key))),
    ...judgeAnswers(own),
    ...(isAgreed ? judgeAgreement(own) : []),
    ...firstOfEachKey(stores, counted),
  ];
}

/** Each key counts as one fault, however often it was looked at. Keys in `named` are left out. */
function firstOfEachKey(faults: readonly Fault[], named: Set<string>): Fault[] {
  return faults.filter(({ key }) => {
    const isNew = key === undefined || !named.has(key);
    if (key !== undefined) named.add(key);
    return isNew;
  });
}

function judgeHistory(history: readonly Operation[]): Fault[] {
  const verdict = check(history, 'linearizable');
  switch (verdict.outcome) {
    case 'holds':
      return [];
    case 'broken': {
      const { sentence, operations } = verdict.witness;
      const shown = operations.filter(isOwn).sort((a, b) => a.invokedAt - b.invokedAt);
      // The line numbers are those of the phase's script, which the user does not see.
      const told = sentence.replaceAll(/ \([^()]*\bline \d+[^()]*\)/g, '');
      const text = `linearizable: broken: ${told}`;
      return [{ text, operations: shown, key: shown[0]?.key }];
    }
    case 'undecided':
      return [{ text: `linearizable: undecided: ${verdict.why}`, operations: [], key: undefined }];
  }
}

/** Histories of Causeway contain no other kinds. */
function isOwn(operation: { readonly kind: string }): operation is Operation {
  return ['put', 'get', 'delete'].includes(operation.kind);
}

function judgeAnswers(own: readonly Operation[]): Fault[] {
  const refused = own.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'absent');
  if (refused.length === 0) return [];
  const text = `${refused.length} of ${own.length} operations were not answered`;
  return [{ text, operations: refused, key: undefined }];
}

/**
 * Each key is read after all of its writes have finished, so every read must return the same value.
 */
function judgeAgreement(own: readonly Operation[]): Fault[] {
  const reads = groupByKey(own.filter(({ kind }) => kind === 'get'));
  return [...reads].flatMap(([key, operations]) => {
    const values = new Set(operations.map(({ value }) => value));
    if (values.size <= 1) return [];
    return [{ text: `${values.size} different answers for ${key}`, operations, key }];
  });
}

function groupByKey(operations: readonly Operation[]): Map<string, Operation[]> {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const group = groups.get(operation.key) ?? [];
    groups.set(operation.key, group);
    group.push(operation);
  }
  return groups;
}

function writesBefore(history: readonly Operation[], finished: number): Map<string, Operation[]> {
  return groupByKey(history.slice(0, finished).filter(({ kind }) => kind !== 'get'));
}

/** The entries that a store lacks, that it should not hold, or that have a wrong value. */
function judgeLook(look: Look, history: readonly Operation[]): Fault[] {
  const { entries, finished, node } = look;
  if (entries === undefined) {
    return [{ text: `${nameOf(look)} was not answered`, operations: [], key: undefined }];
  }
  const shown = new Map(entries);
  const writes = writesBefore(history, finished);
  return [...new Set([...shown.keys(), ...writes.keys()])].flatMap((key) => {
    const ofKey = writes.get(key) ?? [];
    const isHere = node === undefined || holdersOf(key).includes(node);
    const wrong = isHere
      ? findWrong(shown.get(key) ?? null, lastValues(ofKey))
      : shown.has(key) && `holds a key of ${holdersOf(key).join(', ')}`;
    if (wrong === false) return [];
    return [{ text: `${nameOf(look)} ${wrong}: ${key}`, operations: ofKey.slice(-SHOWN), key }];
  });
}

function findWrong(value: string | null, allowed: ReadonlySet<string | null>): string | false {
  if (allowed.has(value)) return false;
  if (value === null) return 'lacks a key';
  const isGone = allowed.size === 1 && allowed.has(null);
  return isGone ? 'still holds a key' : `holds the value ${showValue(value)}`;
}

/** The possible values of a key after these writes: the values of writes that no write follows. */
function lastValues(writes: readonly Operation[]): Set<string | null> {
  const done = writes.filter(({ outcome }) => outcome !== 'fail');
  const isFollowed = ({ returnedAt }: Operation): boolean =>
    returnedAt !== null &&
    done.some(({ outcome, invokedAt }) => outcome === 'ok' && invokedAt > returnedAt);
  const last = done.filter((write) => !isFollowed(write)).map(({ value }) => value);
  const isCertain = done.some(({ outcome }) => outcome === 'ok');
  return new Set(isCertain ? last : [null, ...last]);
}

/**
 * After concurrent writes each of their values is allowed, but all copies must hold the same one.
 */
function judgeCopies({ looks, history }: Played): Fault[] {
  return [...new Set(looks.map(({ finished }) => finished))].flatMap((finished) => {
    const group = looks.filter((look) => look.finished === finished && look.entries !== undefined);
    const stores = group.map((look) => ({ look, store: new Map(look.entries) }));
    const keys = new Set(stores.flatMap(({ store }) => [...store.keys()]));
    const writes = writesBefore(history, finished);
    return [...keys].flatMap((key) => {
      const holders = stores.filter(
        ({ look: { node } }) => node === undefined || holdersOf(key).includes(node),
      );
      const values = new Set(holders.map(({ store }) => store.get(key)));
      if (values.size <= 1) return [];
      const told = holders.map(({ look, store }) => {
        return `${nameOf(look)} ${store.get(key) ?? 'nothing'}`;
      });
      const operations = (writes.get(key) ?? []).slice(-SHOWN);
      return [{ text: `copies differ (${told.join(', ')}): ${key}`, operations, key }];
    });
  });
}

function nameOf({ node }: Look): string {
  return node === undefined ? 'the look at everything' : `node ${node}`;
}

// Session guarantees from causal contexts: against what a careless store knows of itself, against a
// literal reading with sets, and by hand.
import { describe, expect, it } from 'vitest';
import { unite } from '../../src/checkers/contexts.ts';
import { check, LEVELS, type SessionGuarantee } from '../../src/checkers/index.ts';
import { isSessionGuarantee } from '../../src/checkers/levels.ts';
import { normalize } from '../../src/checkers/normalize.ts';
import { SessionJudge } from '../../src/checkers/sessions.ts';
import type { ContextTuples, Operation, Sibling } from '../../src/kernel/history.ts';
import { createRandomStream } from '../../src/kernel/random.ts';
import { extent } from '../support/extent.ts';
import { historyOf } from './notation.ts';
import { GUARANTEES, type Outcome } from './sessionWorlds.ts';
import { type Played, type Run, type Shape, SiblingStore, union } from './siblingStore.ts';

const RUNS = extent({ full: 800, quick: 40 });

const SHAPE: Shape = {
  ...{ operations: 9, sessions: 2, keys: ['x', 'y'], deletes: 0.25, pending: 0.1 },
  ...{ blind: 0.2, collects: 0.25 },
};

function* runs(seed: number, count: number, shape: Partial<Shape>): Generator<Run> {
  const random = createRandomStream(seed, 'siblings');
  for (let run = 0; run < count; run += 1) {
    yield new SiblingStore(random, { ...SHAPE, ...shape }).play();
  }
}

const historyIn = ({ played }: Run): Operation[] => played.map(({ operation }) => operation);
const isGet = ({ operation }: Played): boolean => operation.kind === 'get';
const isDone = ({ operation }: Played): boolean => operation.outcome !== 'unknown';

/** Every two operations of one session, in their order. */
function* pairs({ played }: Run): Generator<[Played, Played]> {
  for (const [place, after] of played.entries()) {
    for (const before of played.slice(0, place)) {
      if (before.operation.session === after.operation.session) yield [before, after];
    }
  }
}

const isWithin = (a: ReadonlySet<string>, b: ReadonlySet<string> | undefined): boolean =>
  [...a].every((dot) => b?.has(dot) === true);

const isOneKey = ([a, b]: readonly [Played, Played]): boolean =>
  a.operation.key === b.operation.key;

/** What the store knows: whether the guarantee was kept. */
function isKept(run: Run, guarantee: SessionGuarantee): boolean {
  for (const pair of pairs(run)) {
    const [before, after] = pair;
    if (!isDone(before)) continue;
    const { key } = before.operation;
    const isOfWrites = guarantee.startsWith('read-your') || guarantee === 'monotonic-writes';
    if (isGet(before) === isOfWrites) continue;
    const needs = neededFrom(before, after, guarantee);
    if (guarantee === 'monotonic-writes' || guarantee === 'writes-follow-reads') {
      // An unanswered write that was not read need not have happened.
      if (after.write === undefined || !(isDone(after) || mayBeRead(after, run))) continue;
      const { write } = after;
      const ordered = union([write.context, write.forgotten]);
      if (isOneKey(pair) && !isWithin(needs, ordered)) return false;
      const isAt = (state: Run['states'][number]): boolean =>
        state.get(write.key)?.has(write.dot) === true;
      if (run.states.some((state) => isAt(state) && !isWithin(needs, state.get(key)))) return false;
    } else if (isGet(after) && (isOneKey(pair) || guarantee.endsWith('all-keys'))) {
      if (!isWithin(needs, after.applied.get(key))) return false;
    }
  }
  return true;
}

function neededFrom(before: Played, after: Played, guarantee: SessionGuarantee): Set<string> {
  if (before.write !== undefined) return new Set([before.write.dot]);
  if (before.found.size > 0) return new Set(before.found);
  // A get that found nothing may have found deletions, which bind no get that finds nothing.
  const isFree = guarantee === 'monotonic-reads' && isGet(after) && after.found.size === 0;
  return isFree ? new Set() : new Set(before.applied.get(before.operation.key) ?? []);
}

/** A literal reading of the history: what an operation includes at least, and at most. */
function decide(run: Run, guarantee: SessionGuarantee): Outcome {
  const deletions = run.played.filter(({ operation }) => operation.kind === 'delete');
  const isOfAll = guarantee.endsWith('all-keys') || !/^(read|monotonic-reads)/.test(guarantee);
  const isOfWrites = guarantee.startsWith('read-your') || guarantee === 'monotonic-writes';
  const bindsWrites = guarantee === 'monotonic-writes' || guarantee === 'writes-follow-reads';
  const all = new Set([...run.writes.map(({ dot }) => dot), 'unknown']);
  const mostOf = (one: Played): ReadonlySet<string> => {
    const least = leastOf(one);
    const returned = returnedBy(one);
    const may = deletions.filter(({ operation }) => {
      const isEarly = operation.invokedAt < one.operation.invokedAt;
      return isEarly && operation.key === one.operation.key;
    });
    // What an unanswered deletion has removed is unknown.
    if (may.some((deletion) => !isDone(deletion))) return all;
    const removing = may.flatMap(({ write }) => (write === undefined ? [] : [write.context]));
    const fit = removing.filter((context) => !returned.some((dot) => context.has(dot)));
    return union([least, ...fit]);
  };
  let isOpen = false;
  for (const pair of pairs(run)) {
    const [before, after] = pair;
    if (!isDone(before) || isGet(before) === isOfWrites || isGet(after) === bindsWrites) continue;
    const isUnread = !isDone(after) && !mayBeRead(after, run);
    if (isUnread) continue;
    const isNothing = isGet(before) && before.found.size === 0;
    const least = before.write === undefined ? before.found : new Set([before.write.dot]);
    const isFree = guarantee === 'monotonic-reads' && isGet(after) && after.found.size === 0;
    const most = !isNothing ? least : isFree ? new Set<string>() : mostOf(before);
    if (!isOneKey(pair)) {
      if (isOfAll && most.size > 0) isOpen = true;
      continue;
    }
    const isTold = isDone(after) || isReadAlone(after, run);
    const [has, may] = isTold ? [leastOf(after), mostOf(after)] : [new Set<string>(), all];
    if (!isWithin(least, may)) return 'broken';
    if (!isWithin(most, has)) isOpen = true;
  }
  return isOpen ? 'undecided' : 'holds';
}

function leastOf({ write, found }: Played): ReadonlySet<string> {
  return write === undefined ? found : write.context;
}

function returnedBy({ operation, write }: Played): string[] {
  if (write !== undefined) return [write.dot];
  const { siblings, version } = operation;
  const versions = siblings?.map((sibling: Sibling) => sibling.version) ?? [version];
  return versions.filter((one) => one !== null).map(String);
}

/** Whether a get has returned this write alone, and so its context. */
function isReadAlone({ operation: { key, value } }: Played, run: Run): boolean {
  return historyIn(run).some(
    (get) =>
      get.kind === 'get' &&
      get.key === key &&
      value !== null &&
      get.value === value &&
      get.siblings === undefined,
  );
}

/** Whether a get may have returned the write, by its value. */
function mayBeRead({ operation }: Played, run: Run): boolean {
  return historyIn(run).some((get) => {
    const values = get.siblings?.map(({ value }: Sibling) => value) ?? [get.value];
    const isLater = get.invokedAt > operation.invokedAt;
    return (
      get.kind === 'get' && get.key === operation.key && isLater && values.includes(operation.value)
    );
  });
}

const show = (run: Run): string =>
  run.played
    .map(({ operation: { session, kind, key, value, version, siblings, context } }) =>
      JSON.stringify([session, kind, key, value, version, siblings, context]),
    )
    .join('\n');

describe('session guarantees from contexts', () => {
  const shapes: readonly Partial<Shape>[] = [
    { keys: ['x'], operations: 7 },
    { keys: ['x'], deletes: 0, collects: 0 },
    {},
    { sessions: 3, operations: 14, blind: 0.05 },
  ];

  it.each(shapes)('are never wrong about a careless store: %j', (shape) => {
    const counts = new Map<string, number>();
    for (const run of runs(1, RUNS, shape)) {
      for (const guarantee of GUARANTEES) {
        const { outcome } = check(historyIn(run), guarantee);
        const name = `${guarantee} ${outcome}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
        if (outcome === 'undecided') continue;
        const truth = isKept(run, guarantee) ? 'holds' : 'broken';
        if (outcome !== truth) throw new Error(`${name}, should be ${truth}:\n${show(run)}`);
      }
    }
    for (const guarantee of ['read-your-writes', 'monotonic-reads', 'monotonic-writes'] as const) {
      for (const outcome of ['holds', 'broken']) {
        expect(counts.get(`${guarantee} ${outcome}`), `${guarantee} ${outcome}`).toBeGreaterThan(
          RUNS / 400,
        );
      }
    }
  });

  it.each(shapes)('say all that the contexts say: %j', (shape) => {
    for (const run of runs(2, RUNS, shape)) {
      for (const guarantee of GUARANTEES) {
        const { outcome } = check(historyIn(run), guarantee);
        // A guarantee needs something that it is about.
        if (/^(there was|no )/.test(whyOf(run, guarantee))) continue;
        const expected = decide(run, guarantee);
        if (outcome === expected) continue;
        throw new Error(`${guarantee} ${outcome}, should be ${expected}:\n${show(run)}`);
      }
    }
  });
});

function whyOf(run: Run, guarantee: SessionGuarantee): string {
  const verdict = check(historyIn(run), guarantee);
  return verdict.outcome === 'undecided' ? verdict.why : '';
}

/** A step with what it replaces: `x2^2>1` has the versions 1 and 2; `x1^1+x2^2` are two values. */
function withContexts(text: string, before: Readonly<Record<number, readonly number[]>>) {
  const spanOf = (timestamp: number): ContextTuples => [[0, 1, timestamp - 1, timestamp]];
  const contextOf = (timestamp: number): ContextTuples =>
    [...(before[timestamp] ?? []), timestamp].map(spanOf).reduce(unite, []);
  return historyOf(text).map((operation): Operation => {
    const { version, outcome } = operation;
    if (outcome === 'unknown') return operation;
    return { ...operation, context: version === null ? [] : contextOf(version[0]) };
  });
}

/** A get that returns the content of all these operations at once. */
function together(get: Operation, all: readonly Operation[]): Operation {
  const siblings = all.map(({ value, version }) => ({ value, version }));
  const context = all.map((one) => one.context ?? []).reduce(unite, []);
  const [first] = siblings as [Sibling];
  return { ...get, outcome: 'ok', ...first, siblings, context };
}

function outcomesOf(history: readonly Operation[]): string[] {
  const setup = { initial: new Set<number>(), isTimed: true };
  const judged = new SessionJudge(normalize(history), history, setup);
  return GUARANTEES.flatMap((guarantee) => {
    const { outcome } = judged.judge(guarantee);
    return outcome === 'holds' ? [] : [`${guarantee} ${outcome}`];
  });
}

describe('dominance', () => {
  it.each([
    ['a value that replaces the own one', 'w x1^1, r x2^2 | w x2^2', { 2: [1] }, []],
    [
      'a value beside the own one, which is gone',
      'w x1^1, r x2^2 | w x2^2',
      {},
      ['read-your-writes-all-keys broken', 'read-your-writes broken'],
    ],
    [
      'an older value, although its version is greater',
      'w x1^3, w x2^4, r x9^9 | w x9^9',
      { 4: [3], 9: [3] },
      ['read-your-writes-all-keys broken', 'read-your-writes broken'],
    ],
    [
      'a read value that is gone',
      'w x1^1 | w x2^2 | r x1^1, r x2^2',
      {},
      ['monotonic-reads-all-keys broken', 'monotonic-reads broken'],
    ],
    [
      'nothing, where nothing was deleted',
      'w x1^1, r x0',
      {},
      ['read-your-writes-all-keys broken', 'read-your-writes broken'],
    ],
    [
      'nothing, where a deletion may be forgotten',
      'w x1^1, r x0 | d x^2',
      { 2: [1] },
      ['read-your-writes-all-keys undecided', 'read-your-writes undecided'],
    ],
    [
      'nothing, where another value was deleted',
      'w x1^1, r x0 | w x2^2, d x^3',
      { 3: [2] },
      ['read-your-writes-all-keys broken', 'read-your-writes broken'],
    ],
    [
      'a deleted value',
      'w x1^1, d x^2, r x1^1',
      { 2: [1] },
      ['read-your-writes-all-keys broken', 'read-your-writes broken'],
    ],
    [
      'a value beside an own deletion that may be forgotten',
      'w x1^1, d x^2, r x3^3 | w x3^3',
      { 2: [1] },
      ['read-your-writes-all-keys undecided', 'read-your-writes undecided'],
    ],
    ['nothing twice', 'd x^1, r x-^1, r x-^1', {}, []],
    ['a later own write in knowledge of the first', 'w x1^1, w x2^2', { 2: [1] }, []],
    ['a later own write beside the first', 'w x1^1, w x2^2', {}, ['monotonic-writes broken']],
    ['a write in knowledge of what was read', 'w x1^1 | r x1^1, w x2^2', { 2: [1] }, []],
    ['a write beside what was read', 'w x1^1 | r x1^1, w x2^2', {}, ['writes-follow-reads broken']],
    ['writes of two keys', 'w x1^1, w y1^2', {}, ['monotonic-writes undecided']],
    ['another key', 'w x1^1, r y0', {}, ['read-your-writes-all-keys undecided']],
    ['what no one wrote yet', 'r x0, w x1^1, r x1^1', {}, []],
    ['an unanswered own write', 'w? x1, r x0, w x2^2, r x2^2', {}, []],
  ])('%s', (_what, text, before, expected) => {
    expect(outcomesOf(withContexts(text, before))).toEqual(expected);
  });

  it('takes in all concurrent values, and those beside which a deletion is', () => {
    const [own, other, get] = withContexts('w x1^1 | w x2^2 | r x0', {}) as Operation[];
    const both = together(get as Operation, [own, other] as Operation[]);
    const mine = { ...both, session: 1, seq: 1 };
    expect(outcomesOf([own, other, mine] as Operation[])).toEqual([]);
    const tombstone = { ...other, kind: 'delete', value: null } as Operation;
    const beside = {
      ...together(get as Operation, [own as Operation, tombstone]),
      session: 1,
      seq: 1,
    };
    expect(outcomesOf([own, tombstone, beside] as Operation[])).toEqual([]);
  });

  it('is told with what came back and what is lacking', () => {
    const history = withContexts('w x1^1, r x2^2 | w x2^2', {});
    expect(check(history, 'read-your-writes')).toMatchObject({
      witness: {
        pattern: 'ReadYourWrites',
        operations: [{ line: 1 }, { line: 2 }],
        sentence: 'client 1 got x=2 (line 2), whose context lacks its own x=1 (line 1).',
      },
    });
    const [one, two, first, second] = withContexts('w x1^1 | w x2^2 | r x0, r x1^1', {});
    const both = together(first as Operation, [one, two] as Operation[]);
    expect(check([one, two, both, second] as Operation[], 'monotonic-reads')).toMatchObject({
      witness: {
        sentence:
          'client 3 got x=1 (line 4), whose context lacks the x=2 that it had read (line 3).',
      },
    });
    expect(check(withContexts('w x1^1, w x2^2', {}), 'monotonic-writes')).toMatchObject({
      witness: { sentence: 'client 1 put x=2 (line 2), whose context lacks its own x=1 (line 1).' },
    });
    expect(check(withContexts('w x1^1, r x0', {}), 'read-your-writes')).toMatchObject({
      witness: { sentence: 'client 1 found no x (line 2) after its own x=1 (line 1).' },
    });
    expect(check(withContexts('w x1^1, w y1^2', {}), 'monotonic-writes')).toMatchObject({
      why: 'nothing says whether each server with y=1 (line 2) has its own x=1 (line 1)',
    });
    const maybe = withContexts('w x1^1, r x0 | d x^2', { 2: [1] });
    expect(check(maybe, 'read-your-writes')).toMatchObject({
      why:
        'client 1 found no x (line 2), and nothing says whether it includes its own x=1 ' +
        '(line 1)',
    });
  });

  it('is not guessed where an answer has no context', () => {
    const [put, get, other] = withContexts('w x1^1, r x2^2 | w x2^2', {}) as Operation[];
    const { context, ...bare } = get as Operation;
    const { context: known, ...untold } = other as Operation;
    expect(outcomesOf([put, bare, other] as Operation[])).toContain('read-your-writes broken');
    expect(outcomesOf([put, bare, untold] as Operation[])).toContain('read-your-writes undecided');
  });

  it('compares with the last of very many own writes, and leaves the others open', () => {
    const writes = Array.from({ length: 100 }, (_, place) => `w x${place + 1}^${place + 1}`);
    const all = writes.map((_, place) => place + 1);
    const forgotten = withContexts(`${writes.join(', ')}, r x0 | d x^101`, { 101: all });
    expect(outcomesOf(forgotten)).toContain('read-your-writes undecided');
    const kept = withContexts(`${writes.join(', ')}, r x0 | d x^101`, { 101: all.slice(0, 50) });
    expect(outcomesOf(kept)).toContain('read-your-writes broken');
  });

  it('is needed where several values came back', () => {
    const [one, two, get] = historyOf('w x1^1 | w x2^2 | r x0') as [
      Operation,
      Operation,
      Operation,
    ];
    const { context, ...both } = together(get, [one, two]);
    const history = [one, two, { ...both, session: 1, seq: 1 }];
    expect(check(history, 'read-your-writes')).toMatchObject({
      why:
        'client 1 got x=1 and x=2 (line 3), and nothing orders the versions of concurrent ' +
        'values',
    });
  });
});

describe('levels about registers', () => {
  it('are broken where several values came back, and not where one did', () => {
    const [one, two, get] = withContexts('w x1^1 | w x2^2 | r x0', {}) as Operation[];
    const both = together(get as Operation, [one, two] as Operation[]);
    expect(check([one, two, both] as Operation[], 'causal')).toMatchObject({
      witness: {
        pattern: 'ConcurrentValues',
        operations: expect.arrayContaining([both]),
        sentence: 'client 3 got x=1 and x=2 (line 3) at once, and a register has one value.',
      },
    });
    const deletion = { ...two, kind: 'delete', value: null } as Operation;
    const beside = together(get as Operation, [one as Operation, deletion]);
    expect(check([one, deletion, beside] as Operation[], 'linearizable').outcome).toBe('holds');
    const equal = { ...two, value: '1' } as Operation;
    const twice = together(get as Operation, [one as Operation, equal]);
    expect(check([one, equal, twice] as Operation[], 'linearizable').outcome).toBe('holds');
  });

  it('show the answer as it was', () => {
    const text = 'w x1^1@0-1, d x^2@2-3, r x0@6-7 | w x3^9@4-5';
    const [put, deletion, get, late] = withContexts(text, { 2: [1] }) as Operation[];
    const beside = together(get as Operation, [put, deletion] as Operation[]);
    const verdict = check([put, deletion, beside, late] as Operation[], 'linearizable');
    expect(verdict).toMatchObject({ outcome: 'broken' });
    if (verdict.outcome === 'broken') expect(verdict.witness.operations).toContain(beside);
  });

  it('do not take one of several deletions for the one that was found', () => {
    // Two servers deleted. The answer names the greater version, which is of the earlier deletion.
    const text = 'd x^9@0-1 | w x1^2@2-3, d x^3@4-5 | r x-^9@6-7';
    const [first, put, second, get] = withContexts(text, { 3: [2] }) as Operation[];
    const all = unite((first as Operation).context ?? [], (second as Operation).context ?? []);
    const found = { ...get, context: all } as Operation;
    const history = [first, put, second, found] as Operation[];
    for (const level of LEVELS.filter((one) => !isSessionGuarantee(one))) {
      expect(check(history, level).outcome, level).toBe('holds');
    }
    const alone = [first, put, second, get] as Operation[];
    expect(check(alone, 'linearizable').outcome).toBe('broken');
  });

  it('are judged by values, and by the deletions that are named', () => {
    const counts = new Map<string, number>();
    const shape = { keys: ['x'], operations: 8, blind: 0.1 };
    for (const run of runs(3, RUNS, shape)) {
      const history = historyIn(run);
      if (history.some(({ siblings }) => siblings !== undefined)) continue;
      const bare = history.map(({ context, ...operation }) => ({ ...operation, version: null }));
      for (const level of LEVELS.filter((one) => !isSessionGuarantee(one))) {
        const [full, plain] = [check(history, level).outcome, check(bare, level).outcome];
        counts.set(full, (counts.get(full) ?? 0) + 1);
        const hasDeletions = history.some(({ kind }) => kind === 'delete');
        const isRight = full === plain || (hasDeletions && full === 'broken');
        if (!isRight) throw new Error(`${level} ${full}, by values ${plain}:\n${show(run)}`);
      }
    }
    expect(counts.get('holds')).toBeGreaterThan(RUNS / 5);
    expect(counts.get('broken')).toBeGreaterThan(RUNS / 5);
  });
});

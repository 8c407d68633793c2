// Convergence and lost writes after a stabilize, on hand-written stores.
import { describe, expect, it } from 'vitest';
import {
  checkStores,
  judgeStabilization,
  type ServerDeath,
  type Stabilization,
  withInitial,
} from '../../src/checkers/index.ts';
import type {
  ContextTuples,
  InitialWrite,
  Operation,
  Recorded,
  VectorTuples,
  VersionTuple,
} from '../../src/kernel/history.ts';
import type { StoreEntry, StoreSnapshot } from '../../src/kernel/snapshot.ts';

function entry(key: string, value: string | null, version: VersionTuple | null): StoreEntry {
  return { key, value, version };
}

function store(
  id: number,
  entries: readonly StoreEntry[],
  applied: VectorTuples | null = null,
  incarnation = 1,
): StoreSnapshot {
  return { server: { id, incarnation }, entries, applied };
}

function stabilize(
  components: readonly (readonly number[])[],
  after: readonly StoreSnapshot[],
  before: readonly StoreSnapshot[] = [],
  gap: string | null = null,
): Stabilization {
  return { line: 9, gap, haveLogs: false, components, before, after };
}

/** A write of x; without a version it had no answer. */
function write(value: string | null, version: VersionTuple | null, line = 1): Operation {
  const outcome = version === null ? 'unknown' : 'ok';
  const returnedAt = version === null ? null : line + 0.5;
  const kind = value === null ? 'delete' : 'put';
  const told = {
    kind,
    key: 'x',
    value,
    version,
    outcome,
    invokedAt: line,
    returnedAt,
    line,
  } as const;
  return { session: 5, incarnation: 1, seq: line, server: 0, applied: null, ...told };
}

const ONE = entry('x', '1', [1, 0, 1]);
const TWO = entry('x', '2', [2, 1, 1]);
const GONE = entry('x', null, [3, 1, 1]);
const PUT_ONE = write('1', [1, 0, 1]);
const PUT_TWO = write('2', [2, 1, 1], 2);

function patterns(history: readonly Operation[], stabilization: Stabilization): string[] {
  return judgeStabilization(history, stabilization).problems.map(({ pattern }) => pattern);
}

function lost(history: readonly Operation[], stabilization: Stabilization): readonly Recorded[] {
  return judgeStabilization(history, stabilization).lost;
}

describe('after a stabilize', () => {
  it('the servers of one part hold the same, those of another may differ', () => {
    const [a, b, c] = [store(0, [TWO]), store(1, [TWO]), store(2, [ONE])] as const;
    expect(patterns([], stabilize([[0, 1], [2]], [a, b, c]))).toEqual([]);
    expect(patterns([], stabilize([[0, 1, 2]], [a, b, c]))).toEqual(['DifferentStores']);
    const { problems } = judgeStabilization([PUT_TWO], stabilize([[0, 2]], [a, c]));
    expect(problems).toEqual([
      {
        pattern: 'DifferentStores',
        operations: [PUT_TWO],
        sentence:
          'After the stabilize in line 9 server 0 has x=2 (line 2), but server 2 has x=1 ' +
          '(version 1,0,1).',
      },
    ]);
  });

  it('equal values of different versions are different', () => {
    const other = entry('x', '2', [7, 0, 1]);
    const stores = [store(0, [TWO]), store(1, [other])];
    expect(patterns([], stabilize([[0, 1]], stores))).toEqual(['DifferentStores']);
  });

  it('servers without versions are compared by their values', () => {
    const held = (value: string) => [entry('x', value, null)];
    const [a, b, c] = [store(0, held('1')), store(1, held('1')), store(2, held('2'))] as const;
    expect(patterns([], stabilize([[0, 1]], [a, b]))).toEqual([]);
    const { problems } = judgeStabilization([], stabilize([[0, 2]], [a, c]));
    const sentence = 'After the stabilize in line 9 server 0 has x=1, but server 2 has x=2.';
    expect(problems).toEqual([{ pattern: 'DifferentStores', operations: [], sentence }]);
  });

  it('a deletion that one server has forgotten is the same as one that is remembered', () => {
    expect(patterns([], stabilize([[0, 1]], [store(0, [GONE]), store(1, [])]))).toEqual([]);
  });

  it('a write without an answer may come late to one of them', () => {
    const stores = [store(0, [ONE]), store(1, [entry('x', '3', [4, 1, 1])])];
    expect(patterns([PUT_ONE, write('3', null)], stabilize([[0, 1]], stores))).toEqual([]);
    expect(patterns([PUT_ONE], stabilize([[0, 1]], stores))).toEqual(['DifferentStores']);
    const known = [PUT_ONE, PUT_TWO, write('3', null)];
    const both = [store(0, [ONE]), store(1, [TWO])];
    expect(patterns(known, stabilize([[0, 1]], both))).toContain('DifferentStores');
  });

  it('every server has what any of them had applied before', () => {
    const before = [store(0, [], [[1, 1, 2]]), store(1, [], [[1, 1, 1]])];
    const holding = (upTo: number) => [0, 1].map((id) => store(id, [TWO], [[1, 1, upTo]]));
    expect(patterns([PUT_TWO], stabilize([[0, 1]], holding(2), before))).toEqual([]);
    const { problems } = judgeStabilization([PUT_TWO], stabilize([[0, 1]], holding(1), before));
    expect(problems[0]).toEqual({
      pattern: 'OlderThanBefore',
      operations: [PUT_TWO],
      sentence:
        'Before the stabilize in line 9 server 0 had applied x=2 (line 2), after it server 0 has ' +
        'not.',
    });
    expect(patterns([], stabilize([[0], [1]], holding(1), before))).toEqual(['OlderThanBefore']);
    const nothingOf = [store(0, [], [[7, 1, 0]])];
    expect(patterns([PUT_TWO], stabilize([[0, 1]], holding(2), nothingOf))).toEqual([]);
  });

  it('no acknowledged write is missing where its server is, or where it was applied', () => {
    const missing = (entries: StoreEntry[]) =>
      patterns([PUT_ONE], stabilize([[0]], [store(0, entries)]));
    expect(missing([ONE])).toEqual([]);
    expect(missing([TWO])).toEqual([]);
    expect(missing([])).toEqual(['MissingWrite']);
    const apart = stabilize([[0], [1]], [store(0, [ONE]), store(1, [])]);
    expect(patterns([PUT_ONE], apart)).toEqual([]);
    const claimed = stabilize([[1]], [store(1, [], [[0, 1, 1]])]);
    expect(patterns([PUT_ONE], claimed)).toEqual(['MissingWrite']);
  });

  it('a deletion makes up for a write, also when it is forgotten', () => {
    const empty = stabilize([[0]], [store(0, [], [[0, 1, 3]])]);
    expect(patterns([PUT_ONE, write(null, [3, 0, 1], 2)], empty)).toEqual([]);
    expect(patterns([PUT_ONE, write(null, null, 2)], empty)).toEqual([]);
    const later = [write('1', [4, 0, 1]), write(null, [3, 0, 1], 2)];
    const upTo = stabilize([[0]], [store(0, [], [[0, 1, 4]])]);
    expect(patterns(later, upTo)).toEqual(['MissingWrite']);
  });

  it('servers with the same writes hold the same, also in different parts', () => {
    const vectors: VectorTuples[] = [
      [[1, 1, 2]],
      [
        [1, 1, 2],
        [0, 1, 0],
      ],
    ];
    const stores = [store(0, [TWO], vectors[0]), store(1, [ONE], vectors[1])];
    const parts = [[0], [1]];
    expect(patterns([], stabilize(parts, stores))).toEqual(['SameWritesDifferentStores']);
    const fine = [store(0, [TWO], [[1, 1, 2]]), store(1, [ONE], [[0, 1, 1]])];
    expect(patterns([], stabilize(parts, fine))).toEqual([]);
  });
});

describe('servers that hold some of the keys each', () => {
  const on = (...ids: number[]) => ({ replicas: new Map([['x', ids]]) });

  it('are compared at the keys that both are to hold', () => {
    const apart = [{ ...store(0, [ONE]), ...on(0, 1) }, store(1, [TWO]), store(2, [])];
    expect(patterns([], stabilize([[0, 1, 2]], apart))).toEqual(['DifferentStores']);
    const third = [{ ...store(0, [ONE]), ...on(0, 1) }, store(1, [ONE]), store(2, [])];
    expect(patterns([PUT_ONE], stabilize([[0, 1, 2]], third))).toEqual([]);
    // The first server is no replica, and the other two differ.
    const later = [store(0, []), { ...store(1, [ONE]), ...on(1, 2) }, store(2, [])];
    expect(patterns([], stabilize([[0, 1, 2]], later))).toEqual(['DifferentStores']);
  });

  it('must hold an acknowledged write where they are replicas of its key', () => {
    const lacking = [{ ...store(0, [ONE]), ...on(0, 1) }, store(1, []), store(2, [])];
    expect(patterns([PUT_ONE], stabilize([[0, 1, 2]], lacking))).toContain('MissingWrite');
    const finding = judgeStabilization(
      [PUT_ONE],
      stabilize([[0], [1]], [store(0, []), store(1, [])]),
    );
    expect(finding.lost).toEqual([PUT_ONE]);
  });

  it('need not have a write of which only the coordinator is in their part', () => {
    const hasIt = { ...store(1, [ONE]), ...on(1, 2) };
    const stores = [store(0, []), hasIt, store(2, [])];
    expect(patterns([PUT_ONE], stabilize([[0, 2], [1]], stores))).toEqual([]);
    expect(patterns([PUT_ONE], stabilize([[0], [1, 2]], stores))).toContain('MissingWrite');
    const deletion = write(null, [1, 0, 1]);
    const without = [{ ...store(0, []), ...on(1, 2) }, store(1, [entry('x', 'old', [0, 0, 1])])];
    expect(patterns([deletion], stabilize([[0, 1]], without))).toEqual([]);
    const hint = { ...store(0, []), hints: [ONE] };
    const owed = [hint, { ...store(1, []), ...on(1, 2) }, store(2, [])];
    expect(patterns([PUT_ONE], stabilize([[0, 2], [1]], owed))).toEqual([]);
  });

  it('have lost no write that one of them keeps for another, or a later one', () => {
    const keeping = (hint: StoreEntry) => [
      store(0, []),
      { ...store(1, []), hints: [hint], ...on(0) },
    ];
    expect(lost([PUT_ONE], stabilize([[0], [1]], keeping(ONE)))).toEqual([]);
    expect(lost([PUT_ONE], stabilize([[0], [1]], keeping(TWO)))).toEqual([]);
    expect(lost([PUT_TWO], stabilize([[0], [1]], keeping(ONE)))).toEqual([PUT_TWO]);
  });

  it('may bring a write back if one of its replicas is dead and has its log', () => {
    const left = [
      { ...store(0, []), hints: [entry('x', 'old', [0, 0, 1])], ...on(1, 2) },
      store(1, []),
    ];
    const finding = judgeStabilization([PUT_ONE], { ...stabilize([[0, 1]], left), haveLogs: true });
    expect(finding).toMatchObject({ lost: [], awaited: [PUT_ONE], from: [2] });
  });

  it('may be with any server that is gone, if no server tells the replicas of its key', () => {
    const left = [{ ...store(0, []), replicas: new Map() }, store(1, [])];
    const record = { ...stabilize([[0, 1]], left), haveLogs: true };
    expect(judgeStabilization([PUT_ONE], record)).toMatchObject({ lost: [PUT_ONE], awaited: [] });
    const finding = judgeStabilization([PUT_ONE], { ...record, gone: [3] });
    expect(finding).toMatchObject({ lost: [], awaited: [PUT_ONE], from: [3] });
  });
});

describe('a lost write', () => {
  const reborn = [store(0, [], null, 2), store(1, [])];

  it('is one that no live server has, nor a later one', () => {
    expect(lost([PUT_ONE], stabilize([[0, 1]], reborn))).toEqual([PUT_ONE]);
    const saved = stabilize([[0], [1]], [store(0, [], null, 2), store(1, [ONE])]);
    expect(lost([PUT_ONE], saved)).toEqual([]);
    const overwritten = stabilize([[1]], [store(1, [TWO])]);
    expect(lost([PUT_ONE], overwritten)).toEqual([]);
    expect(lost([write('1', null)], stabilize([[1]], [store(1, [])]))).toEqual([]);
  });

  it('is not claimed while a server has not been looked at, and breaks no convergence', () => {
    expect(lost([PUT_ONE], stabilize([[0, 1]], reborn, [], 'one hid'))).toEqual([]);
  });

  it('is awaited while its server is dead and has a log, and lost if that comes without', () => {
    const alone = { ...stabilize([[1]], [store(1, [])]), haveLogs: true };
    const finding = judgeStabilization([PUT_ONE], alone);
    expect(finding).toMatchObject({ lost: [], awaited: [PUT_ONE] });
    const record = { findings: [finding], deaths: [], unseenDeath: undefined };
    expect(checkStores([PUT_ONE], record, 'no-lost-writes')).toEqual({
      level: 'no-lost-writes',
      outcome: 'undecided',
      why: 'server 0 is dead, and may bring x=1 (line 1) back',
    });
    const forgetful = { ...stabilize([[0, 1]], [store(0, []), store(1, [])]), haveLogs: true };
    expect(judgeStabilization([PUT_ONE], forgetful)).toMatchObject({
      lost: [PUT_ONE],
      awaited: [],
    });
    expect(patterns([PUT_ONE], stabilize([[0, 1]], reborn))).toEqual([]);
  });
});

describe('the verdict on all stabilizes', () => {
  const death: ServerDeath = { server: { id: 0, incarnation: 1 }, line: 7 };
  const fine = stabilize([[0]], [store(0, [ONE])]);
  const partial = { ...fine, gap: 'server 3 did not answer' };
  const recordOf = (...stabilizations: Stabilization[]) => ({
    findings: stabilizations.map((one) => judgeStabilization([PUT_ONE], one)),
    deaths: [death],
    unseenDeath: undefined,
  });

  it('holds if one was whole, and is undecided if none was', () => {
    for (const level of ['convergence', 'no-lost-writes'] as const) {
      const outcome = (...all: Stabilization[]) => checkStores([PUT_ONE], recordOf(...all), level);
      expect(outcome(fine, partial)).toEqual({ level, outcome: 'holds' });
      const why = 'no stabilize was whole; at that in line 9 server 3 did not answer';
      expect(outcome(partial)).toEqual({ level, outcome: 'undecided', why });
      expect(outcome()).toEqual({ level, outcome: 'undecided', why: 'there was no stabilize' });
    }
  });

  it('is broken by any, also by one that did not reach all', () => {
    const broken = {
      ...stabilize([[0, 1]], [store(0, [ONE]), store(1, [])]),
      gap: 'other lines ran beside it',
    };
    expect(checkStores([PUT_ONE], recordOf(fine, broken), 'convergence')).toMatchObject({
      outcome: 'broken',
      witness: { pattern: 'DifferentStores', operations: [PUT_ONE] },
    });
  });

  it('leaves open what a death since then has cost', () => {
    const record = { ...recordOf(fine), unseenDeath: death };
    expect(checkStores([PUT_ONE], record, 'convergence').outcome).toBe('holds');
    expect(checkStores([PUT_ONE], record, 'no-lost-writes')).toEqual({
      level: 'no-lost-writes',
      outcome: 'undecided',
      why: 'server 0 was killed (line 7), and no stabilize came after that',
    });
  });

  it.each([
    [{ line: 7 }, 'was killed (line 7)', true],
    [{ line: 12 }, 'was killed (line 12)', false],
    [{ line: null }, 'died', true],
  ])('says why a later stabilize has not seen a death: %#', (end, fate, isLater) => {
    const record = { ...recordOf(fine, partial), unseenDeath: { ...death, ...end } };
    const later = isLater
      ? 'after that was whole; at that in line 9 server 3 did not answer'
      : 'came after that';
    expect(checkStores([PUT_ONE], record, 'no-lost-writes')).toMatchObject({
      why: `server 0 ${fate}, and no stabilize ${later}`,
    });
  });

  it.each([
    [7, 'was killed (line 7); at'],
    [null, 'died; at'],
    [undefined, 'lives, but at'],
  ] as const)('counts the lost, and says what became of their server: %s', (line, fate) => {
    const gone = stabilize([[1]], [store(1, [])]);
    const deaths = line === undefined ? [] : [{ ...death, line }];
    const record = { ...recordOf(gone, gone), deaths };
    const third = write('3', [3, 1, 1], 3);
    expect(checkStores([PUT_ONE, third], record, 'no-lost-writes')).toMatchObject({
      outcome: 'broken',
      witness: {
        pattern: 'LostWrite',
        operations: [PUT_ONE],
        sentence:
          '1 of 2 acknowledged writes is lost: client 5 put x=1 (line 1), and server 0, which ' +
          `took it, ${fate} the stabilize in line 9 no live server had it or a later one.`,
      },
    });
  });
});

describe('what an earlier run wrote', () => {
  const brought = (server: number, value: string | null, timestamp: number): InitialWrite => ({
    ...{ key: 'x', value, version: [timestamp, 7, 1], outcome: 'ok', server },
  });
  const history = withInitial([brought(0, '1', 5), brought(1, '2', 6)], []);
  const OLD = entry('x', '1', [5, 7, 1]);
  const NEW = entry('x', '2', [6, 7, 1]);
  const applied: VectorTuples = [[7, 1, 6]];

  it('is there after a stabilize, the latest of it', () => {
    const both = [store(0, [NEW], applied), store(1, [NEW], applied)];
    expect(judgeStabilization(history, stabilize([[0, 1]], both))).toMatchObject({
      problems: [],
      lost: [],
    });
    const [problem] = judgeStabilization(
      history,
      stabilize([[0, 1]], [store(0, [OLD], applied), store(1, [NEW], applied)]),
    ).problems;
    expect(problem?.sentence).toBe(
      'After the stabilize in line 9 server 0 has x=1 (an earlier run), but server 1 has x=2 ' +
        '(an earlier run).',
    );
    const missing = judgeStabilization(history, stabilize([[0]], [store(0, [OLD], applied)]));
    expect(missing.problems[0]?.sentence).toBe(
      'An earlier run put x=2, but after the stabilize in line 9 server 0 has x=1 (an earlier ' +
        'run).',
    );
  });

  const verdictOf = (stabilization: Stabilization, deaths: ServerDeath[]) => {
    const finding = judgeStabilization(history, stabilization);
    // The same is found missing twice.
    const again = judgeStabilization(
      withInitial([brought(0, '1', 5), brought(1, '2', 6)], []),
      stabilization,
    );
    const record = { findings: [finding, again], deaths, unseenDeath: undefined };
    return checkStores(history, record, 'no-lost-writes');
  };

  it('is lost where no live server has it any more, and none may bring it back', () => {
    const death: ServerDeath = { server: { id: 1, incarnation: 3 }, line: 7 };
    const without = stabilize([[0]], [store(0, [OLD])]);
    expect(verdictOf(without, [death])).toMatchObject({
      outcome: 'broken',
      witness: {
        sentence:
          '1 of 2 acknowledged writes is lost: an earlier run put x=2, and server 1, which had ' +
          'it, was killed (line 7); at the stabilize in line 9 no live server had it or a later ' +
          'one.',
      },
    });
    expect(verdictOf({ ...without, haveLogs: true }, [death])).toMatchObject({
      outcome: 'undecided',
      why: 'server 1 is dead, and may bring x=2 (an earlier run) back',
    });
    const forgetful = stabilize([[0, 1]], [store(0, [OLD]), store(1, [OLD])]);
    expect(verdictOf({ ...forgetful, haveLogs: true }, [])).toMatchObject({
      outcome: 'broken',
      witness: { sentence: expect.stringContaining('server 1, which had it, lives, but at') },
    });
  });
});

describe('servers that keep concurrent values', () => {
  const own = (timestamp: number) => [[0, 1, timestamp - 1, timestamp]] as const;
  const held = (value: string | null, at: number, context: ContextTuples = own(at)) => ({
    ...entry('x', value, [at, 0, 1]),
    context,
  });
  const put = (value: string | null, at: number, context: ContextTuples = own(at)) => ({
    ...write(value, [at, 0, 1], at),
    context,
  });
  const [one, two, three] = [held('1', 1), held('2', 2), held('3', 3, [[0, 1, 0, 3]])];
  const history: readonly Operation[] = [put('1', 1), put('2', 2)];
  const patternsOf = (
    mine: StoreEntry[],
    other: StoreEntry[],
    writes: readonly Operation[] = history,
  ) => patterns(writes, stabilize([[0, 1]], [store(0, mine), store(1, other)]));

  it('hold the same if they hold the same values, in any order', () => {
    expect(patternsOf([one, two], [two, one])).toEqual([]);
    const stores = [store(0, [one, two]), store(1, [one])];
    const { problems } = judgeStabilization(history, stabilize([[0, 1]], stores));
    expect(problems[0]).toMatchObject({
      pattern: 'DifferentStores',
      operations: history,
      sentence:
        'After the stabilize in line 9 server 0 has x=1 (line 1) and x=2 (line 2), but server 1 ' +
        'has x=1 (line 1).',
    });
    const late = write('3', null, 3);
    expect(patternsOf([one], [one, three], [put('1', 1), late])).toEqual([]);
  });

  it('may have forgotten a deletion beside a value', () => {
    expect(patternsOf([one, held(null, 2)], [one], [put('1', 1), put(null, 2)])).toEqual([]);
  });

  it('have each acknowledged write, or one that replaces it', () => {
    expect(patternsOf([three], [three])).toEqual([]);
    expect(patternsOf([one], [one])).toEqual(['MissingWrite']);
    // The greater version alone replaces nothing.
    expect(patternsOf([two], [two])).toEqual(['MissingWrite']);
    const deletion = put(null, 3, [
      [0, 1, 0, 1],
      [0, 1, 2, 3],
    ]);
    expect(patternsOf([two], [two], [...history, deletion])).toEqual([]);
    expect(patternsOf([], [], [...history, deletion])).toEqual(['MissingWrite']);
    // What a deletion has removed is back.
    expect(patternsOf([one, two], [one, two], [...history, deletion])).toEqual(['MissingWrite']);
  });

  it('lose a write that no live server has, nor one that replaces it', () => {
    expect(lost(history, stabilize([[1]], [store(1, [two])]))).toEqual([history[0]]);
    expect(lost(history, stabilize([[1]], [store(1, [three])]))).toEqual([]);
    const keeping = (hint: StoreEntry) => [store(0, [two]), { ...store(1, []), hints: [hint] }];
    expect(lost(history, stabilize([[0], [1]], keeping(one)))).toEqual([]);
    expect(lost(history, stabilize([[0], [1]], keeping(three)))).toEqual([]);
    expect(lost(history, stabilize([[0], [1]], keeping(held('4', 4))))).toEqual([history[0]]);
  });

  it('owe a write to each replica of its part', () => {
    const on = { replicas: new Map([['x', [0, 1]]]) };
    const stores = [{ ...store(0, [one, two]), ...on }, store(1, [one, two])];
    expect(patterns(history, stabilize([[0, 1]], stores))).toEqual([]);
    const lacking = [{ ...store(0, [one, two]), ...on }, store(1, [one])];
    expect(patterns(history, stabilize([[0, 1]], lacking))).toEqual([
      'DifferentStores',
      'MissingWrite',
    ]);
    expect(
      patterns(history, stabilize([[0, 1]], [{ ...store(0, [two]), ...on }, store(1, [two])])),
    ).toEqual([]);
  });
});

// Compare-and-set at the levels below sequential: what has written is a read and a write, what has
// not is a read of what it found.
import { describe, expect, it } from 'vitest';
import { IMPLIES, impliedBy } from '../../src/checkers/implications.ts';
import { checkHistory, LEVELS, type Level, type Recorded } from '../../src/checkers/index.ts';
import type { VersionTuple } from '../../src/kernel/history.ts';
import { createRandomStream, randomBelow, randomOf } from '../../src/kernel/random.ts';
import { simulate, withHistory } from '../scripts/programs.ts';
import { extent } from '../support/extent.ts';

type Shown = Partial<Recorded> & { readonly expected?: string; readonly isSet?: boolean | null };

/** Sessions of operations, one after the other in time. */
function historyOf(...sessions: Shown[][]): Recorded[] {
  let line = 0;
  return sessions.flatMap((session, index) =>
    session.map((shown, seq): Recorded => {
      line += 1;
      const { value = null } = shown;
      const absent = shown.kind === 'get' && value === null;
      return {
        ...{ session: index + 1, incarnation: 1, seq, key: 'x', value, line },
        ...{ outcome: absent ? 'absent' : 'ok', invokedAt: 2 * line, returnedAt: 2 * line + 1 },
        ...{ server: null, version: null, applied: null, ...shown },
      } as Recorded;
    }),
  );
}

const put = (value: string): Shown => ({ kind: 'put', value });
const get = (value: string | null): Shown => ({ kind: 'get', value });
const cas = (expected: string, value: string, isSet: boolean | null = true): Shown => ({
  ...{ kind: 'cas', expected, value, isSet },
  ...(isSet === null && { outcome: 'unknown', returnedAt: null }),
});
const found = (expected: string, value: string | null): Shown => ({
  ...cas(expected, 'unused', false),
  ...{ found: { value, version: null } },
});

function judge(operations: readonly Recorded[], level: Level, isTimed = true) {
  return checkHistory({ operations, isTimed, transactions: 0 }, level);
}

const told = (history: Recorded[], ...levels: Level[]): string[] =>
  levels.map((level) => `${level}: ${judge(history, level).outcome}`);

describe('two that win from one value', () => {
  const history = historyOf([put('0'), cas('0', '1')], [cas('0', '2')], [get('2'), get('2')]);

  it('break sequential, and no level that knows only reads and writes', () => {
    const broken = told(history, 'linearizable', 'sequential');
    expect(broken).toEqual(['linearizable: broken', 'sequential: broken']);
    const weaker = ['causal-memory', 'causal-convergence', 'causal', 'pram'] as const;
    expect(told(history, ...weaker)).toEqual(weaker.map((level) => `${level}: holds`));
  });
});

describe('one that has written', () => {
  it('is a read of what it expected', () => {
    const history = historyOf([put('1'), put('2')], [get('2'), cas('1', '3')]);
    const verdict = judge(history, 'pram');
    expect(verdict).toMatchObject({ outcome: 'broken', witness: { pattern: 'CyclicHB' } });
    expect(verdict.outcome === 'broken' && verdict.witness.operations).toContain(history[3]);
  });

  it('is a write that depends on it', () => {
    const history = historyOf([put('1')], [cas('1', '2')], [get('2'), get('1')]);
    expect(told(history, 'causal')).toEqual(['causal: broken']);
  });

  it('has read what some operation wrote', () => {
    expect(judge(historyOf([cas('0', '1')]), 'causal')).toMatchObject({
      witness: { pattern: 'ThinAirRead' },
    });
  });

  it('without an answer may have written, and is explained by its read', () => {
    const history = historyOf([put('0')], [cas('0', '1', null)], [get('1')]);
    expect(told(history, 'causal', 'pram')).toEqual(['causal: holds', 'pram: holds']);
  });
});

describe('one that has not written', () => {
  it('is a read of what it found', () => {
    const history = historyOf([put('1'), put('2')], [get('2'), found('9', '1')]);
    const verdicts = told(history, 'linearizable', 'pram', 'causal');
    expect(verdicts).toEqual(['linearizable: broken', 'pram: broken', 'causal: broken']);
    const fits = historyOf([put('1'), put('2')], [get('1'), found('9', '2')]);
    expect(told(fits, 'pram', 'causal')).toEqual(['pram: holds', 'causal: holds']);
  });

  it('leaves the levels undecided if nothing says what it found, and no level above holds', () => {
    const history = historyOf([put('1')], [cas('1', '2')], [get('2')], [cas('1', '3', false)]);
    expect(told(history, 'linearizable', 'causal', 'pram')).toEqual([
      ...['linearizable: holds', 'causal: holds', 'pram: holds'],
    ]);
    const stale = historyOf([put('1'), cas('1', '2', false), get('1')]);
    const verdict = judge(stale, 'causal');
    expect(verdict).toMatchObject({
      outcome: 'undecided',
      why: expect.stringContaining('nothing says what it found'),
    });
  });

  it('counts as a read for the guarantees about reads', () => {
    const version = (timestamp: number): VersionTuple => [timestamp, 0, 1];
    const history = historyOf([
      { ...put('1'), version: version(1) },
      { ...put('2'), version: version(2) },
      { ...found('9', '1'), found: { value: '1', version: version(1) } },
    ]);
    expect(judge(history, 'read-your-writes')).toMatchObject({
      outcome: 'broken',
      witness: { pattern: 'ReadYourWrites' },
    });
  });
});

/** Each operation has read some value of its key; few of these histories have a high level. */
function drawHistory(seed: number): Recorded[] {
  const random = createRandomStream(seed, 'cas');
  const values = ['1', '2'];
  const pick = (): string => randomOf(random, values) as string;
  const sessions = Array.from({ length: 2 + randomBelow(random, 2) }, () =>
    Array.from({ length: 1 + randomBelow(random, 3) }, (): Shown => {
      const kind = randomBelow(random, 5);
      if (kind === 0) return put(pick());
      if (kind === 1) return get(random() < 0.2 ? null : pick());
      if (kind === 2) return found('9', pick());
      if (kind === 3) return cas(pick(), pick(), random() < 0.8 ? true : null);
      return cas(pick(), pick(), random() < 0.5);
    }),
  );
  return historyOf([put('1'), put('2')], ...sessions);
}

it('a level that holds has all that it implies, and a broken one breaks all above', () => {
  const count = extent({ full: 3_000, quick: 100 });
  const seen = { sequential: 0, broken: 0, between: 0 };
  for (let seed = 1; seed <= count; seed += 1) {
    const history = drawHistory(seed);
    const outcomes = new Map(LEVELS.map((level) => [level, judge(history, level).outcome]));
    for (const level of LEVELS) {
      for (const weaker of impliedBy(level, [IMPLIES])) {
        const pair = `${outcomes.get(level)} and ${outcomes.get(weaker)}`;
        const text = `seed ${seed}: ${level}, ${weaker}: ${pair}`;
        expect(['holds and broken', 'holds and undecided'], text).not.toContain(pair);
      }
    }
    const isSequential = outcomes.get('sequential') === 'holds';
    if (isSequential) seen.sequential += 1;
    if (outcomes.get('causal') === 'broken') seen.broken += 1;
    if (!isSequential && outcomes.get('causal') === 'holds') seen.between += 1;
  }
  const least = Math.min(...Object.values(seen));
  expect(least, JSON.stringify(seen)).toBeGreaterThan(count / 100);
});

it('hides from no level below linearizable what that one explains', () => {
  const versions = [null, [1, 0, 1]] as const;
  for (const version of versions) {
    const steps = [{ ...put('1'), version }, cas('7', '8', false), { ...get('1'), version }];
    const history = historyOf(steps);
    const about = LEVELS.slice(0, LEVELS.indexOf('pram') + 1);
    for (const level of [...about, 'read-your-writes', 'monotonic-reads'] as const) {
      expect(judge(history, level), `${level} ${version}`).toMatchObject({ outcome: 'holds' });
    }
  }
});

describe('the sentence about a compare-and-set', () => {
  const sentence = (history: Recorded[]): unknown => {
    const verdict = judge(history, 'linearizable');
    return verdict.outcome === 'broken' && verdict.witness.sentence;
  };

  it('quotes what has blanks, so that two meanings have two sentences', () => {
    const [one, other] = [cas('a b', 'c'), cas('a', 'b c')].map((wrong) =>
      sentence(historyOf([put('x'), wrong])),
    );
    expect(one).toContain('client 1 put x=c in place of x="a b" (line 2)');
    expect(other).toContain('client 1 put x="b c" in place of x=a (line 2)');
    expect(sentence(historyOf([put('x'), cas('"a', '', true)]))).toContain(
      'client 1 put x="" in place of x="\\"a" (line 2)',
    );
  });
});

describe('a compare-and-set that did not write', () => {
  const SCRIPTS = {
    chain: ['protocol chain', ...[0, 1, 2].map((id) => `joinServer ${id}`), 'joinClient 5 0'],
    sharded: [
      ...['protocol sharded groups=1', 'joinServer 0', 'joinServer 1', 'join 0', 'join 1'],
      'joinClient 5 0',
    ],
  };

  it.each(Object.entries(SCRIPTS))('says what it found: %s', async (_name, begin) => {
    const lines = ['cas 5 x none b', 'put 5 x a', 'cas 5 x none b', 'get 5 x', 'delete 5 x'];
    const text = [...begin, ...lines, 'cas 5 x none b', 'check read-your-writes', ''].join('\n');
    const { history, stdout } = await withHistory(simulate, Buffer.from(text));
    expect(stdout).toBe('x:ERR_CAS\nx:ERR_CAS\nx:a\nx:ERR_CAS\nread-your-writes: holds\n');
    const put = history.find(({ kind }) => kind === 'put');
    const found = (history as readonly Recorded[]).flatMap((one) =>
      one.kind === 'cas' ? [one.found] : [],
    );
    expect(found.map((one) => one?.value)).toEqual([null, 'a', null]);
    expect([found[0]?.version, found[1]?.version]).toEqual([null, put?.version]);
  });
});

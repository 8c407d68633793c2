// Histories with keys of several types: registers, counters and sets beside each other.
import { describe, expect, it } from 'vitest';
import {
  checkHistory,
  LEVELS,
  type Level,
  type Recorded,
  summarizeHistory,
  withInitial,
} from '../../src/checkers/index.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { extent } from '../support/extent.ts';
import { drawSteps, type Step } from './setWorlds.ts';

const NAMES: readonly (readonly [string, Level])[] = [
  ['lin', 'linearizable'],
  ['seq', 'sequential'],
  ['cm', 'causal-memory'],
  ['ccv', 'causal-convergence'],
  ['cc', 'causal'],
  ['pram', 'pram'],
  ['ryw', 'read-your-writes'],
  ['mr', 'monotonic-reads'],
];
const ALL = NAMES.map(([name]) => name).join('+');

function judge(operations: readonly Recorded[], level: Level, isTimed = true) {
  return checkHistory({ operations, isTimed, transactions: 0 }, level);
}

/**
 * One after the other, of a client each: `0 x=1` puts, `1 x:1` gets, `1 x:` gets nothing, `0 n+1`
 * adds a number, `0 S+a` and `0 S-a` change a set, and `1 S{a b}` reads it.
 */
function parse(lines: readonly string[]): Recorded[] {
  return lines.map((line, place): Recorded => {
    const [, session, key, sign, rest] = /^(\d) (\w)(.)(.*)$/.exec(line) as unknown as [
      ...[string, string, string, string, string],
    ];
    const shared = {
      ...{ session: Number(session), incarnation: 1, seq: place, key, line: place + 1 },
      ...{ invokedAt: 2 * place, returnedAt: 2 * place + 1, outcome: 'ok' as const },
      ...{ server: null, version: null, applied: null },
    };
    const isSet = key === key.toUpperCase();
    if (sign === '=') return { ...shared, kind: 'put', value: rest };
    if (sign === '+') return { ...shared, kind: isSet ? 'insert' : 'add', value: rest };
    if (sign === '-') return { ...shared, kind: 'remove', value: rest };
    if (sign === '{') {
      const elements = rest.replace('}', '').split(' ').filter(Boolean);
      return { ...shared, kind: 'elements', value: null, elements };
    }
    if (rest === '') return { ...shared, kind: 'get', value: null, outcome: 'absent' };
    return { ...shared, kind: 'get', value: rest };
  });
}

const HISTORIES: Readonly<Record<string, readonly string[]>> = {
  [`${ALL}: a set and a register`]: ['0 S+a', '0 x=1', '1 x:1', '1 S{a}'],
  [`${ALL}: a counter, a set and a register`]: ['0 S+a', '0 x=1', '0 n+2', '1 S{a}', '1 n:2'],
  [`${ALL}: a set with a remove`]: ['0 S+a', '0 x=1', '1 x:1', '1 S-a', '1 x=2', '0 S{}', '0 x:2'],
  'seq+cm+ccv+cc+pram+ryw+mr: a stale set': ['0 S+a', '0 x=1', '1 S{}'],
  'seq+cm+ccv+cc+pram+ryw+mr: a stale register': ['0 S+a', '0 x=1', '1 S{a}', '1 x:'],
  'cm+ccv+cc+pram+ryw+mr: neither client has seen the other': [
    ...['0 S+a', '0 x:', '1 x=1', '1 S{}'],
    ...['0 x:', '1 S{}'],
  ],
  'ryw+mr: what the other type shows': ['0 S+a', '0 x=1', '1 x:1', '1 S{}'],
  'ryw+mr: a register after a set': ['0 x=1', '0 S+a', '1 S{a}', '1 x:'],
  'pram+ryw+mr: an answer without its question': ['0 S+a', '1 S{a}', '1 x=1', '2 x:1', '2 S{}'],
  'mr: a lost add of its own': ['0 x=1', '0 S+a', '0 S{}'],
  'ryw+mr: a value that nobody put': ['0 S+a', '1 x:7', '1 S{a}'],
};

describe('hand-written histories of keys of several types', () => {
  it.each(Object.entries(HISTORIES))('%s', (name, lines) => {
    const verdicts = NAMES.map(([, level]) => judge(parse(lines), level));
    const held = NAMES.filter((_name, place) => verdicts[place]?.outcome === 'holds');
    expect(held.map(([short]) => short).join('+') || 'none').toBe(name.split(':')[0]);
    if (!lines.some((line) => line.includes('-') || line.includes('n+'))) {
      expect(verdicts.filter(({ outcome }) => outcome === 'undecided')).toEqual([]);
    }
  });

  it('name an element as what a client has read', () => {
    const found = judge(parse(['0 S+a', '0 x=1', '1 x:1', '1 S{}']), 'causal');
    expect(found).toMatchObject({
      witness: { sentence: expect.stringMatching(/^client 1 found no S\[a\] \(line 4\), yet/) },
    });
    const { operations } = (found as { witness: { operations: readonly Recorded[] } }).witness;
    expect(operations.map(({ kind }) => kind)).toEqual(['insert', 'put', 'get', 'elements']);
  });

  it('are broken by one key, whatever cannot be decided for the others', () => {
    const stale = ['0 x=1', '0 x=2', '1 x:2', '1 x:1'];
    for (const beside of [['2 n+1'], ['2 S+a', '2 S-a'], ['2 S+a', '2 S=1']]) {
      const operations = parse([...stale, ...beside]);
      for (const level of ['linearizable', 'sequential', 'causal'] as const) {
        expect(judge(operations, level), beside[0]).toMatchObject({ outcome: 'broken' });
      }
    }
  });

  it('say which key cannot be decided', () => {
    const operations = parse(['0 x=1', '1 x:1', '2 S+a', '2 S=1']);
    expect(judge(operations, 'causal')).toMatchObject({
      why: 'S is a set, and client 2 put S=1 (line 4)',
    });
    const write = { key: 'S', value: '0', version: null, outcome: 'ok', server: 0 } as const;
    const earlier = withInitial([write], parse(['0 x=1', '1 S{0}']));
    expect(judge(earlier, 'linearizable')).toMatchObject({
      why: 'sets are judged as empty at first, and an earlier run put S=0',
    });
    const shared = ['0 S+a', '1 S-a', '1 x=1', '0 x:', '1 S{}', '2 x:1', '2 S{a}'];
    expect(judge(parse(shared), 'causal')).toMatchObject({
      why: 'client 1 put x=1 (line 3), whose client also used keys of another type',
    });
  });

  it('ask nothing of all keys together where no client uses two types', () => {
    const lines = ['0 S+a', '1 S{a}', '1 S-a', '0 S{}', '2 x=1', '2 x=2', '3 x:1', '3 x:2'];
    expect(judge(parse(lines), 'sequential').outcome).toBe('holds');
    const crossed = ['0 S+a', '0 S{a}', '1 S+b', '1 S{b}', '2 x=1', '3 x=2', '2 x:1', '3 x:2'];
    expect(judge(parse(crossed), 'sequential').outcome).toBe('broken');
    expect(judge(parse(crossed), 'causal').outcome).toBe('holds');
  });

  it('are never linearizable without times', () => {
    const whole = parse(['0 S+a', '0 x=1', '1 x:1', '1 S{a}']);
    expect(judge(whole, 'linearizable', false).outcome).toBe('undecided');
    expect(judge(whole, 'sequential', false).outcome).toBe('holds');
    const broken = parse(['0 S+a', '0 x=1', '1 x:1', '1 S{}']);
    expect(judge(broken, 'linearizable', false).outcome).toBe('broken');
  });
});

/**
 * The steps on one set, with elements from `b` on as keys of their own: registers, or sets that
 * have one element at most. A get of a register is a read of such a set.
 */
function takeApart(steps: readonly Step[], isRegister: boolean): Recorded[] {
  const own = [...new Set(steps.map(({ element }) => element))].filter((one) => one >= 'b');
  return steps.flatMap((step, index): Recorded[] => {
    const { session, kind, element, elements, from, to } = step;
    const isAnswered = Number.isFinite(to);
    const shared = {
      ...{ session, incarnation: 1, server: null, version: null, applied: null, line: index + 1 },
      ...{ invokedAt: from, returnedAt: isAnswered ? to : null, key: 'S', seq: 10 * index },
      outcome: isAnswered ? ('ok' as const) : ('unknown' as const),
    };
    if (kind !== 'elements') {
      if (element < 'b') return [{ ...shared, kind, value: element }];
      const value = { key: element, value: 'v' };
      return [{ ...shared, ...value, kind: isRegister ? 'put' : 'insert' }];
    }
    if (!isAnswered) return [];
    const found = own.filter((one) => elements.includes(one));
    const reads = ['S', ...found, ...own.filter((one) => !elements.includes(one))];
    return reads.map((key, place): Recorded => {
      const returnedAt = place === reads.length - 1 ? to : from;
      const read = { ...shared, key, seq: 10 * index + place, returnedAt };
      const has = key === 'S' ? elements.filter((one) => one < 'b') : found.includes(key) && ['v'];
      if (key === 'S' || !isRegister) {
        return { ...read, kind: 'elements', value: null, elements: has || [] };
      }
      return has
        ? { ...read, kind: 'get', value: 'v' }
        : { ...read, kind: 'get', value: null, outcome: 'absent' };
    });
  });
}

describe('random histories of sets and registers', () => {
  const ROUNDS = extent({ full: 3_000, quick: 150 });

  it.each([false, true])('are judged as those of sets alone, added again: %s', (again) => {
    const random = createRandomStream(1, `key types ${again}`);
    const counts: Record<string, number> = {};
    for (let round = 0; round < ROUNDS; round += 1) {
      const steps = drawSteps(random, { steps: 7, removes: false, again });
      const [sets, mixed] = [takeApart(steps, false), takeApart(steps, true)];
      if (!mixed.some(({ key }) => key !== 'S') || !mixed.some(({ key }) => key === 'S')) continue;
      for (const [short, level] of NAMES.slice(0, 6)) {
        const [{ outcome }, alone] = [judge(mixed, level), judge(sets, level)];
        const isOpen = outcome === 'undecided' || alone.outcome === 'undecided';
        if (!isOpen) expect(outcome, `${short} ${JSON.stringify(steps)}`).toBe(alone.outcome);
        const name = `${short} ${isOpen ? 'undecided' : outcome}`;
        counts[name] = (counts[name] ?? 0) + 1;
      }
    }
    for (const [short] of NAMES.slice(0, 6)) {
      expect(counts[`${short} holds`], short).toBeGreaterThan(ROUNDS / 20);
      expect(counts[`${short} broken`], short).toBeGreaterThan(ROUNDS / 20);
      expect(counts[`${short} undecided`] ?? 0, short).toBeLessThan(ROUNDS / 20);
    }
  });
});

/** Clients that put, add, swap and read keys of all types of one store, which sometimes lies. */
function play(random: RandomStream, count: number): Recorded[] {
  const texts = new Map<string, string>();
  const set = new Set<string>();
  let sum = 0;
  const pick = <T>(all: readonly T[]): T => all[randomBelow(random, all.length)] as T;
  return Array.from({ length: count }, (_, index): Recorded => {
    const shared = {
      ...{ session: randomBelow(random, 3), incarnation: 1, seq: index, line: index + 1 },
      ...{ invokedAt: 4 * index, returnedAt: 4 * index + randomBelow(random, 3) },
      ...{ server: null, version: null, applied: null, outcome: 'ok' as const },
    };
    const [key, value, isLie] = [pick(['x', 'y']), pick(['1', '2']), random() < 0.08];
    switch (randomBelow(random, 8)) {
      case 0:
        set.add(value);
        return { ...shared, key: 'S', kind: 'insert', value };
      case 1:
        if (random() < 0.5) return { ...shared, key: 'n', kind: 'add', value: '0' };
        set.delete(value);
        return { ...shared, key: 'S', kind: 'remove', value };
      case 2: {
        const elements = isLie ? [] : [...set];
        return { ...shared, key: 'S', kind: 'elements', value: null, elements };
      }
      case 3:
        sum += Number(value);
        return { ...shared, key: 'n', kind: 'add', value, sum: String(isLie ? sum - 1 : sum) };
      case 4: {
        const expected = pick(['1', '2', null]);
        const isSet = (texts.get(key) ?? null) === expected;
        if (isSet) texts.set(key, value);
        return { ...shared, key, kind: 'cas', expected, value, isSet };
      }
      case 5:
        texts.set(key, value);
        return { ...shared, key, kind: 'put', value };
      default: {
        const found = isLie ? value : (texts.get(key) ?? null);
        const outcome = found === null ? 'absent' : 'ok';
        return { ...shared, key, kind: 'get', value: found, outcome };
      }
    }
  });
}

it('hold at no level without what it implies, and are never undecided there', () => {
  const random = createRandomStream(2, 'all types');
  const counts = { holds: 0, broken: 0, undecided: 0 };
  const arrows: readonly (readonly [string, string])[] = [
    ...[['lin', 'seq'] as const, ['seq', 'cm'] as const, ['seq', 'ccv'] as const],
    ...[['cm', 'cc'] as const, ['cm', 'pram'] as const, ['ccv', 'cc'] as const],
    ...[['pram', 'ryw'] as const, ['pram', 'mr'] as const],
    ...[['ccv', 'ryw'] as const, ['ccv', 'mr'] as const],
  ];
  for (let round = 0; round < extent({ full: 2_000, quick: 120 }); round += 1) {
    const operations = play(random, 6 + randomBelow(random, 8));
    const { verdicts } = summarizeHistory({ operations, isTimed: true, transactions: 0 });
    const outcomes = new Map(verdicts.map(({ level, outcome }) => [level as Level, outcome]));
    const of = (short: string) => outcomes.get(new Map(NAMES).get(short) as Level);
    for (const [strong, weak] of arrows) {
      if (of(strong) !== 'holds' || !operations.some(({ kind }) => kind === 'get')) continue;
      expect(of(weak), `${strong} ${weak} ${JSON.stringify(operations)}`).toBe('holds');
    }
    counts[of('lin') ?? 'undecided'] += 1;
    for (const level of LEVELS.slice(0, 6)) {
      expect(judge(operations, level).outcome).toBe(outcomes.get(level));
    }
  }
  expect(counts.undecided).toBe(0);
  expect(Math.min(counts.holds, counts.broken)).toBeGreaterThan(10);
});

// Counters: adds, with or without the number that they give, against every order with plain
// arithmetic; and the counter workload of Jepsen.
import { describe, expect, it, vi } from 'vitest';
import { Configurations } from '../../src/checkers/configurations.ts';
import {
  checkHistory,
  type History,
  type Recorded,
  withInitial,
} from '../../src/checkers/index.ts';
import { prepareParts } from '../../src/checkers/keySearch.ts';
import { Meter } from '../../src/checkers/meter.ts';
import { FORMATS, readHistory, writeHistory } from '../../src/histories/index.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { extent } from '../support/extent.ts';

interface Step {
  readonly kind: 'add' | 'get' | 'put';
  readonly number: number;
  readonly sum?: number;
  readonly from: number;
  /** Infinity without an answer. */
  readonly to: number;
}

function draw(random: RandomStream): Step[] {
  let value = 0;
  return Array.from({ length: 3 + randomBelow(random, 4) }, (_, place): Step => {
    const from = 3 * place - randomBelow(random, 7);
    const isAnswered = random() < 0.8;
    const to = isAnswered ? from + 1 + randomBelow(random, 6) : Number.POSITIVE_INFINITY;
    const lie = random() < 0.2 ? 1 : 0;
    const kind = (['add', 'add', 'get', 'put'] as const)[randomBelow(random, 4)] as Step['kind'];
    if (kind === 'get') return { kind, number: value + lie, from, to: from + 2 };
    const number = randomBelow(random, 5) - 2;
    value = kind === 'put' ? number : value + number;
    const isTold = kind === 'add' && isAnswered && random() < 0.4;
    return { kind, number, from, to, ...(isTold && { sum: value + lie }) };
  });
}

function toHistory(steps: readonly Step[]): Recorded[] {
  return steps.map(({ kind, number, sum, from, to }, index): Recorded => {
    const isAnswered = Number.isFinite(to);
    return {
      ...{ session: index + 1, incarnation: 1, seq: 0, key: 'n', value: String(number), kind },
      ...{ invokedAt: from, returnedAt: isAnswered ? to : null, line: index + 1 },
      ...{ outcome: isAnswered ? 'ok' : 'unknown', server: null, version: null, applied: null },
      ...(sum !== undefined && { sum: String(sum) }),
    } as Recorded;
  });
}

function hasOrder(left: readonly Step[], value: number): boolean {
  if (left.every(({ to }) => to === Number.POSITIVE_INFINITY)) return true;
  return left.some((step) => {
    if (left.some(({ to }) => to < step.from)) return false;
    const { kind, number, sum } = step;
    if (kind === 'get' && number !== value) return false;
    const after = kind === 'put' ? number : kind === 'add' ? value + number : value;
    if (sum !== undefined && sum !== after) return false;
    return hasOrder(
      left.filter((other) => other !== step),
      after,
    );
  });
}

it('are judged as every order says', () => {
  const random = createRandomStream(1, 'counters');
  const counts = { holds: 0, broken: 0 };
  for (let round = 0; round < extent({ full: 5_000, quick: 400 }); round += 1) {
    const steps = draw(random);
    if (!steps.some(({ to }) => Number.isFinite(to))) continue;
    const zero = { key: 'n', value: '0', version: null, outcome: 'ok' as const, server: 0 };
    const operations = withInitial([zero], toHistory(steps));
    const history = { operations, isTimed: true, transactions: 0 };
    const expected = hasOrder(steps, 0) ? 'holds' : 'broken';
    const { outcome } = checkHistory(history, 'linearizable');
    expect(outcome, JSON.stringify(steps)).toBe(expected);
    counts[expected] += 1;
  }
  expect(Math.min(counts.holds, counts.broken)).toBeGreaterThan(20);
});

/** Events of Jepsen, one after the other: `0 invoke add 1`. */
function read(...lines: string[]) {
  return readHistory(toEvents(lines).join('\n'), 'jepsen-edn');
}

function toEvents(lines: readonly string[]): string[] {
  return lines.map((line, index) => {
    const [process, type, f, value] = line.split(' ');
    return `{:process ${process} :type :${type} :f :${f} :value ${value} :time ${1_000 * index}}`;
  });
}

describe('the counter of Jepsen begins with 0', () => {
  const early = ['0 invoke read nil', '0 ok read 0', '1 invoke add 2', '1 ok add 2'];
  const judge = (history: History) => checkHistory(history, 'linearizable').outcome;

  it.each([
    ['as its first read says', early, 'holds'],
    ['where nothing is read', ['0 invoke read nil', '0 ok read nil', ...early.slice(2)], 'holds'],
    ['and no add that failed changes that', [...early.slice(0, 3), '1 fail add 2'], 'holds'],
    ['and with nothing else', ['0 invoke read nil', '0 ok read 2', ...early.slice(2)], 'broken'],
  ])('%s', (_, lines, outcome) => {
    const history = read(...lines);
    expect(judge(history)).toBe(outcome);
    const { lines: exported, losses } = writeHistory(history, 'jepsen-json');
    expect(losses).toEqual([]);
    const text = [...exported];
    expect(text.join('\n')).not.toContain('write');
    expect(judge(readHistory(text.join('\n'), 'jepsen-json'))).toBe(outcome);
  });

  it('unless the user says otherwise', () => {
    const reader = FORMATS.find(({ name }) => name === 'jepsen-edn')?.createReader();
    for (const [index, line] of toEvents(early).entries()) reader?.take(line, index + 1);
    const history = reader?.end([{ key: undefined, value: '5' }]);
    expect(judge(history as History)).toBe('broken');
  });

  it('and an added text that is no number makes a set', () => {
    const told = readHistory(toEvents(['0 invoke add "-007"', '0 ok add "-007"']).join('\n'));
    expect(told.operations).toMatchObject([{ kind: 'insert', value: '-007' }]);
  });

  it('also in the log of etcd', () => {
    const lines = early.map((line) => {
      const [process, type, f, value] = line.split(' ');
      return `${process} :${type} :${f} ${value}`;
    });
    expect(judge(readHistory(lines.join('\n'), 'jepsen-etcd'))).toBe('holds');
  });
});

describe('the counter of Jepsen', () => {
  const ADDED = ['0 invoke add 2', '0 ok add 2', '1 invoke add -1', '1 ok add -1'];

  it.each([
    ['is what was added', [...ADDED, '2 invoke read nil', '2 ok read 1'], 'holds'],
    ['has no less', [...ADDED, '2 invoke read nil', '2 ok read 2'], 'broken'],
    [
      'may have what is under way',
      ['0 invoke add 2', '1 invoke read nil', '1 ok read 2', '0 info add 2'],
      'holds',
    ],
    [
      'does not lose what was read',
      [
        ...['0 invoke add 2', '1 invoke read nil', '1 ok read 2', '1 invoke read nil'],
        ...['1 ok read nil', '0 info add 2'],
      ],
      'broken',
    ],
    [
      'has nothing of an add that failed',
      [...ADDED, '3 invoke add 5', '3 fail add 5', '2 invoke read nil', '2 ok read 6'],
      'broken',
    ],
  ])('%s', (_, lines, outcome) => {
    const history = read(...lines);
    expect(checkHistory(history, 'linearizable').outcome).toBe(outcome);
    const again = readHistory([...writeHistory(history, 'jepsen-edn').lines].join('\n'));
    expect(checkHistory(again, 'linearizable').outcome).toBe(outcome);
    const own = readHistory([...writeHistory(history, 'causeway').lines].join('\n'), 'causeway');
    expect(checkHistory(own, 'linearizable').outcome).toBe(outcome);
  });
});

it('is searched within one budget, however many parts of it are tried', () => {
  const add = vi.spyOn(Configurations.prototype, 'add');
  // Adds without an answer, and a read of a sum that no subset of them has.
  const adds = Array.from({ length: 9 }, (_, place): Step => {
    return { kind: 'add', number: 2 ** (place + 1), from: 0, to: Number.POSITIVE_INFINITY };
  });
  const operations = toHistory([...adds, { kind: 'get', number: 1, from: 2, to: 3 }]);
  const meter = new Meter(4_000);
  const isBroken = prepareParts(operations, meter);
  const told = Array.from({ length: 40 }, () => isBroken?.(operations));
  const states = add.mock.results.filter(({ value }) => value === true).length;
  vi.restoreAllMocks();
  expect(told[0]).toBe(true);
  expect(told.at(-1)).toBe(false);
  expect(states).toBeGreaterThan(2_000);
  expect(states).toBeLessThanOrEqual(4_010);
});

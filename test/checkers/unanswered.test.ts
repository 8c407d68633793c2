// Histories with many unanswered operations: they are decided at once, and as all orders decide
// them.
import { describe, expect, it } from 'vitest';
import { prepareParts } from '../../src/checkers/keySearch.ts';
import { judgeCalls } from '../../src/checkers/linearizability.ts';
import { Meter } from '../../src/checkers/meter.ts';
import { type KeyCall, REGISTER } from '../../src/checkers/register.ts';
import { linearize, type TimedCall } from '../../src/checkers/wingGong.ts';
import type { Recorded } from '../../src/kernel/history.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { extent } from '../support/extent.ts';
import { canOrder, type Happened, operationOf, randomCall } from './someOrder.ts';

const ROUNDS = extent({ full: 6000, quick: 50 });

function randomHappened(
  random: RandomStream,
  kinds: readonly KeyCall['kind'][],
  count: number,
): Happened[] {
  return Array.from({ length: count }, () => {
    const call = randomCall(random, kinds);
    const start = randomBelow(random, 10);
    if (call.kind === 'get' || random() < 0.4) {
      return { call, key: 'x', start, end: start + randomBelow(random, 4) };
    }
    const open = 'result' in call ? { ...call, result: undefined } : call;
    return { call: open, key: 'x', start, end: Number.POSITIVE_INFINITY };
  });
}

describe('many unanswered operations', () => {
  it('are judged in parts as each part by itself', () => {
    const random = createRandomStream(9, 'parts');
    const kinds = ['put', 'delete', 'get', 'append', 'pop', 'compareAndSet'] as const;
    const found = { holds: 0, broken: 0 };
    for (let round = 0; round < ROUNDS / 5; round += 1) {
      const whole = randomHappened(random, kinds, 10).map(operationOf);
      const isBroken = prepareParts(whole, new Meter(100_000));
      for (let tries = 0; tries < 5; tries += 1) {
        const part = whole.filter(() => random() < 0.6);
        const { outcome } = judgeCalls(part);
        expect(isBroken?.(part), JSON.stringify(part)).toBe(outcome === 'broken');
        found[outcome === 'broken' ? 'broken' : 'holds'] += 1;
      }
    }
    expect(Math.min(found.holds, found.broken)).toBeGreaterThan(0);
  });

  it.each([
    [['put', 'get', 'compareAndSet']],
    [['put', 'delete', 'get', 'get', 'compareAndSet', 'compareAndSet']],
    [['put', 'get', 'append']],
    [['put', 'delete', 'get', 'append', 'compareAndSet']],
    [['put', 'delete', 'get', 'append', 'pop', 'compareAndSet']],
  ] as const)('are judged as all orders say: %j', (kinds) => {
    const random = createRandomStream(7, 'unanswered');
    const counts = { holds: 0, broken: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const all = randomHappened(random, kinds, 8);
      const expected = canOrder(all) ? 'holds' : 'broken';
      const told = JSON.stringify(all);
      expect(judgeCalls(all.map(operationOf)).outcome, told).toBe(expected);
      expect(linearize(REGISTER, all, 1e6).outcome, told).toBe(expected);
      counts[expected] += 1;
    }
    expect(Math.min(counts.holds, counts.broken)).toBeGreaterThan(ROUNDS / 20);
  });

  it('are judged key by key', () => {
    const random = createRandomStream(8, 'unanswered keys');
    const counts = { holds: 0, broken: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const plain = randomHappened(random, ['put', 'get', 'delete'], 4);
      const other = randomHappened(random, ['put', 'get', 'compareAndSet'], 4);
      const all = [...plain, ...other.map((one) => ({ ...one, key: 'y' }))];
      const expected = canOrder(plain) && canOrder(other) ? 'holds' : 'broken';
      expect(judgeCalls(all.map(operationOf)).outcome, JSON.stringify(all)).toBe(expected);
      counts[expected] += 1;
    }
    expect(Math.min(counts.holds, counts.broken)).toBeGreaterThan(ROUNDS / 20);
  });
});

const MANY = 40;
const numbers = Array.from({ length: MANY }, (_, n) => n);
const open = (call: KeyCall, start = 0): TimedCall<KeyCall> => ({
  call,
  start,
  end: Number.POSITIVE_INFINITY,
});
const put = (value: string): KeyCall => ({ kind: 'put', value });
const cas = (expected: string, value: string, result?: boolean): KeyCall => ({
  kind: 'compareAndSet',
  expected,
  value,
  result,
});
const append = (value: string): KeyCall => ({ kind: 'append', value, side: 'right' });
const get = (result: string | null): KeyCall => ({ kind: 'get', result });

/** One after the other, after all that is unanswered. */
function inTurn(...calls: KeyCall[]): TimedCall<KeyCall>[] {
  return calls.map((call, index) => ({ call, start: 100 + 2 * index, end: 101 + 2 * index }));
}

describe('forty unanswered operations', () => {
  const puts = numbers.map((n) => open(put(`p${n}`)));
  const swaps = numbers.map((n) => open(cas(`p${n}`, `p${n + 1}`)));
  const appends = numbers.map((n) => open(append(`<${n}>`)));
  it.each<[string, readonly TimedCall<KeyCall>[], 'holds' | 'broken', string?]>([
    ['that are not read', [...puts, ...inTurn(put('0'), cas('0', '1', true), get('1'))], 'holds'],
    [
      'beside a value of no write',
      [...puts, ...inTurn(put('0'), cas('0', '1', true), get('9'))],
      'broken',
      'ThinAirRead',
    ],
    [
      'beside a compare-and-set that has found a value of no write',
      [...puts, ...inTurn(put('0'), cas('9', '1', true))],
      'broken',
      'ThinAirRead',
    ],
    [
      'of equal values, read as often',
      [
        ...numbers.map(() => open(put('3'))),
        ...numbers.flatMap(() => inTurn(put('4'), get('3'))),
      ].map((one, index) => (one.start < 100 ? one : { ...one, start: 9 * index, end: 9 * index })),
      'holds',
    ],
    [
      'of which one explains a compare-and-set that did not write',
      [...puts, ...inTurn(put('0'), cas('0', '1', false), get('p3'))],
      'holds',
    ],
    [
      'of which none explains two that did not write, with the value between them',
      [open(put('7')), ...inTurn(put('0'), cas('0', '1', false), put('0'), cas('0', '1', false))],
      'broken',
    ],
    ['in a chain', [...swaps, ...inTurn(put('p0'), get('p40'), cas('p40', '1', true))], 'holds'],
    ['in a chain that is used', [...swaps, ...inTurn(put('p0'), get('p9'), get('p8'))], 'broken'],
    ['that append and are not read', [...appends, ...inTurn(put('0'), get('0'))], 'holds'],
    [
      'that append in one order',
      [...appends, ...inTurn(get('<7><3><12>'), get('<7><3>'))],
      'broken',
    ],
    ['that append what is read', [...appends, ...inTurn(get('<7><3><12>'))], 'holds'],
    [
      'that append or put',
      [...appends, ...puts, ...inTurn(put('0'), get('0<5>'), get('p9<8>'), get('p9<8>'))],
      'holds',
    ],
    [
      'that append, beside a text of no order',
      [...appends, ...inTurn(put('0'), get('0<5'))],
      'broken',
      'ThinAirRead',
    ],
  ])('%s', (_what, calls, outcome, pattern) => {
    const history = calls.map((timed) => operationOf({ ...timed, key: 'x' }));
    const found = judgeCalls(history, 2000);
    expect(found.outcome).toBe(outcome);
    if (pattern !== undefined) expect(found).toMatchObject({ witness: { pattern } });
  });

  it('of a key that has no compare-and-set, where another key has one', () => {
    const x = [...puts, ...inTurn(put('0'), put('1'), get('0'))];
    const y = inTurn(put('0'), cas('0', '1', true));
    const history: Recorded[] = [
      ...x.map((timed) => operationOf({ ...timed, key: 'x' })),
      ...y.map((timed) => operationOf({ ...timed, key: 'y' })),
    ];
    expect(judgeCalls(history)).toMatchObject({ witness: { pattern: 'EnclosedZone' } });
  });
});

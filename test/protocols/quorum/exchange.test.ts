import { describe, expect, it } from 'vitest';
import { answerTo } from '../../../src/protocols/quorum/exchange.ts';
import { createState, put, reconcile } from './writes.ts';

describe('the exchange of two replicas', () => {
  it('brings each what is newer at the other, of the keys that both replicate', () => {
    const [zero, one] = [createState(0), createState(1)];
    for (const write of [put('0', 1), put('1', 5), put('2', 3), put('200', 9)])
      zero.keep(write, false);
    for (const write of [put('1', 4), put('2', 7), put('70', 8)]) one.keep(write, false);
    reconcile(zero, one);
    const versions = Array.from(one.store.writes(), ({ key, version }) => [key, version.timestamp]);
    expect(new Map(versions as [string, number][])).toEqual(
      new Map([
        ['1', 5],
        ['2', 7],
        ['70', 8],
        ['0', 1],
        ['200', 9],
      ]),
    );
    expect(zero.store.find('2')).toEqual([put('2', 7)]);
    expect(zero.store.find('70')).toEqual([]);
  });

  it('brings tombstones too', () => {
    const [zero, one] = [createState(0), createState(1)];
    zero.keep(put('0', 2, null), false);
    one.keep(put('0', 1), false);
    reconcile(one, zero);
    expect(one.store.find('0')).toEqual([put('0', 2, null)]);
  });

  it('cuts large answers into parts', () => {
    const [zero, one] = [createState(0), createState(1)];
    const long = 'v'.repeat(100_000);
    for (let key = 0; key < 20; key += 1) zero.keep(put(String(key), 30 - key, long), false);
    for (let key = 0; key < 60; key += 2) one.keep(put(String(key), 15), false);
    expect(reconcile(one, zero).questions).toBeGreaterThan(6);
    expect([zero, one].map(({ store }) => store.size)).toEqual([40, 40]);
    for (let key = 0; key < 20; key += 1) {
      const isOlder = key % 2 === 0 && 30 - key < 15;
      expect(one.store.find(String(key))[0]?.version.timestamp).toBe(isOlder ? 15 : 30 - key);
    }
  });

  it('ends with the roots if nothing differs', () => {
    const [zero, one] = [createState(0), createState(1)];
    for (const state of [zero, one]) state.keep(put('0', 1), false);
    expect(reconcile(zero, one)).toEqual({ trees: 0, questions: 0 });
    expect(reconcile(createState(2), createState(3))).toEqual({ trees: 0, questions: 0 });
  });

  it('tells nothing of a key that one of the two does not replicate', () => {
    const [zero, one] = [createState(0), createState(1)];
    one.keep(put('70', 8), false);
    expect(answerTo(one, 0, [['70']]).writes).toEqual([]);
    expect(answerTo(zero, 1, [['70', 8, 1, 1]])).toEqual({ writes: [], lacking: [], answered: 1 });
  });

  it('finds what changed after the trees were made', () => {
    const [zero, one] = [createState(0), createState(1)];
    reconcile(zero, one);
    zero.keep(put('0', 1), false);
    reconcile(zero, one);
    zero.keep(put('0', 2, null), false);
    expect(reconcile(zero, one).trees).toBe(1);
    for (const { store } of [zero, one]) store.collect(2);
    expect(reconcile(zero, one).trees).toBe(0);
    zero.keep(put('1', 3), false);
    zero.keep(put('1', 2), false);
    reconcile(one, zero);
    expect(one.store.find('1')).toEqual([put('1', 3)]);
  });
});

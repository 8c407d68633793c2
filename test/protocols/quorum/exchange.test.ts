import { describe, expect, it } from 'vitest';
import { answerTo, questionAfter } from '../../../src/protocols/quorum/exchange.ts';
import type { QuorumState } from '../../../src/protocols/quorum/state.ts';
import { createState, put } from './writes.ts';

/** Copies everything that `to` lacks; gives the number of questions. */
function copy(from: QuorumState, to: QuorumState): number {
  let after: string | null = null;
  for (let questions = 1; ; questions += 1) {
    const { known, ...range } = questionAfter(to, from.self.id, after);
    const { writes, next } = answerTo(from, to.self.id, range, known);
    for (const write of writes) to.keep(write, true);
    if (next === null) return questions;
    expect(next > (after ?? '')).toBe(true);
    after = next;
  }
}

describe('the exchange of ranges', () => {
  it('brings what is newer at the other, of the keys that both replicate', () => {
    const [zero, one] = [createState(0), createState(1)];
    for (const write of [put('0', 1), put('1', 5), put('2', 3), put('200', 9)])
      zero.keep(write, false);
    for (const write of [put('1', 4), put('2', 7), put('70', 8)]) one.keep(write, false);
    copy(zero, one);
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
    copy(one, zero);
    expect(zero.store.find('2')).toEqual([put('2', 7)]);
    expect(zero.store.find('70')).toEqual([]);
  });

  it('brings tombstones too', () => {
    const [zero, one] = [createState(0), createState(1)];
    zero.keep(put('0', 2, null), false);
    one.keep(put('0', 1), false);
    copy(zero, one);
    expect(one.store.find('0')).toEqual([put('0', 2, null)]);
  });

  it('cuts large answers and long questions into parts', () => {
    const [zero, one] = [createState(0), createState(1)];
    const long = 'v'.repeat(100_000);
    for (let key = 0; key < 20; key += 1) zero.keep(put(String(key), 30 - key, long), false);
    for (let key = 0; key < 60; key += 2) one.keep(put(String(key), 15), false);
    expect(copy(zero, one)).toBeGreaterThan(3);
    expect(one.store.size).toBe(40);
    for (let key = 0; key < 20; key += 1) {
      const isOlder = key % 2 === 0 && 30 - key < 15;
      expect(one.store.find(String(key))[0]?.version.timestamp).toBe(isOlder ? 15 : 30 - key);
    }
  });

  it('ends after one question if nothing is newer', () => {
    const [zero, one] = [createState(0), createState(1)];
    for (const state of [zero, one]) state.keep(put('0', 1), false);
    expect(copy(zero, one)).toBe(1);
    expect(copy(createState(2), one)).toBe(1);
  });
});

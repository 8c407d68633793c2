import { describe, expect, it } from 'vitest';
import { PART_BYTES } from '../../../src/kernel/limits.ts';
import type { Catchup, Entry } from '../../../src/protocols/chain/log.ts';
import { mergePages, pageOf } from '../../../src/protocols/chain/page.ts';
import {
  packApplied,
  packCatchup,
  packEntry,
  unpackApplied,
  unpackEntry,
} from '../../../src/protocols/chain/wire.ts';

function entry(timestamp: number, value: string | null = 'v'): Entry {
  const version = { timestamp, origin: { id: 3, incarnation: 2 } };
  return { key: `k${timestamp}`, value, version, session: { id: 9, incarnation: 4 }, seq: 5 };
}

const NONE: Catchup = { base: 0, upTo: 0, end: 0, entries: [], applied: [], pending: [] };
const BIG = 'x'.repeat(PART_BYTES / 2);

describe('writes on the wire', () => {
  it('come back as they were, deletions and requests too', () => {
    const noop: Entry = { ...entry(4, null), isNoop: true };
    for (const one of [entry(1), entry(2, null), entry(3, ''), noop]) {
      expect(unpackEntry(packEntry(one))).toEqual(one);
    }
    const { session, seq, version } = entry(7);
    const outcome = { session, seq, version, isNoop: true } as const;
    expect(unpackApplied(packApplied(outcome))).toEqual(outcome);
    expect(unpackApplied(packApplied({ session, seq, version }))).toEqual({
      session,
      seq,
      version,
    });
  });
});

describe('a catch-up', () => {
  it('is one part when it is small, also when it is empty', () => {
    expect(packCatchup(NONE)).toMatchObject([{ part: 0, isLast: true }]);
    const small = { ...NONE, entries: [entry(1)], pending: [entry(2)] };
    expect(packCatchup(small)).toHaveLength(1);
  });

  it('is cut into parts that lose nothing and keep the order', () => {
    const entries = [entry(1, BIG), entry(2, BIG), entry(3)];
    const pending = [entry(4, BIG), entry(5)];
    const parts = packCatchup({ ...NONE, entries, pending });
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index));
    expect(parts.filter(({ isLast }) => isLast)).toEqual([parts.at(-1)]);
    expect(parts.flatMap((part) => part.entries.map(unpackEntry))).toEqual(entries);
    expect(parts.flatMap((part) => part.pending.map(unpackEntry))).toEqual(pending);
  });
});

describe('pages', () => {
  it('give the keys behind one in order, and say where the next begins', () => {
    const values = ['c', 'a', 'b'].map((key): [string, string] => [key, BIG]);
    const first = pageOf(values, null);
    expect([first.entries.map(([key]) => key), first.next]).toEqual([['a'], 'a']);
    expect(pageOf(values, 'b')).toEqual({ entries: [['c', BIG]], next: null });
    expect(pageOf([], null)).toEqual({ entries: [], next: null });
  });

  it('of several parts end where the first of them does', () => {
    const merged = mergePages([
      {
        entries: [
          ['a', '1'],
          ['d', '4'],
        ],
        next: 'd',
      },
      {
        entries: [
          ['b', '2'],
          ['e', '5'],
        ],
        next: null,
      },
    ]);
    expect(merged).toEqual({
      entries: [
        ['a', '1'],
        ['b', '2'],
        ['d', '4'],
      ],
      next: 'd',
    });
  });
});

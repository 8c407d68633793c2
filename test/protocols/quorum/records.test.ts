import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/kernel/json.ts';
import {
  type QuorumRecord,
  restoreRecord,
  snapshotOf,
} from '../../../src/protocols/quorum/records.ts';
import { QuorumState } from '../../../src/protocols/quorum/state.ts';
import { packVersion, packWrite } from '../../../src/protocols/quorum/write.ts';
import { ORDERED, put, settings } from './writes.ts';

function restore(records: Iterable<Json>): QuorumState {
  const state = new QuorumState({ id: 0, incarnation: 2 }, settings());
  for (const record of records) restoreRecord(state, JSON.parse(JSON.stringify(record)) as Json);
  return state;
}

const LOG: readonly QuorumRecord[] = [
  { kind: 'ring', ring: ORDERED, isComplete: false },
  { kind: 'writes', writes: [packWrite(put('0', 3)), packWrite(put('1', 4, null))], isCopy: false },
  { kind: 'hints', owners: [2, 3], writes: [packWrite(put('137', 5))] },
  { kind: 'complete' },
  { kind: 'delivered', owner: 2, versions: [packVersion(put('137', 5))] },
  { kind: 'collect', floor: 4 },
  { kind: 'writes', writes: [packWrite(put('2', 2))], isCopy: true },
  { kind: 'writes', writes: [packWrite(put('3', 2))], isCopy: false },
  { kind: 'clock', clock: 9 },
];

function contentOf({ ring, isComplete, store, hints, clock }: QuorumState): unknown {
  return {
    ...{ ring: ring?.spec, isComplete, floor: store.floor, clock: clock.time },
    store: [...store.writes()].sort((a, b) => (a.key < b.key ? -1 : 1)),
    hints: [...hints.all()],
  };
}

describe('the log of a server', () => {
  it('restores its ring, data, hints, floor and clock', () => {
    expect(contentOf(restore(LOG))).toEqual({
      ...{ ring: ORDERED, isComplete: true, floor: 4, clock: 9 },
      store: [put('0', 3), put('2', 2)],
      hints: [{ owner: 3, write: put('137', 5) }],
    });
  });

  it('is not complete before the copies are', () => {
    expect(restore(LOG.slice(0, 3)).isComplete).toBe(false);
  });

  it('restores the same after a compaction at any point', () => {
    for (let length = 0; length <= LOG.length; length += 1) {
      const state = restore(LOG.slice(0, length));
      const compacted = [...snapshotOf(state)];
      expect(contentOf(restore(compacted))).toEqual(contentOf(state));
      const goneOn = [...compacted, ...LOG.slice(length)];
      expect(contentOf(restore(goneOn))).toEqual(contentOf(restore(LOG)));
    }
  });

  it('restores any time that it has taken over in steps', () => {
    const far = 2 ** 43;
    const state = restore([
      LOG[0] as Json,
      { kind: 'writes', writes: [packWrite(put('0', far))], isCopy: false },
    ] as Json[]);
    expect(state.clock.time).toBe(far);
  });

  it.each([
    ...[null, 'ring', {}, { kind: 'unknown' }, { kind: 'clock', clock: -1 }],
    ...[
      { kind: 'writes', writes: [['x', 1, 1, 1, 1]], isCopy: false },
      { kind: 'complete', at: 1 },
    ],
  ] as Json[])('refuses %j', (record) => {
    expect(() => restore([record])).toThrow(/no record of the quorum protocol/);
  });
});

import { describe, expect, it } from 'vitest';
import { CallError } from '../../src/kernel/errors.ts';
import type { Json } from '../../src/kernel/json.ts';
import type { Storage } from '../../src/kernel/storage.ts';
import { Compaction, isLong } from '../../src/replication/compaction.ts';
import { settled } from '../support/fakeEnv.ts';

it('a log is long when it has enough records, and twice as many as the state', () => {
  expect([isLong(99, 100, 0), isLong(100, 100, 50), isLong(100, 100, 51)]).toEqual([
    false,
    true,
    false,
  ]);
});

function storageWith(hasRoom: boolean, isDurable = true) {
  const compacted: Json[][] = [];
  let refused = 0;
  const storage: Storage = {
    isDurable,
    length: 1_000,
    append: () => Promise.resolve(),
    compact: (records) => {
      if (hasRoom) {
        compacted.push([...records]);
        return Promise.resolve();
      }
      refused += 1;
      return Promise.reject(new CallError('E_STORAGE'));
    },
  };
  return { storage, compacted, refused: () => refused };
}

describe('a long log', () => {
  it('is compacted, one compaction at a time', async () => {
    const { storage, compacted } = storageWith(true);
    const compaction = new Compaction(storage, 100);
    compaction.ifLong(1, () => ['one']);
    compaction.ifLong(1, () => ['two']);
    expect(compacted).toEqual([['one']]);
    await settled();
    compaction.ifLong(1, () => ['three']);
    expect(compacted).toEqual([['one'], ['three']]);
  });

  it('that there was no room to compact is left alone', async () => {
    const { storage, refused } = storageWith(false);
    const compaction = new Compaction(storage, 100);
    for (let turn = 0; turn < 3; turn += 1) {
      compaction.ifLong(1, () => ['one']);
      await settled();
    }
    expect(refused()).toBe(1);
  });

  it('in memory is none', () => {
    const { storage, compacted } = storageWith(true, false);
    new Compaction(storage, 100).ifLong(1, () => ['one']);
    expect(compacted).toEqual([]);
  });
});

// What a server of the chain writes down, over a storage that is the test.
import { describe, expect, it } from 'vitest';
import { CallError } from '../../../src/kernel/errors.ts';
import type { Json } from '../../../src/kernel/json.ts';
import type { Storage } from '../../../src/kernel/storage.ts';
import type { Configuration } from '../../../src/protocols/chain/configuration.ts';
import { Journal } from '../../../src/protocols/chain/journal.ts';
import type { Entry } from '../../../src/protocols/chain/log.ts';
import { ChainState } from '../../../src/protocols/chain/state.ts';

const SELF = { id: 0, incarnation: 1 };
const ALONE: Configuration = {
  epoch: 1,
  lives: [[0, 1]],
  chains: [{ owner: 0, members: [0], holders: [], joiner: null }],
};

/** A log that is always too long, on a disk with room for so many lines and compactions. */
function createJournal({ appends = 1_000, compactions = 1_000 }) {
  const refusal = new CallError('E_STORAGE');
  const kept: Json[] = [];
  const compacted: Json[][] = [];
  let refused = 0;
  const storage: Storage = {
    isDurable: true,
    length: 1_000_000,
    append: (record) => {
      if (kept.length >= appends) return Promise.reject(refusal);
      kept.push(record);
      return Promise.resolve();
    },
    compact: (records) => {
      if (compacted.length >= compactions) {
        refused += 1;
        return Promise.reject(refusal);
      }
      compacted.push([...records]);
      return Promise.resolve();
    },
  };
  const state = new ChainState(SELF);
  state.adopt(ALONE);
  const told: string[] = [];
  const journal = new Journal(storage, state, () => told.push('full'));
  const push = (timestamp: number): Promise<void> => {
    const entry: Entry = {
      key: 'k',
      value: `v${timestamp}`,
      version: { timestamp, origin: SELF },
      session: { id: 9, incarnation: 1 },
      seq: timestamp,
    };
    state.openLog(0).push(entry);
    return journal.pushed(0, [entry], 0);
  };
  return { journal, kept, compacted, told, push, refused: () => refused };
}

describe('the journal', () => {
  it('tells once that the disk has no room, and asks it for none any more', async () => {
    const { journal, kept, told, push } = createJournal({ appends: 2 });
    await journal.configured(ALONE);
    await push(1);
    await expect(push(2)).rejects.toThrow(CallError);
    await expect(push(3)).rejects.toThrow(CallError);
    expect([journal.isFull, told, kept.length]).toEqual([true, ['full'], 2]);
  });

  it('goes on with a log that there was no room to compact, and lets that be', async () => {
    const { journal, told, kept, push, refused } = createJournal({ compactions: 0 });
    for (const timestamp of [1, 2, 3, 4]) await push(timestamp);
    expect([journal.isFull, told, kept.length, refused()]).toEqual([false, [], 4, 1]);
  });

  it('compacts one state after the other, with what is on its way', async () => {
    const { compacted, push } = createJournal({});
    await push(1);
    await push(2);
    expect(compacted.map((lines) => lines.length)).toEqual([2, 2]);
    expect(JSON.stringify(compacted[1])).toMatch(/"v1".*"v2"/);
  });
});

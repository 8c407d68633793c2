import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/kernel/json.ts';
import type { Storage } from '../../../src/kernel/storage.ts';
import { Debts } from '../../../src/protocols/quorum/debts.ts';
import { Journal } from '../../../src/protocols/quorum/journal.ts';
import type { QuorumRecord } from '../../../src/protocols/quorum/records.ts';
import { applyRecord, restoreRecord, snapshotOf } from '../../../src/protocols/quorum/records.ts';
import type { QuorumState } from '../../../src/protocols/quorum/state.ts';
import { packVersion, packWrite } from '../../../src/protocols/quorum/write.ts';
import { createState, put } from './writes.ts';

/** Key 5 belongs to 0, 1 and 2. */
const WRITE = put('5', 4);
const MADE: QuorumRecord = { kind: 'made', write: packWrite(WRITE), owners: [1, 2] };
const settled = (...owners: number[]): QuorumRecord => {
  return { kind: 'settled', versions: [packVersion(WRITE)], owners };
};

function hintsOf({ hints }: QuorumState): number[] {
  return Array.from(hints.all(), ({ owner }) => owner);
}

describe('what a coordinator owes', () => {
  it('becomes hints when all calls of the write have ended', () => {
    const debts = new Debts();
    debts.incur(WRITE, [1, 2]);
    expect([debts.find(1, '5'), debts.find(3, '5'), debts.find(1, '6')]).toEqual([[WRITE], [], []]);
    expect(debts.settle(WRITE.version, [2])).toEqual([{ owner: 1, write: WRITE }]);
    expect(debts.settle(WRITE.version, [])).toEqual([]);
    expect([...debts.all()]).toEqual([]);
  });

  it('is no hint while the write is under way', () => {
    const state = createState(0);
    applyRecord(state, MADE);
    expect([state.store.find('5'), hintsOf(state)]).toEqual([[WRITE], []]);
    applyRecord(state, settled(1));
    expect(hintsOf(state)).toEqual([2]);
  });

  it('is owed by the next life, except to those that have confirmed', () => {
    const state = createState(0);
    restoreRecord(state, MADE as unknown as Json);
    expect(hintsOf(state)).toEqual([1, 2]);
    restoreRecord(state, settled(1) as unknown as Json);
    expect(hintsOf(state)).toEqual([2]);
  });

  it('outlives a compaction in the middle of the write', () => {
    const state = createState(0);
    applyRecord(state, MADE);
    const next = createState(0);
    for (const record of snapshotOf(state)) restoreRecord(next, record as unknown as Json);
    expect(hintsOf(next)).toEqual([1, 2]);
    restoreRecord(next, settled(1, 2) as unknown as Json);
    expect(hintsOf(next)).toEqual([]);
  });
});

describe('a record that may be lost', () => {
  function createJournal(): { journal: Journal; kinds: string[] } {
    const kinds: string[] = [];
    const storage = {
      append: (record: Json) => {
        kinds.push((record as unknown as QuorumRecord).kind);
        return Promise.resolve();
      },
    };
    const journal = new Journal(createState(0), storage as unknown as Storage);
    return { journal, kinds };
  }

  it('takes effect at once, and goes to the log before the next one', async () => {
    const { journal, kinds } = createJournal();
    await journal.commit(MADE);
    journal.later(settled(1));
    expect([hintsOf(journal.state), kinds]).toEqual([[2], ['made']]);
    await journal.commit({ kind: 'clock', clock: 9 });
    expect(kinds).toEqual(['made', 'settled', 'clock']);
  });

  it('goes to the log when it is flushed, once', async () => {
    const { journal, kinds } = createJournal();
    journal.later(settled(1));
    await journal.flush();
    await journal.flush();
    expect(kinds).toEqual(['settled']);
  });
});

// The records of a log restore the state from which they came, and so do those of a compaction.
import { describe, expect, it } from 'vitest';
import { VersionVector } from '../../../src/clocks/versionVector.ts';
import { CallError } from '../../../src/kernel/errors.ts';
import type { Json } from '../../../src/kernel/json.ts';
import { createRandomStream, randomBelow } from '../../../src/kernel/random.ts';
import type { Storage } from '../../../src/kernel/storage.ts';
import { Journal } from '../../../src/protocols/causal/journal.ts';
import { restoreRecord, snapshotOf } from '../../../src/protocols/causal/records.ts';
import { CausalState } from '../../../src/protocols/causal/state.ts';

const SELF = { id: 1, incarnation: 2 };

/** All that a state knows, as text. */
function describeState(state: CausalState): string {
  const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : 1);
  return JSON.stringify([
    state.clock.time,
    state.applied.toTuples(),
    [...state.entries()].sort(byKey),
    [...state.sessions()],
    state.entriesBeyond(VersionVector.fromTuples([[1, 2, 5]])),
  ]);
}

function restore(records: Iterable<Json>): CausalState {
  const state = new CausalState({ ...SELF, incarnation: 9 });
  for (const record of records) restoreRecord(state, record);
  return state;
}

/** A storage whose appends are durable in the next turn. */
function createKeeping(): { storage: Storage; records: Json[] } {
  const records: Json[] = [];
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const storage: Storage = {
    isDurable: true,
    get length() {
      return records.length;
    },
    append: (record) => {
      records.push(JSON.parse(JSON.stringify(record)));
      return turn();
    },
    compact: turn,
  };
  return { storage, records };
}

/** Random writes, transfers of a peer, clocks and refusals, many of them at once. */
async function runRandomly(seed: number): Promise<{ state: CausalState; records: Json[] }> {
  const random = createRandomStream(seed, 'records');
  const state = new CausalState(SELF);
  const { storage, records } = createKeeping();
  const journal = new Journal(state, storage);
  const peer = new CausalState({ id: 7, incarnation: 1 });
  const keyOf = (): string => `key ${randomBelow(random, 8)}`;
  for (let step = 0; step < 60; step += 1) {
    const session: [number, number] = [100 + randomBelow(random, 3), 1];
    const value = random() < 0.3 ? null : `value ${step}`;
    const chance = random();
    const jobs: unknown[] = [];
    if (chance < 0.5) {
      const guard = random() < 0.3 ? peer.applied.toTuples() : null;
      const write = { session, seq: step + 1, key: keyOf(), value, guard, clock: step };
      jobs.push(journal.write({ kind: 'write', incarnation: SELF.incarnation, ...write }));
    } else if (chance < 0.8) {
      peer.clock.witness(state.clock.time);
      peer.write({ id: 200, incarnation: 1 }, step + 1, { key: keyOf(), value });
      const since = random() < 0.8 ? state.applied.copy() : new VersionVector();
      const entries = peer.entriesBeyond(since);
      jobs.push(journal.merge(since, entries, peer.applied.copy(), peer.collected));
    } else if (chance < 0.9) journal.witness(step * 2);
    else jobs.push(journal.refuse(session, step + 1));
    if (random() < 0.5) await Promise.all(jobs);
  }
  await new Promise((resolve) => setImmediate(resolve));
  return { state, records };
}

describe('what was kept', () => {
  it('restores to the same state, in another life', async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const { state, records } = await runRandomly(seed);
      expect(records.length).toBeGreaterThan(20);
      expect(describeState(restore(records)), `seed ${seed}`).toBe(describeState(state));
    }
  });

  it('restores to the same state once it is compacted, and goes on alike', async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const { state, records } = await runRandomly(seed);
      const half = records.slice(0, records.length / 2);
      const snapshot = JSON.parse(JSON.stringify([...snapshotOf(restore(half))]));
      const compacted = restore([...snapshot, ...records.slice(half.length)]);
      expect(describeState(compacted), `seed ${seed}`).toBe(describeState(state));
    }
  });

  it('takes a record twice only where that changes nothing (G8)', async () => {
    const { state, records } = await runRandomly(3);
    const twice = records.flatMap((record) => [record, record]);
    expect(describeState(restore(twice))).toBe(describeState(state));
  });
});

describe('a copy of a request', () => {
  const write = (seq: number) => ({
    ...{ kind: 'write' as const, incarnation: SELF.incarnation, session: [100, 1] as const, seq },
    ...{ key: 'k', value: `${seq}`, guard: null, clock: 0 },
  });

  it('has the answer of the first, whose record is under way, and no other record', async () => {
    const { storage, records } = createKeeping();
    const journal = new Journal(new CausalState(SELF), storage);
    const [first, copy] = await Promise.all([journal.write(write(1)), journal.write(write(1))]);
    expect(copy).toEqual(first);
    expect(await journal.write(write(1))).toEqual(first);
    expect(await journal.refuse([100, 1], 1)).toEqual(first);
    expect(records).toHaveLength(1);
  });

  it('has it too where there is no room any more; what is new is refused', async () => {
    const { storage } = createKeeping();
    const state = new CausalState(SELF);
    const first = await new Journal(state, storage).write(write(1));
    const full = new Journal(state, {
      ...storage,
      append: () => Promise.reject(new CallError('E_STORAGE')),
    });
    expect(await full.write(write(1))).toEqual(first);
    await expect(full.write(write(2))).rejects.toMatchObject({ code: 'E_STORAGE' });
    expect(await full.write({ ...write(1), seq: 0 })).toBeUndefined();
  });
});

it.each<[string, Json]>([
  ['nothing', null],
  ['a number', 7],
  ['an unknown kind', { kind: 'erase' }],
  ['a name of every object', { kind: 'constructor' }],
  ['a missing field', { kind: 'clock' }],
  ['a field too many', { kind: 'clock', clock: 1, more: 1 }],
  ['a time beyond what is exact', { kind: 'clock', clock: 2 ** 53 }],
  ['a wrong entry', { kind: 'merge', since: [], applied: [], entries: [['k', 1, 1, 1, 1]] }],
])('%s is no record (F11)', (_what, record) => {
  const state = new CausalState(SELF);
  expect(() => restoreRecord(state, record)).toThrow('no record of the causal protocol');
});

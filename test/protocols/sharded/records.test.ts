// The records of a server: they restore the same state, and inconsistent ones are refused.
import { describe, expect, it } from 'vitest';
import { copyJson, type Json } from '../../../src/kernel/json.ts';
import {
  Restoring,
  recordsOf,
  recoveredWrites,
  wholeState,
} from '../../../src/protocols/sharded/records.ts';
import { ShardedState } from '../../../src/protocols/sharded/state.ts';
import { packEntry } from '../../../src/protocols/sharded/wire.ts';
import { configuration, entry, group, lifeOf, put, request, settings } from './builders.ts';

const ALONE = configuration(3, [group(1, [0])]);

/** Of five requests the first three are applied, and all on the disk. */
function createState(): ShardedState {
  const state = new ShardedState(lifeOf(0), settings());
  state.adopt(ALONE);
  const { log } = state;
  if (log === undefined) throw new Error('no log');
  log.push(put(1, 1, 'abc'));
  log.push(entry(1, request(2, 'popLeft', { ended: 1 })));
  log.push(put(1, 3, 'x', '1'));
  log.push(entry(1, request(4, 'delete', { key: '1' })));
  log.push(entry(1, request(5, 'appendRight', { value: 'd' })));
  log.keep(log.generation, log.last);
  log.apply(3);
  return state;
}

function restored(records: readonly unknown[]): ShardedState {
  const state = new ShardedState(lifeOf(0, 2), settings());
  const restoring = new Restoring(state);
  for (const record of records) restoring.restore(copyJson(record as Json));
  return state;
}

function contentOf({ number, log, clock }: ShardedState) {
  const shards = log?.shards.slots.map((slot) => {
    const shard = log.shards.shard(slot);
    return [slot, [...(shard?.values ?? [])], [...(shard?.requests.sessions() ?? [])]];
  });
  return { number, extent: log?.extent, pending: log?.pending, shards, time: clock.time };
}

/** The records as they were written one by one. */
function singleRecords(): unknown[] {
  const { log } = createState();
  const entries = log?.after(0) ?? [];
  return [
    ['configuration', ALONE, 1],
    ['entries', 0, entries.slice(0, 2).map(packEntry), 0],
    ['entries', 2, entries.slice(2, 3).map(packEntry), 2],
    ['entries', 3, entries.slice(3).map(packEntry), 3],
  ];
}

describe('records', () => {
  it('restore the same state, single or compacted', () => {
    const state = createState();
    const content = { ...contentOf(state), time: 5 };
    expect(contentOf(restored(singleRecords()))).toEqual(content);
    expect(contentOf(restored(wholeState(state, 5)))).toEqual(content);
    const again = restored(wholeState(state, 5));
    expect(contentOf(restored(wholeState(again, 5)))).toEqual(content);
  });

  it('have no entries beyond those that the disk was given', () => {
    const { last, applied } = createState().log ?? { last: 0, applied: 0 };
    const lasts = [last, last - 1, 0].map((upTo) => restored(wholeState(createState(), upTo)));
    expect(lasts.map(({ log }) => log?.last)).toEqual([last, last - 1, applied]);
  });

  it('restore a prefix where the end is missing', () => {
    const records = singleRecords();
    const lasts = records.map((_, index) => restored(records.slice(0, index + 1)).log?.last);
    expect(lasts).toEqual([0, 2, 3, 5]);
    expect(restored(records).log?.durable).toBe(5);
  });

  it('replace what an earlier primary had sent', () => {
    const state = restored([
      ...singleRecords(),
      ['entries', 4, [packEntry(put(2, 9, 'later'))], 4],
    ]);
    expect(state.log?.extent).toEqual({
      history: [
        [1, 1],
        [2, 5],
      ],
      last: 5,
      applied: 4,
    });
    expect(state.log?.shards.read(1, '1')).toBeUndefined();
  });

  it('of a snapshot take effect with the last of them', () => {
    const snapshot = createState().log?.snapshot();
    if (snapshot === undefined) throw new Error('no snapshot');
    const [record] = recordsOf(snapshot);
    if (record?.[0] !== 'install') throw new Error('no record');
    const [, upTo, , history, received, pieces] = record;
    const head = [
      ['configuration', ALONE, 1],
      ['entries', 0, [packEntry(put(1, 1))], 0],
    ];
    const first = ['install', upTo, false, history, received, pieces.slice(0, 1)];
    const last = ['install', upTo, true, history, received, pieces.slice(1)];
    expect(pieces.length).toBeGreaterThan(1);
    expect(restored([...head, first]).log?.extent).toMatchObject({ last: 1, applied: 0 });
    const state = restored([...head, first, last]);
    expect(state.log?.extent).toEqual({ history: [[1, 1]], last: 3, applied: 3 });
    expect(contentOf(state).shards).toEqual(contentOf(createState()).shards);
  });

  it('of another group begin another log', () => {
    const next = configuration(4, [group(1, [1]), group(2, [0])]);
    const state = restored([...singleRecords(), ['configuration', next, 2]]);
    expect([state.number, state.log?.group, state.log?.last]).toEqual([4, 2, 0]);
    expect(restored([...singleRecords(), ['configuration', next, null]]).log).toBeUndefined();
  });

  it.each([
    ['entries without a group', [['entries', 0, [], 0]]],
    [
      'entries after a gap',
      [
        ['configuration', ALONE, 1],
        ['entries', 1, [], 0],
      ],
    ],
    [
      'an earlier configuration',
      [
        ['configuration', ALONE, 1],
        ['configuration', { ...ALONE, number: 2 }, 1],
      ],
    ],
    [
      'an entry of an earlier epoch',
      [
        ['configuration', ALONE, 1],
        ['entries', 0, [packEntry(put(2, 1)), packEntry(put(1, 2))], 0],
      ],
    ],
    ['entries before what is applied', [...singleRecords(), ['entries', 1, [], 0]]],
    ['an unknown kind', [['something', 1]]],
    ['a field too many', [['configuration', ALONE, 1, 1]]],
  ])('are refused with %s', (_, records) => {
    expect(() => restored(records)).toThrow(Error);
  });
});

it('the values that a disk had are known, and those that it may still give', () => {
  const writes = [...recoveredWrites(createState())];
  expect(writes.map(({ key, value, outcome }) => [key, value, outcome])).toEqual([
    ['0', 'bc', 'ok'],
    ['1', 'x', 'ok'],
    ['1', null, 'unknown'],
    ['0', 'bcd', 'unknown'],
  ]);
});

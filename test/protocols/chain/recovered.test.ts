// Which writes on the disk of a chain server have certainly taken effect, and which may have.
import { expect, it } from 'vitest';
import type { Configuration } from '../../../src/protocols/chain/configuration.ts';
import type { Entry } from '../../../src/protocols/chain/log.ts';
import {
  type ChainRecord,
  restoreRecord,
  wholeState,
} from '../../../src/protocols/chain/records.ts';
import { recoveredWrites } from '../../../src/protocols/chain/recovered.ts';
import { ChainState } from '../../../src/protocols/chain/state.ts';
import { packEntry } from '../../../src/protocols/chain/wire.ts';

const HEAD = { id: 7, incarnation: 1 };

function configuration(epoch: number, members: number[], joiner: number | null = null) {
  const ids = joiner === null ? members : [...members, joiner];
  const made: Configuration = {
    epoch,
    lives: ids.map((id): [number, number] => [id, 1]),
    chains: [{ owner: 0, members, holders: [], joiner }],
  };
  return ['configuration', made] as unknown as ChainRecord;
}

function entry(timestamp: number, value: string | null): Entry {
  const version = { timestamp, origin: HEAD };
  return { key: 'x', value, version, session: { id: 9, incarnation: 1 }, seq: timestamp };
}

/** `committed` is what was known to be acknowledged when the record was written. */
function push(committed: number, ...entries: Entry[]) {
  return ['push', 0, entries.map(packEntry), committed] as unknown as ChainRecord;
}

function committed(upTo: number): ChainRecord {
  return ['committed', 0, upTo];
}

/** What server 3 recovers of x: `v2 ok`. */
function recovered(...records: ChainRecord[]): string[] {
  const state = new ChainState({ id: 3, incarnation: 2 });
  for (const record of records) restoreRecord(state, record as never);
  return Array.from(recoveredWrites(state), ({ value, version, outcome }) => {
    expect(version?.slice(1)).toEqual([HEAD.id, HEAD.incarnation]);
    return `${value ?? '-'} ${outcome}`;
  });
}

const [v1, v2, v3, gone] = [entry(1, 'v1'), entry(2, 'v2'), entry(3, 'v3'), entry(4, null)];

it('nothing comes of an empty disk', () => {
  expect(recovered()).toEqual([]);
  expect(recovered(configuration(1, [3]))).toEqual([]);
});

it('nothing comes of what has changed nothing', () => {
  const noop: Entry = { ...entry(2, null), isNoop: true };
  expect(recovered(configuration(1, [3]), push(0, v1), push(1, noop))).toEqual(['v1 ok']);
  expect(recovered(configuration(1, [3, 4]), push(0, v1), push(1, noop))).toEqual(['v1 ok']);
});

it('all that the only member has, the latest of each key, deletions too', () => {
  expect(recovered(configuration(1, [3]), push(0, v1), push(1, v2))).toEqual(['v2 ok']);
  expect(recovered(configuration(1, [3]), push(0, v1), push(1, gone))).toEqual(['- ok']);
});

it('of one of several members only what is known to be acknowledged, of the tail too', () => {
  for (const members of [
    [3, 8],
    [8, 3, 9],
    [8, 3],
  ]) {
    const records = [configuration(1, members), push(0, v1), push(1, v2), push(1, v3)];
    expect(recovered(...records)).toEqual(['v1 ok', 'v2 unknown', 'v3 unknown']);
  }
});

it('of a tail that has recorded what it acknowledged all of that', () => {
  const records = [configuration(1, [8, 3]), push(0, v1), push(0, v2)];
  expect(recovered(...records, committed(1))).toEqual(['v1 ok', 'v2 unknown']);
  expect(recovered(...records, committed(2))).toEqual(['v2 ok']);
});

it('of a single member with a joiner after it no more than is acknowledged', () => {
  const records = [push(0, v1), push(1, v2)];
  expect(recovered(configuration(1, [3], 9), ...records)).toEqual(['v1 ok', 'v2 unknown']);
});

it('of a member that is alone in its last configuration all that its disk has', () => {
  const records = [configuration(1, [8, 3]), push(0, v1), push(1, v2)];
  expect(recovered(...records, configuration(2, [3]))).toEqual(['v2 ok']);
});

it('the same when the log has been compacted', () => {
  const state = new ChainState({ id: 3, incarnation: 1 });
  const records = [configuration(1, [3, 8]), push(0, v1), push(1, v2)];
  for (const record of records) restoreRecord(state, record as never);
  expect(recovered(...wholeState(state))).toEqual(['v1 ok', 'v2 unknown']);
});

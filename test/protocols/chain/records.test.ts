// The records of a chain server: they restore the same state, and inconsistent ones are refused.
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/kernel/json.ts';
import type { Configuration } from '../../../src/protocols/chain/configuration.ts';
import type { ArcLog, Entry } from '../../../src/protocols/chain/log.ts';
import { restoreRecord, wholeState } from '../../../src/protocols/chain/records.ts';
import { ChainState } from '../../../src/protocols/chain/state.ts';

const SELF = { id: 0, incarnation: 1 };
const NEXT = { id: 0, incarnation: 2 };
const ALONE: Configuration = {
  epoch: 3,
  lives: [[0, 1]],
  chains: [{ owner: 0, members: [0], holders: [], joiner: null }],
};

/** Each write is another client's, so that each is remembered as a request. */
function sessionOf(timestamp: number) {
  return { id: 100 + timestamp, incarnation: 1 };
}

function entry(timestamp: number, key: string): Entry {
  const session = sessionOf(timestamp);
  return {
    key,
    value: `v${timestamp}`,
    version: { timestamp, origin: SELF },
    session,
    seq: timestamp,
  };
}

/** Of five writes the first two are acknowledged, and the first four on the disk. */
function createState(): ChainState {
  const state = new ChainState(SELF);
  state.adopt(ALONE);
  const log = state.openLog(0);
  for (const timestamp of [1, 2, 3, 4, 5]) log.push(entry(timestamp, `k${timestamp % 2}`));
  log.keep(log.generation, 4);
  log.commit(2);
  return state;
}

function restored(records: readonly Json[]): ChainState {
  const state = new ChainState(NEXT);
  for (const record of records) restoreRecord(state, record);
  return state;
}

function look(log: ArcLog | undefined): unknown {
  return (
    log && {
      committed: log.committed,
      last: log.last,
      entries: [...log.entries()],
      pending: log.pending,
      requests: [1, 2, 3, 4, 5].map((seq) => log.find({ session: sessionOf(seq), seq })),
    }
  );
}

describe('a log that was compacted', () => {
  it('restores to the same: what is acknowledged, what is on its way, whose requests', () => {
    const state = createState();
    const records = JSON.parse(JSON.stringify(wholeState(state))) as Json[];
    const next = restored(records);
    expect(look(next.logs.get(0))).toEqual(look(state.logs.get(0)));
    expect(next.configuration).toEqual(ALONE);
    expect(next.clock.time).toBe(5);
  });

  it('goes as far as before, though what lay there is in another part of its arc', () => {
    const state = createState();
    const log = state.openLog(0);
    const nothing = { entries: [], applied: [], pending: [] };
    // It is being written, so nothing of it counts as durable yet.
    state.install(log, { base: 2, upTo: 3, end: 9, ...nothing });
    expect([log.last, log.durable]).toEqual([9, -1]);
    expect(restored(wholeState(state) as unknown as Json[]).logs.get(0)?.last).toBe(9);
  });

  it('knows a request that was acknowledged before it was compacted twice (H7)', () => {
    const once = restored(JSON.parse(JSON.stringify(wholeState(createState()))) as Json[]);
    const log = restored(JSON.parse(JSON.stringify(wholeState(once))) as Json[]).logs.get(0);
    expect(log?.find({ session: sessionOf(2), seq: 2 })).toEqual({
      version: { timestamp: 2, origin: SELF },
    });
  });
});

describe('a record that makes no sense (F11)', () => {
  const configuration = ['configuration', ALONE] as unknown as Json;
  const wire = (timestamp: number): Json => ['k', 'v', timestamp, 0, 1, 9, 1, timestamp];
  const installed = (fields: { [name: string]: Json }): Json => [
    'install',
    0,
    { base: 0, upTo: 0, end: 0, entries: [], applied: [], pending: [], ...fields },
  ];
  const senseless: [why: string, record: Json][] = [
    ['nothing', null],
    ['no list', { configuration: 1 }],
    ['another kind', ['append', 0, [], 0]],
    ['the name of a property of all objects', ['constructor', 0]],
    ['too few fields', ['push', 0, []]],
    ['too many fields', ['push', 0, [], 0, 0]],
    ['a negative time', ['push', 0, [['k', 'v', -1, 0, 1, 9, 1, 1]], 0]],
    ['a write without its request', ['push', 0, [['k', 'v', 1, 0, 1]], 0]],
    ['a key that is no text', ['push', 0, [[7, 'v', 1, 0, 1, 9, 1, 1]], 0]],
    ['an arc that is not there', ['push', 4, [wire(1)], 0]],
    ['an end of an arc that is not there', ['committed', 4, 1]],
    ['an end that is no time', ['committed', 0, -1]],
    ['writes that go back', ['push', 0, [wire(2), wire(1)], 0]],
    ['a write twice', ['push', 0, [wire(1), wire(1)], 0]],
    ['a clock too far ahead', ['push', 0, [wire(Number.MAX_SAFE_INTEGER)], 0]],
    ['a catch-up from behind the end', installed({ base: 5, upTo: 6, end: 6 })],
    ['pending writes that are acknowledged', installed({ upTo: 3, end: 3, pending: [wire(3)] })],
    ['a catch-up without its end', ['install', 0, { base: 0, upTo: 0, entries: [] }]],
    ['the same configuration again', configuration],
    ['an earlier configuration', ['configuration', { ...ALONE, epoch: 2 } as unknown as Json]],
    [
      'a configuration without chains',
      ['configuration', { ...ALONE, epoch: 4, chains: [] } as unknown as Json],
    ],
    [
      'a configuration with an arc twice',
      [
        'configuration',
        { ...ALONE, epoch: 4, chains: [ALONE.chains[0], ALONE.chains[0]] } as unknown as Json,
      ],
    ],
  ];

  it.each(senseless)('is refused: %s', (_, record) => {
    const state = restored([configuration]);
    const attempt = (): void => restoreRecord(state, record);
    expect(attempt).toThrow(Error);
    // A bug would end the process; damage is reported with its position in the log.
    expect(attempt).not.toThrow(expect.objectContaining({ name: 'Bug' }));
  });

  it('is refused before any configuration, too', () => {
    expect(() => restored([['push', 0, [wire(1)], 0]])).toThrow('there is no arc of 0');
  });

  it('is not what makes some: each of these is taken without the fault', () => {
    const records: Json[] = [
      configuration,
      ['push', 0, [wire(1), wire(2)], 0],
      ['committed', 0, 2],
      installed({ base: 0, upTo: 2, end: 3, pending: [wire(3)] }),
      ['configuration', { ...ALONE, epoch: 4 } as unknown as Json],
    ];
    expect(restored(records).logs.get(0)?.last).toBe(3);
  });
});

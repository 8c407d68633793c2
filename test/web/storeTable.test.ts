// The stores side by side, and where they differ.
import { describe, expect, it } from 'vitest';
import type { InspectedEntry, Inspection } from '../../src/kernel/inspection.ts';
import { fieldRows } from '../../src/web/cursor/fields.ts';
import { formatVersion, StoreTable } from '../../src/web/cursor/storeTable.ts';
import { runScript } from '../../src/web/run/runScript.ts';
import type { Look } from '../../src/web/view.ts';
import { sample } from '../support/extent.ts';
import { shipped, upTo } from './support/sources.ts';

function entry(key: string, value: string | null, time = 1): InspectedEntry {
  return { key, value, version: [time, 0, 1] };
}

function lookOf(...states: readonly (Inspection | null)[]): Look {
  return { cursor: 1, servers: states.map((state, id) => ({ id, state })), service: null };
}

describe('a row', () => {
  it('agrees if all servers hold the same', () => {
    const table = new StoreTable(
      lookOf({ store: [entry('a', 'x')] }, { store: [entry('a', 'x')] }),
    );
    expect(table.keys).toEqual(['a']);
    expect(table.row('a').differs).toBe(false);
  });

  it('differs by value, by version and by a missing key; the majority is variant 0', () => {
    const rowOf = (...entries: readonly (InspectedEntry | undefined)[]) => {
      const states = entries.map((one) => ({ store: one === undefined ? [] : [one] }));
      const { differs, cells } = new StoreTable(lookOf(...states)).row('a');
      return [differs, ...cells.map(({ variant }) => variant)];
    };
    expect(rowOf(entry('a', 'x'), entry('a', 'y'), entry('a', 'y'))).toEqual([true, 1, 0, 0]);
    expect(rowOf(entry('a', 'x', 1), entry('a', 'x', 2))).toEqual([true, 0, 1]);
    expect(rowOf(entry('a', 'x'), undefined)).toEqual([true, 0, 1]);
    expect(rowOf(entry('a', 'x'), entry('a', 'y'), undefined)).toEqual([true, 0, 1, 2]);
  });

  it('takes a tombstone like a collected one, and concurrent values in any order', () => {
    const gone = new StoreTable(lookOf({ store: [entry('a', null)] }, { store: [] }));
    expect(gone.row('a').differs).toBe(false);
    expect(gone.row('a').cells[0]?.entries[0]?.value).toBeNull();
    const both = [entry('a', 'x', 1), entry('a', 'y', 2)];
    const siblings = lookOf({ store: both }, { store: [...both].reverse() });
    expect(new StoreTable(siblings).row('a').differs).toBe(false);
  });

  it('is empty, and no difference, at a server that is no replica of the key', () => {
    const lists = [{ key: 'a', servers: [0, 2] }];
    const look = lookOf(
      { ring: [], lists, store: [entry('a', 'x')] },
      { ring: [], lists: [], store: [] },
      { ring: [], lists: [], store: [entry('a', 'x')] },
    );
    const { differs, cells } = new StoreTable(look).row('a');
    expect(differs).toBe(false);
    expect(cells.map(({ isReplica }) => isReplica)).toEqual([true, false, true]);
  });
});

const SCRIPTS: readonly (readonly [name: string, step: number])[] = [
  ['causal/partition', 3],
  ['quorum/hint-recovery', 3],
  ['quorum/stale-one', 2],
  ['chain/different-keys', 3],
  ['sharded/manual-join', 3],
];

describe('a real run', () => {
  it.each(sample(SCRIPTS, 3))('differs where inspect says so: %s', async (name, step) => {
    const source = shipped(name);
    const { length } = source.script.split('\n');
    let keys = 0;
    for (let count = length - 1; count > 4; count -= step) {
      const { said } = await runScript(upTo(source, count, ['inspect']));
      const answers = said.filter(({ line, stream }) => stream === 'answer' && line === count + 1);
      if (answers.some(({ text }) => /E_TIMEOUT|:null/.test(text))) continue;
      const told = answers.flatMap(({ text }) => /^differs:(.*)$/.exec(text)?.[1] ?? []);
      const table = new StoreTable(await lastLook(source, count));
      const differing = table.keys.filter((key) => table.row(key).differs);
      expect({ count, differing }).toEqual({ count, differing: told });
      keys += table.keys.length;
    }
    expect(keys).toBeGreaterThan(0);
  });
});

async function lastLook(source: ReturnType<typeof shipped>, count: number): Promise<Look> {
  const view = await runScript(upTo(source, count));
  return view.looks.at(-1) ?? { cursor: 0, servers: [], service: null };
}

describe('versions and fields', () => {
  it('are short', () => {
    expect(formatVersion([7, 2, 1])).toBe('7@2');
    expect(formatVersion([7, 2, 3])).toBe('7@2.3');
    expect(formatVersion(null)).toBe('');
  });

  it('have a row each, without what is drawn elsewhere', () => {
    const state = { clock: 7, log: { last: 2, applied: 1 }, vector: [[0, 1, 4]], store: [] };
    expect(
      fieldRows([
        { id: 3, state },
        { id: 4, state: null },
      ]),
    ).toEqual([
      {
        name: 'clock',
        texts: [
          { server: 3, text: '7' },
          { server: 4, text: '' },
        ],
      },
      {
        name: 'log.last',
        texts: [
          { server: 3, text: '2' },
          { server: 4, text: '' },
        ],
      },
      {
        name: 'log.applied',
        texts: [
          { server: 3, text: '1' },
          { server: 4, text: '' },
        ],
      },
      {
        name: 'vector',
        texts: [
          { server: 3, text: '0.1: 4' },
          { server: 4, text: '' },
        ],
      },
    ]);
  });
});

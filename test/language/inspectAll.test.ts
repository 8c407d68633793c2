// The command inspect without an id.
import { expect, it } from 'vitest';
import type { StoreSnapshot } from '../../src/kernel/snapshot.ts';
import { findDiffering } from '../../src/language/inspectAll.ts';

const held = (key: string, value: string | null, timestamp: number) => {
  return { key, value, version: [timestamp, 0, 1] as const };
};

function server(id: number, entries: StoreSnapshot['entries'], replicas?: [string, number[]][]) {
  const placement = replicas === undefined ? {} : { replicas: new Map(replicas) };
  return { server: { id, incarnation: 1 }, entries, applied: null, ...placement };
}

it('names the keys with other values or versions, and those that one server lacks', () => {
  const first = server(0, [held('a', '1', 1), held('b', '1', 1), held('c', '1', 1)]);
  const second = server(1, [held('a', '1', 1), held('b', '1', 2)]);
  expect(findDiffering([first, second])).toEqual(['b', 'c']);
  expect(findDiffering([first, server(1, first.entries)])).toEqual([]);
});

it('counts a deletion as the absence of a value', () => {
  expect(findDiffering([server(0, [held('a', null, 1)]), server(1, [])])).toEqual([]);
  expect(findDiffering([server(0, [held('a', null, 2)]), server(1, [held('a', '1', 1)])])).toEqual([
    'a',
  ]);
});

it('leaves out servers that are not to hold the key', () => {
  const first = server(0, [held('a', '1', 1)], [['a', [0, 2]]]);
  expect(findDiffering([first, server(1, [])])).toEqual([]);
  expect(findDiffering([first, server(1, []), server(2, [])])).toEqual(['a']);
});

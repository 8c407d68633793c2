// Tracks which servers live, and which crashes happened during recovery from another fault.
import { expect, test } from 'vitest';
import { Coverage, SERVER_FAULTS } from '../../src/fuzz/coverage.ts';
import { Deaths } from '../../src/fuzz/deaths.ts';

function begin(...servers: number[]): {
  deaths: Deaths;
  overlaps: () => number;
  coverage: Coverage;
} {
  const coverage = new Coverage();
  const deaths = new Deaths(coverage);
  for (const id of servers) {
    deaths.began(id, true);
    deaths.joined(id);
  }
  return { deaths, coverage, overlaps: () => coverage.count(SERVER_FAULTS.overlapping) };
}

test('the living and the dead, by id; the id of a client is no dead server', () => {
  const { deaths } = begin(10, 9, 2);
  expect([deaths.servers, deaths.dead, deaths.hasAny]).toEqual([[2, 9, 10], [], false]);
  deaths.ended(9, 100, false);
  deaths.ended(10, 9_000, false);
  expect([deaths.servers, deaths.dead, deaths.hasAny]).toEqual([[2], [9, 10], true]);
  deaths.began(9, true);
  deaths.began(10, false);
  expect([deaths.servers, deaths.dead]).toEqual([[2, 9], []]);
  expect(deaths.gone.length).toBe(1);
  deaths.ended(10, 10_000, false);
  deaths.began(10, true);
  expect(deaths.gone).toEqual([]);
});

test('a server of an earlier run is dead until it starts, and gone if a client has its id', () => {
  const deaths = new Deaths(new Coverage(), [1, 2]);
  deaths.began(3, true);
  expect([deaths.servers, deaths.dead, deaths.hasAny]).toEqual([[3], [1, 2], false]);
  deaths.began(1, false);
  deaths.began(2, true);
  expect([deaths.servers, deaths.dead, deaths.gone]).toEqual([[2, 3], [], [1]]);
  deaths.ended(1, 100, false);
  expect([deaths.dead, deaths.hasAny]).toEqual([[1], false]);
});

test('a death by itself overlaps with nothing, nor does that of a client', () => {
  const { deaths, overlaps, coverage } = begin(1, 2, 3);
  deaths.began(5, false);
  deaths.ended(5, 0, true);
  deaths.ended(1, 0, false);
  deaths.ended(2, 60_000, false);
  expect([overlaps(), coverage.count(SERVER_FAULTS.allDead)]).toEqual([0, 0]);
  deaths.ended(3, 120_000, false);
  expect(coverage.count(SERVER_FAULTS.allDead)).toBe(1);
});

test.each<[string, (deaths: Deaths) => void, boolean]>([
  ['a pause', () => undefined, true],
  ['a cut', (deaths) => deaths.cut(2, 3), false],
  ['a death just before', (deaths) => deaths.ended(3, 59_000, false), false],
  ['a return that goes on', (deaths) => deaths.began(4, true), false],
])('a death overlaps with %s', (_, happens, isAnyPaused) => {
  const { deaths, overlaps } = begin(1, 2, 3);
  happens(deaths);
  deaths.ended(1, 60_000, isAnyPaused);
  expect(overlaps()).toBe(1);
});

test('what was got over overlaps with nothing', () => {
  const { deaths, overlaps } = begin(1, 2, 3, 4);
  deaths.cut(1, 2);
  deaths.linked(2, 1);
  deaths.cut(3, 4);
  deaths.ended(4, 0, false);
  expect(overlaps()).toBe(1);
  deaths.ended(1, 60_000, false);
  expect(overlaps()).toBe(1);
});

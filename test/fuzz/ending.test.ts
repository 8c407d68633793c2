// The lines that end a script.
import { expect, test } from 'vitest';
import {
  haveReplicas,
  listHealing,
  listLooks,
  listReads,
  listReturns,
} from '../../src/fuzz/ending.ts';
import type { Operation } from '../../src/kernel/history.ts';

const standing = {
  servers: [1, 4],
  paused: [4],
  failed: [1],
  dead: [0, 7],
  hasLinkSettings: false,
};

test('all servers run and answer, all links are whole, and delayed messages arrive', () => {
  const healing = ['resumeServer 4', 'recover 1', 'heal', 'sleep 4000ms'];
  expect(listHealing(standing)).toEqual(healing);
  const set = { ...standing, hasLinkSettings: true };
  expect(listHealing(set)).toEqual(['link all reset', ...healing]);
});

test('dead servers come back; where disks were full, all servers begin anew', () => {
  expect(listReturns(standing, false)).toEqual(['joinServer 0', 'joinServer 7', 'sleep 10000ms']);
  expect(listReturns(standing, true)).toEqual([
    ...['killServer 1', 'killServer 4'],
    ...['joinServer 0', 'joinServer 1', 'joinServer 4', 'joinServer 7', 'sleep 10000ms'],
  ]);
  expect(listReturns({ ...standing, dead: [] }, false)).toEqual([]);
});

test('a last round, every store, and a client without a past that reads every key', () => {
  expect(listLooks(standing, 'stabilize')).toEqual(['stabilize', 'printStore 1', 'printStore 4']);
  const history = ['y', 'x', 'y'].map((key) => ({ key }) as Operation);
  expect(listReads(standing, history)).toEqual([
    ...['joinClient 1000 1', 'get 1000 x', 'get 1000 y'],
  ]);
  expect(listReads(standing, [])).toEqual([]);
  expect(listReads({ ...standing, servers: [] }, history)).toEqual([]);
});

test('a get must be answered if its key has as many replicas as it needs', () => {
  const holding = (...lists: number[][]) => {
    const replicas = new Map(lists.map((servers, key) => [String(key), servers]));
    return { server: { id: 0, incarnation: 1 }, entries: [], applied: null, replicas };
  };
  expect(haveReplicas([], 1)).toBe(true);
  expect(haveReplicas([holding([0, 1]), holding([0, 1], [1, 2])], 2)).toBe(true);
  expect(haveReplicas([holding([0, 1]), holding([1, 2])], 3)).toBe(false);
  expect(haveReplicas([holding()], 2)).toBe(false);
});

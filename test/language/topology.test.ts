// The master's record of nodes and links, without any world.
import { describe, expect, test } from 'vitest';
import { LIVE_NODES } from '../../src/kernel/limits.ts';
import { Topology } from '../../src/language/topology.ts';

function createTrio(): Topology {
  const topology = new Topology();
  topology.begin(0, 'server');
  topology.begin(1, 'server');
  topology.begin(5, 'client');
  topology.connect(0, 1);
  topology.connect(5, 0);
  return topology;
}

describe('topology', () => {
  test('ids are sorted as numbers', () => {
    const topology = new Topology();
    for (const id of [10, 9, 100, 2]) topology.begin(id, 'server');
    topology.begin(3, 'client');
    expect(topology.ids()).toEqual([2, 3, 9, 10, 100]);
    expect(topology.ids('server')).toEqual([2, 9, 10, 100]);
  });

  test('T1 a link ends with a life and does not come back with the next one', () => {
    const topology = createTrio();
    topology.cut(0, 1);
    expect(topology.end(0).map(({ id }) => id)).toEqual([1, 5]);
    expect(topology.begin(0, 'server')).toMatchObject({ incarnation: 2, isPaused: false });
    expect([topology.link(0, 1), topology.link(1, 0)]).toEqual([undefined, undefined]);
    expect(topology.end(1)).toEqual([]);
    expect(topology.impairedLinks()).toEqual([]);
  });

  test('T1 so does the cut of a node from the configuration service', () => {
    const topology = createTrio();
    const changed = [1, 1, 5].map((id) => topology.setCutOff(id, true));
    expect(changed).toEqual([true, false, true]);
    expect(topology.cutOff).toEqual([1, 5]);
    topology.end(1);
    expect(topology.begin(1, 'server').isCutOff).toBe(false);
    expect([topology.setCutOff(5, false), topology.setCutOff(9, true)]).toEqual([true, false]);
    expect(topology.cutOff).toEqual([]);
  });

  test('T2 no link between two clients', () => {
    const topology = createTrio();
    topology.begin(6, 'client');
    expect(() => topology.connect(5, 6)).toThrow('5 and 6 are both clients');
  });

  test('T3 one live node for an id', () => {
    const topology = createTrio();
    expect(() => topology.assertFree(0, 'server')).toThrow('server 0 is alive');
    expect(() => topology.assertFree(0, 'client')).toThrow('0 is a live server');
    expect(() => topology.begin(0, 'server')).toThrow('T3');
  });

  test('the limit counts live nodes of one role', () => {
    const topology = new Topology();
    for (let id = 0; id < LIVE_NODES; id += 1) topology.begin(id, 'server');
    expect(() => topology.assertFree(LIVE_NODES, 'server')).toThrow(`${LIVE_NODES} live servers`);
    topology.assertFree(LIVE_NODES, 'client');
    topology.end(7);
    topology.assertFree(LIVE_NODES, 'server');
  });

  test('what has no effect says so', () => {
    const topology = createTrio();
    expect(topology.connect(1, 0)).toBe(false);
    expect(topology.cut(1, 5)).toBe(false);
    expect(topology.mute(1, 5)).toBe(false);
    expect([topology.cut(1, 0), topology.cut(0, 1), topology.mute(0, 1)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(topology.connect(0, 1)).toBe(true);
    expect([topology.mute(0, 1), topology.mute(0, 1), topology.mute(1, 0)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('impaired links are named once each', () => {
    const topology = createTrio();
    topology.mute(1, 0);
    topology.cut(0, 5);
    const pairs = topology.impairedLinks().map(({ ends }) => ends.map(({ id }) => id));
    expect(pairs).toEqual([
      [0, 1],
      [5, 0],
    ]);
  });
});

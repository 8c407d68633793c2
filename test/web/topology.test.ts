// The nodes and links at a cursor.
import { describe, expect, it } from 'vitest';
import { findLink, topologyAt } from '../../src/web/cursor/topology.ts';
import { runScript } from '../../src/web/run/runScript.ts';
import { shipped, written } from './support/sources.ts';
import { changes, happens, ordered, start } from './support/traces.ts';

describe('a trace made by hand', () => {
  const pair = [start(1), start(0), changes('link', 1, 0)];

  it('has nothing before the first event', () => {
    expect(topologyAt(pair, 0)).toEqual({ nodes: [], links: [] });
  });

  it('has nodes and links by id, as far as the cursor', () => {
    expect(topologyAt(pair, 1).nodes.map(({ id }) => id)).toEqual([1]);
    const { nodes, links } = topologyAt(pair, 3);
    expect(nodes.map(({ id, isAlive }) => [id, isAlive])).toEqual([
      [0, true],
      [1, true],
    ]);
    expect(links).toEqual([{ ends: [0, 1], isCut: false, muted: [] }]);
  });

  it('tells a cut, a one-way cut and what restores them', () => {
    const events = [
      ...pair,
      changes('mute', 0, 1),
      changes('mute', 1, 0),
      changes('link', 0, 1),
      changes('mute', 1, 0),
      changes('cut', 0, 1),
    ];
    const states = [4, 5, 6, 7, 8].map((cursor) => topologyAt(events, cursor).links[0]);
    expect(states.map((link) => [link?.isCut, link?.muted])).toEqual([
      [false, [0]],
      [false, [0, 1]],
      [false, []],
      [false, [1]],
      [true, []],
    ]);
  });

  it('takes the links of a dead node away, and gives a new life none', () => {
    const events = [...pair, happens('crash', 1), start(1, 'server', { incarnation: 2 })];
    const dead = topologyAt(events, 4);
    expect(dead.links).toEqual([]);
    expect(dead.nodes[1]).toMatchObject({ id: 1, isAlive: false, incarnation: 1 });
    expect(topologyAt(events, 5).nodes[1]).toMatchObject({ isAlive: true, incarnation: 2 });
    expect(topologyAt(events, 5).links).toEqual([]);
  });

  it.each([
    ['isPaused', happens('pause', 0), happens('resume', 0)],
    ['isFailed', ordered(0, 'fail'), ordered(0, 'recover')],
    ['isCutOff', ordered(0, 'disconnectService'), ordered(0, 'connectService')],
  ] as const)('tells when a node %s, until that ends or the life does', (field, begin, end) => {
    const events = [start(0), begin, end, begin, happens('crash', 0), start(0)];
    const told = [1, 2, 3, 4, 5, 6].map((cursor) => topologyAt(events, cursor).nodes[0]?.[field]);
    expect(told).toEqual([false, true, false, true, false, false]);
  });

  it('finds a link from either end', () => {
    const topology = topologyAt(pair, 3);
    expect(findLink(topology, [1, 0])).toBe(topology.links[0]);
    expect(findLink(topology, [0, 2])).toBeUndefined();
  });
});

describe('a real run', () => {
  it('has the links of a partition, and all again after heal', async () => {
    const script = `joinServer 0
joinServer 1
joinServer 2
joinClient 5 2
partition 0 1 | 2
breakConnection 0 1 oneway
heal
`;
    const { events } = await runScript(written(script));
    const after = (line: number) => {
      const cursor = events.findLastIndex((event) => event.line === line) + 1;
      return topologyAt(events, cursor).links.map(({ ends, isCut, muted }) => {
        return `${ends.join('-')} ${isCut ? 'cut' : muted.join(' ') || 'whole'}`;
      });
    };
    const whole = ['0-1 whole', '0-2 whole', '1-2 whole', '2-5 whole'];
    expect(after(4)).toEqual(whole);
    expect(after(5)).toEqual(['0-1 whole', '0-2 cut', '1-2 cut', '2-5 whole']);
    expect(after(6)).toEqual(['0-1 0', '0-2 cut', '1-2 cut', '2-5 whole']);
    expect(after(7)).toEqual(whole);
  });

  it.each([
    ['causal/paused-server', 'isPaused', 1],
    ['causal/failed-server', 'isFailed', 1],
    ['chain/cut-off-from-master', 'isCutOff', 1],
    ['causal/rejoin', 'incarnation', 7],
  ] as const)('shows what the script does: %s', async (name, field, greatest) => {
    const { events } = await runScript(shipped(name));
    const seen = events.flatMap((_, cursor) =>
      topologyAt(events, cursor).nodes.map((node) => Number(node[field])),
    );
    expect(Math.max(...seen)).toBe(greatest);
  });
});

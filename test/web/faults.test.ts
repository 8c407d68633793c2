// What can be done to a node or a link, and that the program accepts it.
import { describe, expect, it } from 'vitest';
import { type FaultTarget, faultsOf, peersOf } from '../../src/web/cursor/faults.ts';
import { topologyAt } from '../../src/web/cursor/topology.ts';
import { runScript } from '../../src/web/run/runScript.ts';
import { written } from './support/sources.ts';
import { changes, happens, ordered, start } from './support/traces.ts';

const node = (id: number): FaultTarget => ({ kind: 'node', id });
const pair = (a: number, b: number): FaultTarget => ({ kind: 'pair', ends: [a, b] });

function labels(target: FaultTarget, events: Parameters<typeof topologyAt>[0], service = false) {
  return faultsOf(target, topologyAt(events, events.length), service).map(({ label }) => label);
}

describe('the actions on a node', () => {
  it('are those of its state', () => {
    expect(labels(node(0), [start(0)])).toEqual(['Kill', 'Pause', 'Fail']);
    expect(labels(node(0), [start(0), happens('pause', 0)])).toContain('Resume');
    expect(labels(node(0), [start(0), ordered(0, 'fail')])).toContain('Recover');
    expect(labels(node(0), [start(0), happens('crash', 0)])).toEqual(['Start again']);
    expect(labels(node(7), [start(0)])).toEqual([]);
  });

  it('concern the service only where there is one', () => {
    const cutOff = [start(0), ordered(0, 'disconnectService')];
    expect(labels(node(0), [start(0)], true)).toContain('Cut off from the service');
    expect(labels(node(0), cutOff, true)).toContain('Link to the service');
    expect(labels(node(5), [start(5, 'client')])).toEqual(['Kill']);
    expect(labels(node(5), [start(5, 'client')], true)).toEqual([
      'Kill',
      'Cut off from the service',
    ]);
  });
});

describe('the actions on a pair', () => {
  const two = [start(0), start(1)];
  const linked = [...two, changes('link', 0, 1)];

  it('are those of the link', () => {
    expect(labels(pair(0, 1), two)).toEqual(['Make the link']);
    expect(labels(pair(0, 1), linked)).toEqual([
      'Cut',
      'Cut only 0 \u2192 1',
      'Cut only 1 \u2192 0',
    ]);
    expect(labels(pair(0, 1), [...linked, changes('cut', 0, 1)])).toEqual(['Restore the link']);
    expect(labels(pair(0, 1), [...linked, changes('mute', 1, 0)])).toEqual([
      'Restore the link',
      'Cut',
      'Cut only 0 \u2192 1',
    ]);
  });

  it('need two live nodes, one of them a server', () => {
    const events = [...linked, start(5, 'client'), start(6, 'client'), happens('crash', 1)];
    const topology = topologyAt(events, events.length);
    expect(peersOf(0, topology)).toEqual([5, 6]);
    expect(peersOf(5, topology)).toEqual([0]);
    expect(peersOf(1, topology)).toEqual([]);
  });
});

describe('every action of a real run', () => {
  it.each(['causal', 'chain', 'quorum', 'sharded'])('is a good line of %s', async (protocol) => {
    const hasService = protocol !== 'causal';
    const script = `joinServer 0
joinServer 1
joinServer 2
joinClient 5 0
killServer 2
pauseServer 1
breakConnection 0 5
`;
    const { events } = await runScript(written(script, protocol));
    const topology = topologyAt(events, events.length);
    const targets = [node(0), node(1), node(2), node(5), pair(0, 1), pair(0, 5), pair(1, 5)];
    const faults = targets.flatMap((target) => faultsOf(target, topology, hasService));
    expect(faults.length).toBeGreaterThan(9);
    for (const { line } of faults) {
      const { said } = await runScript(written(`${script}${line}\n`, protocol));
      const bad = said.filter((one) => one.stream === 'diagnostic' && one.line === 8);
      expect({ line, bad }).toEqual({ line, bad: [] });
    }
  });
});

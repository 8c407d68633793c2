// What `status` shows of a run.
import { describe, expect, test } from 'vitest';
import { describeStatus } from '../../src/language/status.ts';
import { Topology } from '../../src/language/topology.ts';
import { plain } from '../support/tinyProtocols.ts';

const tell = (topology: Topology, options = {}): string[] =>
  describeStatus({ protocol: plain, options, topology }, 'here');

describe('the status', () => {
  test('before the first join', () => {
    expect(tell(new Topology(), { gossip: 'eager', storage: 'log' })).toEqual([
      'protocol  plain gossip=eager storage=log, here',
      'servers   none',
      'clients   none',
      'links     all work',
    ]);
  });

  test('names what a user has done to nodes and links', () => {
    const topology = new Topology();
    for (const id of [4, 3, 2, 1, 0]) topology.begin(id, 'server');
    for (const id of [10, 11, 12]) topology.begin(id, 'client');
    const links = [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [10, 2],
      [10, 0],
      [11, 4],
      [12, 1],
    ] as const;
    for (const [a, b] of links) topology.connect(a, b);
    topology.end(4);
    topology.setPaused(1, true);
    topology.setFailed(1, true);
    topology.setFailed(2, true);
    topology.cut(1, 0);
    topology.mute(2, 0);
    topology.mute(0, 3);
    topology.mute(3, 0);
    topology.cut(12, 1);
    topology.setCutOff(3, true);
    expect(tell(topology)).toEqual([
      'protocol  plain, here',
      'servers   0, 1 (paused, failed), 2 (failed), 3; gone: 4',
      'clients   10 at 0, 2; 11 without a server; 12 without a server',
      'links     0-1 cut; 2 no longer reaches 0; 0-3 cut; 1-12 cut; ' +
        '3 is cut off from the configuration service',
    ]);
  });
});

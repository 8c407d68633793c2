// Coordinators with full disks.
import { afterEach, expect, it } from 'vitest';
import { completeOptions } from '../../../src/kernel/protocol.ts';
import { quorum } from '../../../src/protocols/quorum/index.ts';
import { createSimCluster, type SimCluster } from '../../../src/sim/world.ts';
import { Testbed } from '../../conformance/testbed.ts';

let cluster: SimCluster;
afterEach(() => cluster.stop());

it.each(['off', 'read', 'hints', 'both'])(
  'a put that has reached no server is refused, with repair=%s',
  async (repair) => {
    const given = { partitioner: 'byteOrdered', n: '1', storage: 'log', repair };
    cluster = createSimCluster({
      ...{ protocol: quorum, options: completeOptions(quorum, given), seed: 1 },
    });
    const testbed = new Testbed(cluster);
    for (const id of [0, 1]) await testbed.joinServer(id);
    await testbed.joinClient(9, 0, []);
    const put = (value: string) => cluster.ask(9, 'put', { key: '0', value }, 8_000);
    expect(await put('before')).toMatchObject({ outcome: 'ok' });
    cluster.disk(0).setFault({ code: 'ENOSPC', at: 1, lasts: true });
    expect(await put('after')).toMatchObject({ outcome: 'fail', error: 'E_STORAGE' });
    expect(await cluster.ask(9, 'get', { key: '0' }, 8_000)).toMatchObject({ value: 'before' });
  },
);

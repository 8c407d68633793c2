// Chain servers with full disks (F15): they leave every chain that has a member with room. If no
// member has room, the last one refuses writes and still answers reads.
import { afterEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/kernel/control.ts';
import { completeOptions } from '../../../src/kernel/protocol.ts';
import { chain } from '../../../src/protocols/chain/index.ts';
import { type FaultPlan, NO_FAULTS } from '../../../src/sim/faultPlan.ts';
import { createSimCluster, type SimCluster } from '../../../src/sim/world.ts';
import { Testbed } from '../../conformance/testbed.ts';

const CLIENT = 9;
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];

let cluster: SimCluster;
afterEach(() => cluster.stop());

async function createTestbed({
  reads = 'tail',
  seed = 1,
  faults = NO_FAULTS,
}: {
  reads?: string;
  seed?: number;
  faults?: FaultPlan;
} = {}): Promise<Testbed> {
  const options = completeOptions(chain, { reads, storage: 'log' });
  cluster = createSimCluster({ protocol: chain, options, seed, faults });
  const testbed = new Testbed(cluster);
  for (const id of [0, 1, 2]) await testbed.joinServer(id);
  await testbed.joinClient(CLIENT, 0, []);
  for (const id of [1, 2]) await testbed.link(CLIENT, id);
  for (const key of KEYS) expect((await ask('put', key, 'first')).outcome).toBe('ok');
  return testbed;
}

async function ask(kind: 'put' | 'get', key: string, value?: string): Promise<Answer> {
  const params = value === undefined ? { key } : { key, value };
  return (await cluster.ask(CLIENT, kind, params, 8_000)) as unknown as Answer;
}

function fill(...ids: number[]): void {
  for (const id of ids) cluster.disk(id).setFault({ code: 'ENOSPC', at: 1, lasts: true });
}

async function expectReads(value: string): Promise<void> {
  for (const key of KEYS) expect(await ask('get', key)).toMatchObject({ outcome: 'ok', value });
}

describe('a chain', () => {
  it.each([0, 1, 2])('goes on without server %i, which has no room', async (full) => {
    const testbed = await createTestbed();
    fill(full);
    for (const key of KEYS) expect((await ask('put', key, 'second')).outcome).toBe('ok');
    await expectReads('second');
    const reached = await testbed.stabilize(5_000);
    expect(reached).toEqual([0, 1, 2].filter((id) => id !== full));
  });

  it.each(['tail', 'any'])('of which no member has room answers reads=%s', async (reads) => {
    await createTestbed({ reads });
    fill(0, 1, 2);
    // The chains may change under the first of these.
    const outcomes: string[] = [];
    for (const key of KEYS) outcomes.push((await ask('put', key, 'second')).outcome);
    expect(outcomes.slice(1)).toEqual(KEYS.slice(1).map(() => 'fail'));
    expect(['fail', 'unknown']).toContain(outcomes[0]);
    await expectReads('first');
  });

  it('of which no member has room takes in one that has some again, and writes', async () => {
    const testbed = await createTestbed();
    fill(0, 1, 2);
    for (const key of KEYS) await ask('put', key, 'second');
    await testbed.kill(0);
    await testbed.joinServer(0);
    await testbed.link(CLIENT, 0);
    for (const key of KEYS) expect((await ask('put', key, 'third')).outcome).toBe('ok');
    await expectReads('third');
    expect(await testbed.stabilize(5_000)).toEqual([0]);
  });

  it('that has room again when its servers come back has what was acknowledged', async () => {
    const testbed = await createTestbed();
    fill(0, 1, 2);
    for (const key of KEYS) await ask('put', key, 'second');
    await Promise.all([0, 1, 2].map((id) => testbed.kill(id)));
    for (const id of [0, 1, 2]) {
      await testbed.joinServer(id);
      await testbed.link(CLIENT, id);
    }
    await expectReads('first');
    for (const key of KEYS) expect((await ask('put', key, 'third')).outcome).toBe('ok');
  });
});

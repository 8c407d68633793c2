// A run with other options than the ring that its servers have in their logs: the ring counts.
import { expect, it } from 'vitest';
import type { SimData } from '../../../src/sim/simData.ts';
import { play } from './simulatedRun.ts';

const JOINS = 'joinServer 0;joinServer 1;joinServer 2;joinClient 10 0';

/** The data of a run with three replicas of each key, or so many. */
async function earlier(n: number): Promise<SimData> {
  const { data } = await play(`protocol quorum n=${n} storage=log;${JOINS};put 10 k v1 all`);
  return data;
}

it('counts levels against the replicas of the ring', async () => {
  const data = await earlier(2);
  const script = `${JOINS};get 10 k r=3;put 10 k v2 w=3;get 10 k ALL;put 10 k v3;get 10 k`;
  const { gets, outcomes, notes, warnings } = await play(
    `protocol quorum n=3 write=3 storage=log;${script}`,
    { data },
  );
  expect(gets).toEqual(['ERR_LEVEL', 'v1', 'v1']);
  expect(outcomes).toEqual(['fail', 'fail', 'ok', 'fail', 'ok']);
  const why = 'the level asks for more replicas than the ring has';
  expect(notes[0]).toContain(`ERR_LEVEL: ${why} (2 of 3)`);
  expect(notes[1]).toContain(`ERR_LEVEL: not done, ${why} (2 of 3)`);
  expect(warnings).toEqual([expect.stringContaining('from an earlier run')]);
});

it('takes no read for one that overlaps a write by the options of this run', async () => {
  const data = await earlier(3);
  const cut = 'breakConnection 0 1;breakConnection 0 2;put 10 k v2 one;breakConnection 10 0';
  const { gets } = await play(
    `protocol quorum n=1 storage=log;${JOINS};${cut};createConnection 10 1;get 10 k one`,
    { data },
  );
  expect(gets).toEqual(['v1']);
});

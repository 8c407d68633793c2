// The history keeps the order of operations that follow one another, whatever the clock says.
import { expect, it } from 'vitest';
import { strongest } from '../../src/checkers/index.ts';
import { FakeCluster, reply } from '../support/fakeCluster.ts';
import { runScript } from '../support/runScript.ts';

const SCRIPT = 'joinServer 0\njoinClient 5 0\njoinClient 6 0\nput 5 k v\nget 6 k\nget 5 k\n';

it('one line begins after the one before has ended, even where the clock stands', async () => {
  const cluster = new FakeCluster();
  cluster.now = () => 7;
  const { history } = await runScript(SCRIPT, { cluster });
  const moments = history.flatMap(({ invokedAt, returnedAt }) => [invokedAt, returnedAt ?? 0]);
  expect(moments).toHaveLength(6);
  for (const [index, moment] of moments.entries()) {
    expect(moment).toBeGreaterThan(moments[index - 1] ?? 0);
    expect(moment).toBeCloseTo(7, 1);
  }
});

it('so that a read of the past is seen as one', async () => {
  const cluster = new FakeCluster();
  cluster.now = () => 7;
  cluster.respond = async (_id, method) => {
    if (method === 'get') return reply('absent');
    return method === 'put' ? reply('ok', null, 0) : {};
  };
  const { history } = await runScript(SCRIPT.replace('get 5 k\n', ''), { cluster });
  expect(strongest(history).firstBroken).toMatchObject({
    level: 'linearizable',
    witness: { operations: [{ line: 4 }, { line: 5 }] },
  });
});

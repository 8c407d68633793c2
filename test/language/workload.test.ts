// The random load, and the history that it leaves.
import { describe, expect, test } from 'vitest';
import { FakeCluster, reply } from '../support/fakeCluster.ts';
import { runScript } from '../support/runScript.ts';

const JOINED = 'joinServer 0\njoinClient 5 0\njoinClient 6 0\njoinClient 7 0\n';

function operationsOf(cluster: FakeCluster): string[] {
  return cluster.calls.filter((call) => /^ask \d+ (put|get) /.test(call));
}

describe('workload', () => {
  test('takes turns between the clients, one operation at a time', async () => {
    const { cluster, stdout } = await runScript(`${JOINED}workload ops=6 reads=0 keys=1\n`);
    expect(operationsOf(cluster).map((call) => call.split(' ')[1])).toEqual([
      '5',
      '6',
      '7',
      '5',
      '6',
      '7',
    ]);
    const counts = '6 put, 0 get, 6 ok, 0 ERR_KEY, 0 ERR_DEP, 0 ERR_UNREACHABLE';
    expect(stdout).toBe(`workload: 6 operations: ${counts}\n`);
  });

  test('uses the clients with the lowest ids', async () => {
    const { cluster } = await runScript(`${JOINED}workload ops=4 clients=2\n`);
    expect(operationsOf(cluster).map((call) => call.split(' ')[1])).toEqual(['5', '6', '5', '6']);
  });

  test('the same seed asks for the same, another seed for something else', async () => {
    const script = `${JOINED}workload ops=200 keys=7 reads=0.3\nworkload ops=20\n`;
    const runs = await Promise.all([1, 1, 2].map((seed) => runScript(script, { seed })));
    const [first, second, third] = runs.map(({ cluster }) => operationsOf(cluster));
    expect(second).toEqual(first);
    expect(third).not.toEqual(first);
  });

  test('values are distinct, over several workloads too', async () => {
    const { history } = await runScript(`${JOINED}workload ops=50\nworkload ops=50\n`);
    const values = history.filter(({ kind }) => kind === 'put').map(({ value }) => value);
    expect(values.length).toBeGreaterThan(10);
    expect(new Set(values).size).toBe(values.length);
  });

  test('reads and keys are what was asked for', async () => {
    const { history } = await runScript(`${JOINED}workload ops=1000 keys=4 reads=0.25\n`);
    const gets = history.filter(({ kind }) => kind === 'get').length;
    expect(gets).toBeGreaterThan(200);
    expect(gets).toBeLessThan(300);
    expect(new Set(history.map(({ key }) => key))).toEqual(new Set(['k0', 'k1', 'k2', 'k3']));
  });

  test('inflight bounds what is under way, and a client has one operation at most', async () => {
    const cluster = new FakeCluster();
    const busy = new Set<number>();
    let most = 0;
    cluster.respond = async (id, method) => {
      if (method !== 'put' && method !== 'get') return {};
      expect(busy.has(id)).toBe(false);
      busy.add(id);
      most = Math.max(most, busy.size);
      await new Promise((resolve) => setImmediate(resolve));
      busy.delete(id);
      return reply('ok', 'v', 0);
    };
    const { stdout } = await runScript(`${JOINED}workload ops=30 inflight=2\n`, { cluster });
    expect(most).toBe(2);
    expect(stdout).toMatch(/^workload: 30 operations: .* 30 ok, /);
  });

  test('counts how the operations ended, and makes no notes', async () => {
    const cluster = new FakeCluster();
    const outcomes = ['ok', 'absent', 'stale', 'fail', 'unknown'] as const;
    let count = 0;
    cluster.respond = (_id, method) => {
      if (method !== 'get') return undefined;
      count += 1;
      return reply(outcomes[count % outcomes.length] ?? 'ok');
    };
    const { stdout, stderr } = await runScript(`${JOINED}workload ops=50 reads=1\n`, { cluster });
    const counts = '0 put, 50 get, 10 ok, 10 ERR_KEY, 10 ERR_DEP, 20 ERR_UNREACHABLE';
    expect([stdout, stderr]).toEqual([`workload: 50 operations: ${counts}\n`, '']);
  });

  test('a client that dies on the way is unreachable from then on', async () => {
    const cluster = new FakeCluster();
    cluster.respond = (id, method) => {
      if (method !== 'put' || id !== 6) return undefined;
      cluster.die({ id: 6, incarnation: 1, why: 'gone', isBug: false });
      return reply('unknown');
    };
    const { stdout } = await runScript(`${JOINED}workload ops=9 reads=0\n`, { cluster });
    expect(stdout).toMatch(' 6 ok, 0 ERR_KEY, 0 ERR_DEP, 3 ERR_UNREACHABLE\n');
  });
});

describe('history', () => {
  test('has a record for each operation, with its line and its place in the session', async () => {
    const cluster = new FakeCluster();
    cluster.respond = (_id, method, { key }, world) => {
      world.timeMs += 1;
      return method === 'get' && key === 'lost' ? reply('unknown') : undefined;
    };
    const script = `${JOINED}put 5 k v\nget 6 k\ndelete 5 k\nget 5 k\nget 5 lost\n`;
    const { history } = await runScript(script, { cluster });
    const short = history.map(({ session, seq, kind, key, value, outcome, line }) =>
      [session, seq, kind, key, value, outcome, line].join(' '),
    );
    expect(short).toEqual([
      '5 0 put k v ok 5',
      '6 0 get k v ok 6',
      '5 1 delete k  ok 7',
      '5 2 get k  absent 8',
      '5 3 get lost  unknown 9',
    ]);
    expect(history.at(-1)).toMatchObject({ returnedAt: null, server: null });
    expect(history[0]).toMatchObject({ incarnation: 1, server: 0, version: [1, 0, 1] });
    for (const { invokedAt, returnedAt } of history.slice(0, -1)) {
      expect(returnedAt).toBeGreaterThan(invokedAt);
    }
  });
});

// The random load, and the history that it leaves.
import { describe, expect, test } from 'vitest';
import { FakeCluster, reply } from '../support/fakeCluster.ts';
import { runScript } from '../support/runScript.ts';

const JOINED = 'joinServer 0\njoinClient 5 0\njoinClient 6 0\njoinClient 7 0\n';

const FIGURES = /[\d.]+ operations\/s, p50 [\d.]+ ms, p99 [\d.]+ ms, longest gap [\d.]+ ms\n$/;

/** Its operations take a turn of the event loop. A client that is busy is asked for nothing. */
function createBusyCluster(): { cluster: FakeCluster; most: () => number } {
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
  return { cluster, most: () => most };
}

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

  test.each([
    ['', 1],
    ['inflight=2', 2],
    ['inflight=all', 3],
    ['inflight=all clients=2', 2],
  ])('with %j %i clients are busy at a time, with one operation each', async (words, expected) => {
    const { cluster, most } = createBusyCluster();
    const { stdout, stderr } = await runScript(`${JOINED}workload ops=30 ${words}\n`, { cluster });
    expect(most()).toBe(expected);
    expect(stdout).toMatch(/^workload: 30 operations: \d+ put, \d+ get/);
    expect(stdout + stderr).toMatch(/ 30 ok, 0 ERR_KEY, 0 ERR_DEP, 0 ERR_UNREACHABLE/);
  });

  test('says on stdout only what does not depend on the moment', async () => {
    const load = `${JOINED}workload ops=30 reads=0.5 keys=2`;
    const alone = await runScript(`${load}\n`);
    expect(alone.stdout).toMatch(/^workload: 30 operations: \d+ put, \d+ get, \d+ ok, .*\n$/);
    expect(alone.stderr).toMatch(FIGURES);
    expect(alone.stderr).not.toContain(' ok,');
    const atOnce = await runScript(`${load} inflight=all\n`);
    expect(atOnce.stdout).toMatch(/^workload: 30 operations: \d+ put, \d+ get\n$/);
    expect(atOnce.stderr).toMatch(FIGURES);
    expect(atOnce.stderr).toMatch(/note: \d+ ok, \d+ ERR_KEY, 0 ERR_DEP, 0 ERR_UNREACHABLE; /);
    const asJson = await runScript(`${load} inflight=all\n`, { isJson: true });
    const fields = ['line', 'command', 'operations', 'put', 'get'];
    expect(Object.keys(JSON.parse(asJson.stdout))).toEqual(fields);
    expect((await runScript(`${load}\n`, { isQuiet: true })).stderr).toBe('');
  });

  test('from chooses clients by their ids', async () => {
    const { cluster } = await runScript(`${JOINED}workload ops=4 from=6\n`);
    expect(operationsOf(cluster).map((call) => call.split(' ')[1])).toEqual(['6', '7', '6', '7']);
    const one = await runScript(`${JOINED}workload ops=2 from=6 clients=1\n`);
    expect(operationsOf(one.cluster).map((call) => call.split(' ')[1])).toEqual(['6', '6']);
    const { stderr } = await runScript(`${JOINED}workload from=6 clients=3\n`);
    expect(stderr).toContain('E_NO_SUCH_CLIENT: 3 clients from 6 on are needed, 2 live\n');
  });

  test('each write settles before the next operation, unless several are under way', async () => {
    const settledAfter = async (words: string): Promise<number[]> => {
      const { cluster } = await runScript(`${JOINED}workload ops=4 reads=0 ${words}\n`);
      const asked = cluster.asked.slice(-8).map(({ method }) => method);
      return asked.flatMap((method, at) => (method === 'settle' ? [at] : []));
    };
    expect(await settledAfter('clients=2')).toEqual([1, 3, 5, 7]);
    expect(await settledAfter('clients=2 inflight=all')).toEqual([7]);
  });

  test('so does each get, if the protocol says that it may have effects on servers', async () => {
    const settledAfter = async (words: string): Promise<number[]> => {
      const load = `protocol other\n${JOINED}workload ops=4 reads=1 ${words}\n`;
      const { cluster } = await runScript(load);
      const first = cluster.asked.findIndex(({ method }) => method === 'get');
      const asked = cluster.asked.slice(first).map(({ method }) => method);
      return asked.flatMap((method, at) => (method === 'settle' ? [at] : []));
    };
    expect(await settledAfter('clients=2')).toEqual([1, 3, 5, 7]);
    expect(await settledAfter('clients=2 inflight=all')).toEqual([4]);
  });

  test('counts how the operations ended', async () => {
    const cluster = new FakeCluster();
    const outcomes = ['ok', 'absent', 'stale', 'fail', 'unknown'] as const;
    let count = 0;
    cluster.respond = (_id, method) => {
      if (method !== 'get') return undefined;
      count += 1;
      return reply(outcomes[count % outcomes.length] ?? 'ok');
    };
    const { stdout } = await runScript(`${JOINED}workload ops=50 reads=1\n`, { cluster });
    const counts = '0 put, 50 get, 10 ok, 10 ERR_KEY, 10 ERR_DEP, 20 ERR_UNREACHABLE';
    expect(stdout).toBe(`workload: 50 operations: ${counts}\n`);
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

describe('workload between concurrently and end', () => {
  const inBlock = (...lines: string[]): string =>
    `${JOINED}concurrently\n${lines.join('\n')}\nend\nget 5 after\n`;

  test('runs beside other lines, and says on stdout what was asked for', async () => {
    const cluster = new FakeCluster();
    const script = inBlock('workload ops=20 inflight=all', 'breakConnection 5 0', 'killServer 0');
    const { stdout, stderr } = await runScript(script, { cluster });
    expect(stdout).toMatch(/^workload: 20 operations: \d+ put, \d+ get\nafter:/);
    expect(stderr.replace(/^.*connected to no live server.*\n/m, '')).toMatch(FIGURES);
    const at = (pattern: RegExp): number =>
      cluster.calls.findLastIndex((call) => pattern.test(call));
    expect(at(/^kill 0/)).toBeGreaterThan(0);
    expect(at(/^kill 0/)).toBeLessThan(at(/^ask \d (?:put|get) \{"key":"k/));
  });

  test('two overlap where their clients differ', async () => {
    const { cluster, most } = createBusyCluster();
    const loads = ['workload clients=1 ops=9', 'workload from=6 ops=9 inflight=all'];
    const { stdout } = await runScript(inBlock(...loads), { cluster });
    expect(most()).toBe(3);
    expect(stdout.match(/^workload: 9 operations/gm)).toHaveLength(2);
  });

  test('the second waits for the first where they share a client', async () => {
    const { cluster, most } = createBusyCluster();
    const loads = ['workload clients=2 ops=9', 'workload from=6 ops=9'];
    const { history } = await runScript(inBlock(...loads), { cluster });
    expect(most()).toBe(1);
    expect(history.map(({ line }) => line)).toEqual([...Array(9).fill(6), ...Array(9).fill(7), 9]);
  });

  test("follows its clients' earlier lines and holds back their later ones", async () => {
    const { cluster, most } = createBusyCluster();
    const script = inBlock('put 6 a 1', 'workload ops=6 reads=0 inflight=all', 'put 7 b 2');
    const { history } = await runScript(script, { cluster });
    expect(most()).toBe(3);
    expect(history.map(({ line }) => line)).toEqual([6, 7, 7, 7, 7, 7, 7, 8, 10]);
  });

  test('without enough clients is a bad line, and the others run', async () => {
    const script = inBlock('workload clients=9', 'put 5 a 1', 'workload clients=0');
    const { stderr, history, badLineCount } = await runScript(script);
    expect(stderr.match(/\d+: E_\w+/g)).toEqual(['8: E_ARGS', '6: E_NO_SUCH_CLIENT']);
    expect([history.length, badLineCount]).toEqual([2, 2]);
  });

  test('values are distinct, and what is asked for depends on the seed alone', async () => {
    const loads = ['workload clients=1 ops=30', 'workload from=6 ops=30 inflight=all'];
    const script = inBlock('put 5 a 1', ...Array(3).fill('put 6 b 1'), ...loads);
    const slow = createBusyCluster().cluster;
    const late = new FakeCluster();
    // Client 5 is done with its put long after client 6.
    late.respond = async (id, method) => {
      for (let turns = 0; method === 'put' && id === 5 && turns < 9; turns += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      return method === 'put' || method === 'get' ? reply('ok', 'v', 0) : {};
    };
    const runs = await Promise.all([slow, late].map((cluster) => runScript(script, { cluster })));
    const [first, second] = runs.map(({ cluster }) => operationsOf(cluster).sort());
    expect(first).toEqual(second);
    expect(runs[0]?.stdout).toBe(runs[1]?.stdout);
    const values = runs[0]?.history.flatMap(({ kind, key, value }) =>
      kind === 'put' && key.startsWith('k') ? [value] : [],
    );
    expect(new Set(values).size).toBe(values?.length);
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

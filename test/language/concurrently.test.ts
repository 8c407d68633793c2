// Lines that run at once: the order in which they begin, and the order of their answers.
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/kernel/json.ts';
import { FakeCluster, reply } from '../support/fakeCluster.ts';
import { runScript } from '../support/runScript.ts';

const JOINED = 'joinServer 0\njoinServer 1\njoinClient 5 0\njoinClient 6 1\n';

/** A cluster whose operations wait until as many are under way as will ever be at a time. */
function createGate(expected: number): { cluster: FakeCluster; mostUnderWay: () => number } {
  const cluster = new FakeCluster();
  let open: (() => void)[] = [];
  let most = 0;
  cluster.respond = (id, method, { key }) => {
    if (method !== 'get') return undefined;
    return new Promise<Json>((resolve) => {
      open.push(() => resolve(reply('ok', `${id}${key}`, 0)));
      most = Math.max(most, open.length);
      if (open.length < expected) return;
      // The last one that asked is answered first.
      for (const answer of open.reverse()) answer();
      open = [];
    });
  };
  return { cluster, mostUnderWay: () => most };
}

describe('concurrently', () => {
  test('lines of different clients are under way at once, answered in line order', async () => {
    const { cluster, mostUnderWay } = createGate(2);
    const block = 'concurrently\nget 5 a\nget 6 b\nend\n';
    const { stdout, stderr } = await runScript(JOINED + block, { cluster });
    expect([stdout, stderr]).toEqual(['a:5a\nb:6b\n', '']);
    expect(mostUnderWay()).toBe(2);
  });

  test("one client's lines follow each other", async () => {
    const cluster = new FakeCluster();
    const block = 'concurrently\nput 5 k 1\nput 5 k 2\nget 5 k\nend\nget 6 k\n';
    const { stdout } = await runScript(JOINED + block, { cluster });
    expect(stdout).toBe('k:2\nk:2\n');
    const asked = cluster.asked.slice(-6).map(({ id, method }) => `${id} ${method}`);
    expect(asked).toEqual(['5 put', '0 settle', '5 put', '0 settle', '5 get', '6 get']);
  });

  test('a sleep holds back the lines behind it, not those before it', async () => {
    const cluster = new FakeCluster();
    await runScript(`${JOINED}concurrently\nput 5 a 1\nsleep 20ms\nput 6 b 2\nend\n`, { cluster });
    const [first, second, third] = cluster.calls.filter((call) => /put|sleep/.test(call));
    expect([first, second, third]).toEqual([
      'ask 5 put {"key":"a","value":"1"}',
      'sleep 20',
      'ask 6 put {"key":"b","value":"2"}',
    ]);
  });

  test('what follows the block waits for all of it', async () => {
    const { cluster } = createGate(2);
    const script = `${JOINED}concurrently\nget 5 a\nget 6 b\nkillServer 1\nend\nprintStore 0\n`;
    await runScript(script, { cluster });
    expect(cluster.calls.at(-1)).toBe('ask 0 printStore {}');
  });

  test('joins and check have no place inside', async () => {
    const inside = ['joinServer 2', 'joinClient 7 0', 'check', 'check causal'];
    const block = `concurrently\n${inside.join('\n')}\nget 5 k\nend\n`;
    const { stdout, stderr } = await runScript(JOINED + block);
    expect(stderr.match(/\d+: E_\w+/g)).toEqual([6, 7, 8, 9].map((line) => `${line}: E_NOT_HERE`));
    expect(stdout).toBe('k:ERR_KEY\n');
  });

  test.each(['protocol plain', 'concurrently'])(
    '%s has no place inside either, and the script ends there',
    async (line) => {
      const block = `concurrently\n${line}\nget 5 k\nend\nget 5 k\n`;
      const { stdout, stderr, isOver } = await runScript(JOINED + block);
      expect(stderr.match(/\d+: E_\w+/g)).toEqual(['6: E_NOT_HERE']);
      expect([stdout, isOver]).toEqual(['', true]);
    },
  );

  test('bad lines inside are reported, the others run', async () => {
    const block = 'concurrently\nget 9 k\nnonsense\nget 5 k\nend\n';
    const { stdout, stderr, badLineCount } = await runScript(JOINED + block);
    expect(stdout).toBe('k:ERR_KEY\n');
    expect(stderr.match(/\d+: E_\w+/g)).toEqual(['7: E_UNKNOWN_COMMAND', '6: E_NO_SUCH_CLIENT']);
    expect(badLineCount).toBe(2);
  });

  test('a server that two lines kill is killed once', async () => {
    const { stderr, cluster } = await runScript(
      `${JOINED}concurrently\nkillServer 0\nkillServer 0\nend\n`,
    );
    expect(stderr.match(/\d+: E_\w+/g)).toEqual(['7: E_NO_SUCH_SERVER']);
    expect(cluster.calls.filter((call) => call === 'kill 0')).toHaveLength(1);
  });

  test('a block without an end is not run, and its first line is bad', async () => {
    const { stdout, stderr, cluster, isOver } = await runScript(`${JOINED}concurrently\nget 5 k\n`);
    expect([stdout, isOver]).toEqual(['', true]);
    expect(stderr).toBe('causeway: stdin:5: E_ARGS: no end follows: the block was not run\n');
    expect(cluster.calls.some((call) => call.includes('get'))).toBe(false);
  });

  test('a block has a most', async () => {
    const { stderr, badLineCount } = await runScript(
      `${JOINED}concurrently\n${'get 5 k\n'.repeat(10_001)}end\n`,
    );
    expect(stderr).toBe('causeway: stdin:10006: E_LIMIT: 10000 lines are the most in one block\n');
    expect(badLineCount).toBe(1);
  });

  test('two stabilize take turns', async () => {
    const cluster = new FakeCluster();
    const events: string[] = [];
    cluster.respond = (_id, method, { round }) => {
      if (method !== 'stabilize') return undefined;
      events.push(`begin ${round}`);
      return Promise.resolve().then(() => {
        events.push(`end ${round}`);
        return { reached: [0, 1], missing: [] };
      });
    };
    await runScript(`${JOINED}concurrently\nstabilize\nstabilize\nend\n`, { cluster });
    expect(events).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  test('a bug in one line ends the run, while another line sleeps', async () => {
    const cluster = new FakeCluster();
    cluster.respond = (_id, method) => (method === 'get' ? { nonsense: true } : undefined);
    cluster.sleep = () => new Promise((resolve) => setImmediate(resolve));
    const script = `${JOINED}concurrently\nget 5 k\nsleep 1s\nget 6 k\nend\n`;
    await expect(runScript(script, { cluster })).rejects.toThrow('no Answer');
  });
});

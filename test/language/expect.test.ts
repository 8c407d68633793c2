// The commands `expect` and `wait`: they judge answers, and a failure is said and counts.
import { describe, expect, test } from 'vitest';
import { FakeCluster, reply } from '../support/fakeCluster.ts';
import { runScript } from '../support/runScript.ts';

const JOINED = 'joinServer 0\njoinClient 5 0\nput 5 x 1\n';

const run = (script: string, setup = {}) => runScript(`${JOINED}${script}`, setup);

describe('expect', () => {
  test.each([
    'get 5 x\nexpect x:1',
    'get 5 x\n# a comment\n\nexpect any x:0 | x:1\nexpect like x:*',
    'get 5 y\nexpect y:ERR_KEY',
    'put 5 y 2\nprintStore 0\nexpect lines y:2 | x:1',
    'delete 5 x\nprintStore 0\nexpect nothing',
    'concurrently\nget 5 x\nget 5 z\nend\nexpect lines x:1 | z:ERR_KEY',
  ])('is quiet where the answer is so: %j', async (script) => {
    const { stderr, stdout, outcome, badLineCount } = await run(`${script}\n`);
    expect([stderr, outcome, badLineCount]).toEqual(['', 'holds', 0]);
    expect(stdout).not.toContain('expect');
  });

  test.each([
    ['get 5 x\nexpect x:2', "5: E_EXPECT: expected 'x:2', but line 4 answered 'x:1'"],
    ['put 5 x 3\nexpect x:3', "5: E_EXPECT: expected 'x:3', but line 4 answered nothing"],
    ['get 9 x\nexpect x:1', "5: E_EXPECT: expected 'x:1', but line 4 was refused"],
    ['frobnicate\nexpect x:1', "5: E_EXPECT: expected 'x:1', but line 4 was refused"],
    [
      'concurrently\nget 5 x\nend\nexpect x:2',
      "7: E_EXPECT: expected 'x:2', but the block from line 4 answered 'x:1'",
    ],
  ])('says what was answered in its place: %j', async (script, said) => {
    const { stderr, outcome } = await run(`${script}\nget 5 x\n`);
    expect(stderr).toContain(`causeway: stdin:${said}\n`);
    expect(outcome).toBe('broken');
  });

  test('judges the text, with answers as JSON too', async () => {
    const { outcome } = await run('get 5 x\nexpect x:1\n', { isJson: true });
    expect(outcome).toBe('holds');
  });

  test('goes on with the next line, and judges the same answer again', async () => {
    const { stderr, stdout } = await run('get 5 x\nexpect x:2\nexpect x:1\nexpect x:3\nget 5 x\n');
    expect(stderr.match(/stdin:\d+/g)).toEqual(['stdin:5', 'stdin:7']);
    expect(stdout).toBe('x:1\nx:1\n');
  });

  test('A60 has a place of its own', async () => {
    const { stderr } = await runScript('expect x:1\n');
    expect(stderr).toBe('causeway: stdin:1: E_NOT_HERE: no line before it has been done\n');
    const block = await run('concurrently\nget 5 x\nexpect x:1\nend\n');
    expect(block.stderr).toMatch(/^causeway: stdin:6: E_NOT_HERE: expect cannot/);
    const bare = await run('get 5 x\nexpect\nexpect x:1\n');
    expect(bare.stderr).toMatch(
      /^causeway: stdin:5: E_ARGS: the expected answer is missing; usage/,
    );
    expect(bare.outcome).toBe('holds');
  });
});

/** A client whose gets answer `x:0`, `x:1` and so on. */
function counting(): FakeCluster {
  const cluster = new FakeCluster();
  let count = -1;
  cluster.respond = (_id, method) => {
    if (method !== 'get') return undefined;
    count += 1;
    return reply('ok', String(count), 0);
  };
  return cluster;
}

describe('wait', () => {
  test('asks again until the answer is so, and prints nothing', async () => {
    const { stdout, stderr, outcome, cluster, history } = await run(
      'wait until get 5 x expect x:3 within 1s\n',
      { cluster: counting() },
    );
    expect([stdout, stderr, outcome]).toEqual(['', '', 'holds']);
    expect(cluster.calls.filter((call) => call === 'sleep 50')).toHaveLength(3);
    expect(history.filter(({ kind }) => kind === 'get')).toHaveLength(4);
  });

  test('fails when the time is over, after a last look', async () => {
    const { stderr, outcome, cluster } = await run(
      'wait until get 5 x expect any x:9 | x:8 within 120ms\n',
      { cluster: counting() },
    );
    expect(stderr).toBe(
      "causeway: stdin:4: E_EXPECT: expected one of 'x:9', 'x:8' within 120 ms, but the last " +
        "answer was 'x:3'\n",
    );
    expect(outcome).toBe('broken');
    const sleeps = cluster.calls.filter((call) => call.startsWith('sleep'));
    expect(sleeps).toEqual(['sleep 50', 'sleep 50', 'sleep 20']);
  });

  test('looks at servers too, without their notes', async () => {
    const ok = await run('wait until printStore 0 expect x:1 within 0s\n');
    expect([ok.stdout, ok.stderr]).toEqual(['', '']);
    const cluster = new FakeCluster();
    const late = await run('pauseServer 0\nwait until inspect 0 expect like * within 10s\n', {
      cluster,
    });
    expect(late.stderr).toMatch(/^causeway: stdin:5: E_EXPECT: .* the last answer was nothing\n$/);
  });

  test('of a block begins after the earlier lines of its client', async () => {
    const { stdout, outcome } = await run(
      'concurrently\nput 5 x 7\nwait until get 5 x expect x:7 within 0s\nend\n',
    );
    expect([stdout, outcome]).toEqual(['', 'holds']);
  });

  test.each([
    'wait',
    'wait get 5 x expect x:1 within 1s',
    'wait until get 5 x within 1s',
    'wait until get 5 x expect x:1',
    'wait until get 5 x expect x:1 within',
    'wait until get 5 x expect x:1 within 5',
    'wait until get 5 x expect x:1 within 2h',
    'wait until get 5 x expect within 5s',
    'wait until get 5 expect x:1 within 5s',
    'wait until expect x:1 within 5s',
    'wait until put 5 x 1 expect nothing within 5s',
    'wait until wait until get 5 x expect x:1 within 1s expect x:1 within 5s',
  ])('is refused: %s', async (line) => {
    const { stderr, badLineCount, outcome } = await run(`${line}\n`);
    expect(stderr).toMatch(/^causeway: stdin:4: E_ARGS: /);
    expect([badLineCount, outcome]).toEqual([1, 'holds']);
  });

  test('of a client that is not there is a bad line', async () => {
    const { stderr } = await run('wait until get 9 x expect x:1 within 5s\n');
    expect(stderr).toMatch(/^causeway: stdin:4: E_NO_SUCH_CLIENT: /);
  });
});

// Scripts on Redis's own servers: acknowledged writes are lost as Redis says, and not with the
// settings against it; what a script can do to servers of ours it can do to these.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { RespConnection } from '../../src/engines/redis/respConnection.ts';
import { findPort, LOOPBACK } from '../../src/engines/tcp/ports.ts';
import { IS_FULL } from '../support/extent.ts';
import { describeScripts, FOR_LONG } from './engineScripts.ts';
import { hasProgram, runNodes } from './runNodes.ts';

const isThere = hasProgram('redis-server', '--version');
const THREE = 'joinServer 0\njoinServer 1\njoinServer 2\njoinClient 10 0\njoinClient 12 2\n';

describeScripts('redis', isThere);

it('the package of Redis is named if there is no such program', async () => {
  const ran = await runNodes('protocol redis binary=no-such-redis\njoinServer 0\n');
  expect(ran.status).toBe(71);
  expect(ran.stderr).toContain("there is no such program; Debian's package redis-server has it");
});

it.runIf(isThere)('what a program wrote that does not start is shown', FOR_LONG, async () => {
  const ran = await runNodes('protocol redis binary=ls\njoinServer 0\n');
  expect(ran.status).toBe(71);
  expect(ran.stderr).toMatch(/server 0 ended.*exit status 2.*unrecognized/);
});

it.each([
  ['wait=64', 'wait: a whole number from 0 to 63'],
  ['min-replicas=x', 'min-replicas: a whole number from 0 to 63'],
  ['timeout=0.5ms', 'timeout: a time from 1ms to 5s'],
  ['endpoints=10.0.0.1', 'endpoints: addresses with commas'],
])('%s is refused with what is right', async (option, right) => {
  const { status, stderr } = await runNodes(`protocol redis ${option}\n`);
  expect([status, stderr]).toEqual([65, expect.stringContaining(`is no value of ${right}`)]);
});

it('options about programs are refused with servers that run already', async () => {
  for (const option of ['min-replicas=1', 'appendonly=yes', 'binary=x']) {
    const { status, stderr } = await runNodes(`protocol redis ${option} endpoints=h:1\n`);
    expect([status, stderr]).toEqual([65, expect.stringContaining('endpoints= starts none')]);
  }
});

it('a file for a found script that cannot be written is found before the search', async () => {
  const order = ['fuzz', '--protocol', 'redis', '--out', 'no-such-folder/x'];
  const { status, stderr } = await runNodes('', order);
  expect([status, stderr]).toEqual([71, expect.stringContaining('E_IO: no-such-folder/x')]);
});

describe.runIf(isThere && IS_FULL)('servers of Redis of somebody else', () => {
  const primary = { host: LOOPBACK, port: 0 };
  const replica = { host: LOOPBACK, port: 0 };
  let choice = '';
  beforeAll(async () => {
    for (const one of [primary, replica]) one.port = await findPort();
    const endpoints = [replica, primary].map(({ host, port }) => `${host}:${port}`).join(',');
    choice = `protocol redis timeout=2s endpoints=${endpoints}`;
  });

  /** Runs a task while a primary and a replica run, and then looks at what is left. */
  async function within(task: () => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'causeway-redis-test-'));
    const begin = ({ port }: { port: number }, ...words: string[]): ChildProcess => {
      const flags = ['--port', String(port), '--dir', folder, '--save', '', ...words];
      return spawn('redis-server', flags, { stdio: 'ignore' });
    };
    const programs = [begin(primary)];
    programs.push(begin(replica, '--replicaof', primary.host, String(primary.port)));
    try {
      const info = () => ask(replica, ['INFO', 'replication']).catch(String);
      await expect.poll(info, FOR_LONG).toContain('master_link_status:up');
      await task();
    } finally {
      for (const program of programs) program.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  }

  it('are asked, and nothing is done to them', FOR_LONG, async () => {
    await within(async () => {
      await ask(primary, ['SET', 'theirs', '1']);
      const script = [
        ...['joinServer 0', 'joinServer 1', 'joinServer 2', 'joinClient 5 0', 'put 5 x 1'],
        ...['get 5 x', 'get 5 x primary', 'cas 5 x 1 2', 'delete 5 none', 'put 5 é ""'],
        ...['printStore 0', 'killServer 0', 'promote 0', 'stabilize', 'check linearizable'],
      ];
      const ran = await runNodes(`${choice}\n${script.join('\n')}\n`);
      expect(ran.stdout).toBe('x:1\nx:1\nx:2\nx:2\né:\nlinearizable: holds\n');
      expect(ran.stderr).toMatch(/stdin:4: E_BAD_ID: 2 is not among the 2 addresses/);
      expect(ran.stderr).toMatch(/stdin:13: E_UNSUPPORTED: .*no killServer here.*endpoints=/);
      expect(ran.stderr).toMatch(/stdin:14: E_UNSUPPORTED: .*no promote here/);
      expect(await ask(primary, ['KEYS', '*'])).toEqual(['theirs']);
    });
  });

  it('are judged across a failover that loses writes', FOR_LONG, async () => {
    await within(async () => {
      const master = spawn(process.execPath, ['master.js'], { stdio: 'pipe' });
      const heard = { stdout: '', stderr: '' };
      master.stdout.on('data', (part: Buffer) => {
        heard.stdout += part;
      });
      master.stderr.on('data', (part: Buffer) => {
        heard.stderr += part;
      });
      const tell = (...lines: string[]): boolean => master.stdin.write(`${lines.join('\n')}\n`);
      tell(`${choice} reaction=open`, 'joinServer 0', 'joinServer 1', 'joinClient 5 0');
      tell('put 5 x 1', 'get 5 x primary');
      await expect.poll(() => heard.stdout, FOR_LONG).toBe('x:1\n');
      // The replica turns away, and misses a write.
      await ask(replica, ['REPLICAOF', LOOPBACK, '1']);
      tell('put 5 x 2', 'get 5 x primary');
      await expect.poll(() => heard.stdout, FOR_LONG).toBe('x:1\nx:2\n');
      await ask(replica, ['REPLICAOF', 'NO', 'ONE']);
      await ask(primary, ['REPLICAOF', replica.host, replica.port]);
      const info = () => ask(primary, ['INFO', 'replication']);
      await expect.poll(info, FOR_LONG).toContain('master_link_status:up');
      // The first write finds that the old primary writes no more.
      tell('put 5 x 3', 'get 5 x primary', 'put 5 y 4', 'check read-your-writes');
      master.stdin.end();
      await expect.poll(() => heard.stdout, FOR_LONG).toContain('read-your-writes: ');
      expect(heard.stderr).toContain("READONLY You can't write against a read only replica.)");
      expect(heard.stdout).toMatch(/^x:1\nx:2\nx:1\nread-your-writes: broken .*x=2/);
      await expect.poll(() => ask(replica, ['KEYS', '*']), FOR_LONG).toEqual([]);
    });
  });

  it('cannot be what is no Redis', FOR_LONG, async () => {
    const ran = await runNodes('protocol redis endpoints=127.0.0.1:1\njoinServer 0\n');
    expect(ran.stderr).toMatch(/note: server 0 could not join: .*ECONNREFUSED/);
  });
});

async function ask(
  address: { host: string; port: number },
  words: readonly (string | number)[],
): Promise<unknown> {
  const connection = new RespConnection(() => address);
  try {
    return await connection.send(words, 5_000);
  } finally {
    connection.close();
  }
}

describe.runIf(isThere && IS_FULL).concurrent('servers of Redis', () => {
  it('do operations in one step, and show their stores', FOR_LONG, async () => {
    const script = [
      ...['put 12 x a  b', 'get 10 x', 'put 10 é ""', 'get 12 é', 'cas 10 x a 1', 'put 10 y 1'],
      ...['cas 12 y 1 2', 'cas 12 none 1 2', 'delete 12 y', 'get 10 y', 'delete 10 none'],
      ...['printStore 2', 'inspect 2'],
    ];
    const ran = await runNodes(`protocol redis\n${THREE}${script.join('\n')}`);
    const lines = ran.stdout.split('\n');
    expect(lines.slice(0, 8)).toEqual([
      ...['x:a  b', 'é:', 'x:ERR_CAS', 'y:2', 'none:ERR_CAS', 'y:ERR_KEY', 'x:a  b', 'é:'],
    ]);
    expect(JSON.parse(lines[8] ?? '')).toMatchObject({
      ...{ role: 'replica', follows: 0, isInTouch: true },
      store: [
        { key: 'x', value: 'a  b', version: [2 ** 32 + 1, 0, 1] },
        { key: 'é', value: '' },
      ],
    });
    expect([ran.status, ran.stderr]).toEqual([0, '']);
  });

  it('survive a failover in order, and come back with their writes', FOR_LONG, async () => {
    const script = [
      ...['put 10 x 1', 'killServer 0', 'promote 1', 'put 12 x 2', 'get 12 x', 'joinServer 0'],
      ...['printStore 0', 'killServer 0', 'killServer 1', 'killServer 2', 'joinServer 1'],
      ...['joinClient 13 1', 'get 13 x', 'put 13 x 3', 'joinServer 0', 'printStore 0'],
      ...['check linearizable monotonic-writes'],
    ];
    const ran = await runNodes(`protocol redis appendonly=yes\n${THREE}${script.join('\n')}`);
    expect(ran.stdout.split('\n')).toEqual([
      ...['x:2', 'x:2', 'x:2', 'x:3', 'linearizable: holds', 'monotonic-writes: holds', ''],
    ]);
  });

  it('are cut one way, paused, and slow', FOR_LONG, async () => {
    const script = [
      // What the primary sends is lost on its way; the connection ends with the cut.
      ...['breakConnection 0 2 oneway', 'put 10 x 1', 'heal', 'get 12 x'],
      ...['pauseServer 2', 'put 10 x 2', 'get 12 x', 'promote 2', 'resumeServer 2', 'get 12 x'],
      ...['link 0 2 delay=300ms', 'put 10 x 3', 'get 12 x', 'link all reset'],
      ...['fail 2', 'put 10 x 4', 'recover 2', 'get 12 x'],
    ];
    const ran = await runNodes(`protocol redis timeout=2s\n${THREE}${script.join('\n')}`);
    expect(ran.stdout.split('\n')).toEqual(['x:1', 'x:ERR_UNREACHABLE', 'x:2', 'x:3', 'x:4', '']);
    // It would become a primary when it is resumed, after the script has gone on.
    expect(ran.stderr).toContain('server 2 is paused');
  });

  it('are found not to be linearizable by random scripts', FOR_LONG, async () => {
    const claim = ['--set', 'claims=linearizable'];
    const ran = await runNodes('', ['fuzz', '--protocol', 'redis', ...claim, '--seconds', '40']);
    expect(ran.status, ran.stderr).toBe(1);
    expect(ran.stdout).toMatch(/^# broken: linearizable: .*\n(?:#.*\n)+protocol redis claims=/);
  });

  it('are stale over a slow link if lines do not wait', FOR_LONG, async () => {
    const load = 'workload ops=600 reads=0.5 keys=2 inflight=2\ncheck linearizable\n';
    const ran = await runNodes(
      `protocol redis reaction=open\n${THREE}link 0 2 delay=30ms\n${load}`,
    );
    expect(ran.stdout).toContain('linearizable: broken');
    const atPrimary = await runNodes(`protocol redis reaction=open reads=primary\n${THREE}${load}`);
    expect(atPrimary.stdout).toContain('linearizable: holds');
  });
});

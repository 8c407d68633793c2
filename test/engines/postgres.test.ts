// Scripts on PostgreSQL's own servers: acknowledged commits are lost as PostgreSQL says, and not
// with the settings against it; what a script can do to servers of ours it can do to these.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { chooseOwner, findPrograms } from '../../src/engines/postgres/programs.ts';
import { findPort } from '../../src/engines/tcp/ports.ts';
import { IS_FULL } from '../support/extent.ts';
import { describeScripts, FOR_LONG } from './engineScripts.ts';
import { hasProgram, runNodes } from './runNodes.ts';

const isThere = hasProgram(findServer(), '--version');
const folder = mkdtempSync(join(tmpdir(), 'causeway-postgres-test-'));
// The servers' user goes through it.
chmodSync(folder, 0o711);
afterAll(() => rmSync(folder, { recursive: true }));

const THREE = 'joinServer 0\njoinServer 1\njoinServer 2\njoinClient 10 0\njoinClient 12 2\n';
const SYNCHRONOUS = 'protocol postgres sync=1 commit=remote_apply timeout=4s\n';

describeScripts('postgres', isThere);

it('the package of PostgreSQL is named if there is no such program', async () => {
  const ran = await runNodes('protocol postgres binary=no-such-postgres\njoinServer 0\n');
  expect(ran.status).toBe(71);
  expect(ran.stderr).toContain("no such program; Debian's package postgresql has it");
});

it('settings that contradict each other are refused', async () => {
  const standby = await runNodes('protocol postgres commit=remote_apply\njoinServer 0\n');
  expect(standby.stderr).toContain('commit=remote_apply waits for no standby without sync=1');
  const own = await runNodes('protocol postgres sync=1 endpoints=postgres://a@b/c\njoinServer 0\n');
  expect(own.stderr).toContain('sync= is about programs of the run');
  const binary = await runNodes('protocol postgres binary=x endpoints=postgres://a@b/c\n');
  expect(binary.stderr).toContain('binary= is about programs of the run');
  const count = await runNodes('protocol postgres sync=64\n');
  expect(count.stderr).toContain('a whole number from 0 to 63');
});

it.runIf(isThere)('what a program wrote that does not start is shown', FOR_LONG, async () => {
  const ran = await runNodes('protocol postgres binary=/usr/bin/ls\njoinServer 0\n');
  expect(ran.status).toBe(71);
  expect(ran.stderr).toMatch(/cannot start server 0: .*initdb: there is no such program; Debian's/);
});

// By itself: it has only so much time.
it.runIf(isThere && IS_FULL)(
  'random scripts find that it is not linearizable',
  FOR_LONG,
  async () => {
    const settings = ['--set', 'claims=linearizable', '--set', 'reaction=open', '--seconds', '60'];
    const ran = await runNodes('', ['fuzz', '--protocol', 'postgres', ...settings]);
    expect(ran.status, ran.stderr).toBe(1);
    expect(ran.stdout).toMatch(/^# broken: linearizable: .*\n(?:#.*\n)+protocol postgres claims=/);
  },
);

it.runIf(isThere && IS_FULL)('it is, at a primary that is never replaced', FOR_LONG, async () => {
  const settings = ['claims=linearizable', 'reads=primary', 'sync=1', 'commit=remote_apply'];
  const words = [...settings, 'timeout=1s'].flatMap((setting) => ['--set', setting]);
  const order = ['fuzz', '--protocol', 'postgres', ...words, '--kills', '--seconds', '30'];
  const ran = await runNodes('', order);
  expect(ran.stderr).toMatch(/postgres: [1-9]\d* seeds in at most 30 s, none broken/);
  expect(ran.status).toBe(0);
});

describe.runIf(isThere && IS_FULL).concurrent('servers of PostgreSQL', () => {
  it('do operations in one step, and show their stores', FOR_LONG, async () => {
    const script = [
      ...['put 12 x a  b', 'get 10 x', 'put 10 é ""', 'get 12 é', 'cas 10 x a 1', 'put 10 y 1'],
      ...['cas 12 y 1 2', 'cas 12 none 1 2', 'delete 12 y', 'get 10 y', 'delete 10 none'],
      ...['printStore 2', 'inspect 2'],
    ];
    const ran = await runNodes(`protocol postgres\n${THREE}${script.join('\n')}`);
    const lines = ran.stdout.split('\n');
    expect(lines.slice(0, 8)).toEqual([
      ...['x:a  b', 'é:', 'x:ERR_CAS', 'y:2', 'none:ERR_CAS', 'y:ERR_KEY', 'x:a  b', 'é:'],
    ]);
    expect(JSON.parse(lines[8] ?? '')).toMatchObject({
      ...{ role: 'standby', follows: 0, isInTouch: true, term: 1 },
      store: [
        { key: 'x', value: 'a  b', version: [2 ** 32 + 1, 0, 1] },
        { key: 'é', value: '' },
      ],
    });
    expect([ran.status, ran.stderr]).toEqual([0, '']);
  });

  it('order writes that clients do at the same time', FOR_LONG, async () => {
    const script = [
      ...['joinClient 11 1', 'joinClient 13 0', 'workload ops=600 reads=0.3 keys=2 inflight=4'],
      ...['check linearizable', ''],
    ];
    const options = 'reads=primary reaction=open';
    const ran = await runNodes(`protocol postgres ${options}\n${THREE}${script.join('\n')}`);
    expect(ran.stdout).toContain('linearizable: holds');
  });

  it('survive failovers in order, and come back with their writes', FOR_LONG, async () => {
    const script = [
      ...['put 10 x 1', 'killServer 0', 'promote 1', 'put 12 x 2', 'get 12 x', 'joinServer 0'],
      ...['printStore 0', 'killServer 0', 'killServer 1', 'killServer 2', 'joinServer 1'],
      ...['joinClient 13 1', 'get 13 x', 'put 13 x 3', 'joinServer 0', 'printStore 0'],
      ...['promote 0', 'put 13 x 4', 'printStore 1', 'check linearizable monotonic-writes'],
    ];
    const ran = await runNodes(`protocol postgres\n${THREE}${script.join('\n')}`);
    expect(ran.stdout.split('\n')).toEqual([
      ...['x:2', 'x:2', 'x:2', 'x:3', 'x:4', 'linearizable: holds', 'monotonic-writes: holds', ''],
    ]);
    expect(ran.status).toBe(0);
  });

  it('meet again after two of them were promoted apart', FOR_LONG, async () => {
    const script = [
      ...['put 10 x 0', 'partition 0 10 | 1 11 | 2 12', 'promote 1', 'promote 2'],
      ...['put 10 x 1', 'put 11 x 2', 'put 12 x 3', 'heal', 'stabilize'],
      ...['printStore 0', 'printStore 1', 'printStore 2', 'put 11 x 4', 'printStore 0'],
    ];
    const joined = `${THREE}joinClient 11 1\n`;
    const ran = await runNodes(`protocol postgres\n${joined}${script.join('\n')}`);
    expect(ran.stdout.split('\n')).toEqual(['x:3', 'x:3', 'x:3', 'x:4', '']);
  });

  it('are cut one way, paused, and slow', FOR_LONG, async () => {
    const script = [
      // What the primary sends is lost on its way; the connection ends with the cut.
      ...['breakConnection 0 2 oneway', 'put 10 x 1', 'heal', 'get 12 x'],
      ...['pauseServer 2', 'put 10 x 2', 'get 12 x', 'resumeServer 2', 'get 12 x'],
      ...['link 0 2 delay=300ms', 'put 10 x 3', 'get 12 x', 'link all reset'],
      ...['fail 2', 'put 10 x 4', 'recover 2', 'get 12 x'],
    ];
    const ran = await runNodes(`protocol postgres timeout=2s\n${THREE}${script.join('\n')}`);
    expect(ran.stdout.split('\n')).toEqual(['x:1', 'x:ERR_UNREACHABLE', 'x:2', 'x:3', 'x:4', '']);
  });

  it('wait for standbys if told, and are done when one is back', FOR_LONG, async () => {
    const history = join(folder, 'history');
    const script = [
      ...['joinServer 0', 'joinServer 1', 'joinClient 10 0', 'put 10 x 1'],
      ...['breakConnection 0 1', 'put 10 x 2', 'get 10 x', 'heal', 'stabilize', 'get 10 x'],
    ];
    const ran = await runNodes(SYNCHRONOUS + script.join('\n'), ['--history', history]);
    expect(ran.stdout).toBe('x:1\nx:2\n');
    expect(outcomesIn(history)).toEqual(['ok', 'unknown', 'ok', 'ok']);
  });

  it('take no server while none runs', FOR_LONG, async () => {
    const script = ['joinServer 0', 'killServer 0', 'joinServer 1', 'joinServer 0', 'joinServer 1'];
    const ran = await runNodes(`protocol postgres\n${script.join('\n')}\nprintStore 1\n`);
    expect(ran.stderr).toMatch(
      /note: server 1 could not join: .*no server runs whose store it could copy/,
    );
    expect(ran.status).toBe(0);
  });

  it('are copied from a standby if the primary is paused or gone', FOR_LONG, async () => {
    const script = [
      ...['put 10 x 1', 'pauseServer 0', 'joinServer 3', 'printStore 3', 'killServer 0'],
      ...['joinServer 4', 'promote 1', 'put 12 y 2', 'printStore 3', 'printStore 4'],
    ];
    const ran = await runNodes(`protocol postgres\n${THREE}${script.join('\n')}`);
    expect(ran.stdout).toBe('x:1\nx:1\ny:2\nx:1\ny:2\n');
  });

  it('are promoted again without a new term, also if a commit waits', FOR_LONG, async () => {
    const script = [
      ...['joinServer 0', 'joinServer 1', 'joinClient 10 0', 'put 10 x 1', 'breakConnection 0 1'],
      ...['put 10 x 2', 'promote 0', 'heal', 'stabilize', 'printStore 1', 'inspect 0'],
    ];
    const ran = await runNodes(SYNCHRONOUS + script.join('\n'));
    expect(ran.stdout).toMatch(/^x:2\n.*"term":1/);
    expect(ran.stderr).not.toContain('stdin:8');
  });

  it('are not asked as the variables of the driver say', FOR_LONG, async () => {
    const variables = { PGSSLMODE: 'require', PGOPTIONS: '-c statement_timeout=1' };
    const script = 'protocol postgres\njoinServer 0\njoinClient 5 0\nput 5 x 1\nget 5 x\n';
    const running = promisify(execFile)(process.execPath, ['master.js'], {
      env: { ...process.env, ...variables },
    });
    running.child.stdin?.end(script);
    expect(await running).toEqual({ stdout: 'x:1\n', stderr: '' });
  });

  it('are stale over a slow link if lines do not wait', FOR_LONG, async () => {
    const load = 'workload ops=600 reads=0.5 keys=2 inflight=2\ncheck linearizable\n';
    const ran = await runNodes(
      `protocol postgres reaction=open\n${THREE}link 0 2 delay=30ms\n${load}`,
    );
    expect(ran.stdout).toContain('linearizable: broken');
  });

  it('leave no process and no folder, also if the master is killed', FOR_LONG, async (test) => {
    const own = mkdtempSync(join(folder, 'tmp-'));
    chmodSync(own, 0o711);
    const master = spawn(process.execPath, ['master.js'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: own },
    });
    master.stdin.write('protocol postgres\njoinServer 0\njoinServer 1\npauseServer 1\ninspect 0\n');
    await once(master.stdout, 'data');
    // A primary and a standby have at least four processes each.
    expect(runningIn(own).length).toBeGreaterThan(7);
    master.kill('SIGKILL');
    await test.expect.poll(() => runningIn(own), { timeout: 20_000 }).toEqual([]);
    await test.expect.poll(() => readdirSync(own), { timeout: 20_000 }).toEqual([]);
  });
});

describe.runIf(isThere && IS_FULL)('servers of PostgreSQL that run already', () => {
  it('are asked, and nothing is left there', FOR_LONG, async (test) => {
    const primary = await startOther('primary', []);
    await test.expect.poll(() => countSchemas(primary.port), FOR_LONG).toBe('0');
    const standby = await startOther('standby', ['-c', 'hot_standby=on'], primary.port);
    try {
      await test.expect.poll(() => countSchemas(standby.port), FOR_LONG).toBe('0');
      const script = [
        ...['joinServer 1', 'joinServer 0', 'joinServer 2', 'joinClient 5 0', 'joinClient 6 1'],
        ...['put 5 x 1', 'get 6 x', 'cas 6 x 1 2', 'printStore 1', 'stabilize', 'killServer 0'],
        ...['delete 5 x', 'get 6 x', 'check linearizable'],
      ];
      const endpoints = [primary, standby].map(({ url }) => url).join();
      const ran = await runNodes(`protocol postgres endpoints=${endpoints}\n${script.join('\n')}`);
      expect(ran.stdout).toBe('x:1\nx:2\nx:2\nx:ERR_KEY\nlinearizable: holds\n');
      expect(ran.stderr).toMatch(/stdin:4: E_BAD_ID: 2 is not among the 2 addresses/);
      expect(ran.stderr).toMatch(/stdin:12: E_UNSUPPORTED: .*endpoints= are not of this run/);
      expect(countSchemas(primary.port)).toBe('0');
    } finally {
      await standby.stop();
      await primary.stop();
    }
  });

  it('say each time why they refuse a run', FOR_LONG, async (test) => {
    const other = await startOther('refusing', []);
    try {
      await test.expect.poll(() => countSchemas(other.port), FOR_LONG).toBe('0');
      const asked = toPsql(other.port, 'CREATE ROLE reader LOGIN');
      expect(spawnSync(programNamed('psql'), asked).status).toBe(0);
      const endpoint = other.url.replace('me@', 'reader@');
      const ran = await runNodes(
        `protocol postgres endpoints=${endpoint}\njoinServer 0\njoinServer 0\n`,
      );
      expect(ran.stderr.match(/server 0 could not join: .*permission denied/g)).toHaveLength(2);
    } finally {
      await other.stop();
    }
  });

  it('leave a commit open whose wait for standbys was cancelled', FOR_LONG, async (test) => {
    const other = await startOther('waiting', ['-c', 'synchronous_standby_names=nobody']);
    // Its user does not hear warnings, unless a run asks for them.
    const [now, error] = ['SET LOCAL synchronous_commit TO local', 'client_min_messages TO error'];
    const quiet = `${now}; ALTER ROLE me SET ${error}`;
    try {
      await test.expect.poll(() => countSchemas(other.port), FOR_LONG).toBe('0');
      expect(spawnSync(programNamed('psql'), toPsql(other.port, quiet)).status).toBe(0);
      const history = join(folder, 'waiting-history');
      const script = ['joinServer 0', 'joinClient 5 0', 'put 5 x 1', 'get 5 x', 'cas 5 x 1 2'];
      let isOver = false;
      const running = runNodes(
        `protocol postgres endpoints=${other.url}\n${script.join('\n')}\nget 5 x\n`,
        ['--history', history],
      ).finally(() => {
        isOver = true;
      });
      while (!isOver) await cancelWaits(other.port);
      const ran = await running;
      expect(ran.stdout).toBe('x:1\nx:ERR_POSTGRES_NOT_COPIED\nx:2\n');
      expect(outcomesIn(history)).toEqual(['unknown', 'ok', 'unknown', 'ok']);
      expect(countSchemas(other.port)).toBe('0');
    } finally {
      await other.stop();
    }
  });
});

interface Other {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** A server that is not of a run; a standby of the one with that port, if there is one. */
async function startOther(
  name: string,
  settings: readonly string[],
  primary?: number,
): Promise<Other> {
  const [data, port] = [join(folder, name), await findPort()];
  const owner = chooseOwner(process.getuid?.());
  mkdirSync(data, { mode: 0o700 });
  if (owner !== undefined) chownSync(data, owner.uid, owner.gid);
  const options = { ...owner, cwd: '/', env: { LC_ALL: 'C' }, encoding: 'utf8' } as const;
  const user = ['-U', 'me', '-D', data];
  const begun =
    primary === undefined
      ? spawnSync(programNamed('initdb'), [...user, '-A', 'trust', '--no-sync'], options)
      : spawnSync(
          programNamed('pg_basebackup'),
          [...user, '-h', '127.0.0.1', '-p', `${primary}`, '-R', '-c', 'fast'],
          options,
        );
  expect(begun.status, begun.stderr).toBe(0);
  const place = ['-D', data, '-p', `${port}`, '-h', '127.0.0.1', '-k', '', '-c', 'fsync=off'];
  const server = spawn(programNamed('postgres'), [...place, ...settings], {
    ...{ ...options, stdio: 'ignore' },
  });
  const stop = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    // An immediate end, with all of its processes.
    server.kill('SIGQUIT');
    await once(server, 'exit');
  };
  return { port, url: `postgres://me@127.0.0.1:${port}/postgres`, stop };
}

/** How many schemas of runs there are, in digits; undefined if the server does not answer. */
function countSchemas(port: number): string | undefined {
  const query = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'causeway%'";
  const asked = spawnSync(programNamed('psql'), toPsql(port, query), { encoding: 'utf8' });
  return asked.status === 0 ? asked.stdout.trim() : undefined;
}

/** Cancels, as an operator may, the statements whose commits wait for standbys. */
async function cancelWaits(port: number): Promise<void> {
  const query = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
  await promisify(execFile)(programNamed('psql'), toPsql(port, query));
}

function toPsql(port: number, query: string): string[] {
  return ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'me', '-d', 'postgres', '-Atc', query];
}

function programNamed(name: string): string {
  return join(findPrograms('postgres', process.env.PATH ?? '').folder, name);
}

function outcomesIn(history: string): string[] {
  const lines = readFileSync(history, 'utf8').trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { outcome: string }).outcome);
}

function findServer(): string {
  try {
    return findPrograms('postgres', process.env.PATH ?? '').server;
  } catch {
    return 'postgres';
  }
}

/** The processes that work in that folder; those of PostgreSQL hide what they were started with. */
function runningIn(path: string): string[] {
  const find = `for p in /proc/[0-9]*; do echo $p $(readlink $p/cwd); done`;
  const { stdout } = spawnSync('sh', ['-c', find], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(` ${path}/`));
}

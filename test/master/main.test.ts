// The built program as a user runs it: started by a shell, ended by a signal, read by `head`.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createRandomStream, randomBelow } from '../../src/kernel/random.ts';
import { IS_FULL, sample } from '../support/extent.ts';
import { isAlive } from '../support/processTree.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-main-'));
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD = 'joinServer 0\njoinServer 1\njoinClient 5 0\nput 5 k v\nget 5 k\n';

interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when its stdout holds the text. */
  shows(text: string): Promise<void>;
  /** Its exit status, and what it said. */
  readonly ended: Promise<{ status: number | null; stdout: string; stderr: string }>;
}

function start(...words: string[]): Started {
  const child = spawn(process.execPath, ['master.js', ...words]);
  const said = { stdout: '', stderr: '' };
  let onText = (): void => undefined;
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk;
    onText();
  });
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk;
  });
  return {
    child,
    shows: (text) =>
      new Promise((resolve) => {
        onText = () => {
          if (said.stdout.includes(text)) resolve();
        };
        onText();
      }),
    ended: new Promise((resolve) => child.once('close', (status) => resolve({ status, ...said }))),
  };
}

function childrenOf(parent: number | undefined): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name) && existsSync(`/proc/${name}/stat`))
    .map(Number)
    .filter((pid) => readStat(pid)[1] === String(parent));
}

/** The fields after the program's name: its state, its parent. */
function readStat(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** How much processor time the process has used; 0 when it is gone. */
function cpuSeconds(pid: number | undefined): number {
  const [user = 0, system = 0] = readStat(pid ?? 0)
    .slice(11, 13)
    .map(Number);
  return (user + system) / 100;
}

function hasOpen(pid: number | undefined, path: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(
      (fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === path,
    );
  } catch {
    return false;
  }
}

/** Adds without an answer, of which no read can tell the sum: one of 2^60 subsets. */
function hardHistory(): string {
  const random = createRandomStream(1, 'adds');
  const even = (): number => 2 * randomBelow(random, 1_000_000_000);
  const event = (process: number, type: string, rest: string): string =>
    `{:process ${process}, :type :${type}, ${rest}}\n`;
  const adds = Array.from({ length: 60 }, (_, process) =>
    event(process, 'invoke', `:f :add, :value ${even()}`),
  );
  const read = event(100, 'invoke', ':f :read, :value nil');
  return `${adds.join('')}${read}${event(100, 'ok', ':f :read, :value 10000000001')}`;
}

describe('the program', () => {
  test('A1 starts nothing for nothing', async () => {
    const { child, ended } = start();
    child.stdin.end();
    expect(await ended).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('answers while its input is still open, as a pipe needs it', async () => {
    const { child, shows, ended } = start();
    child.stdin.write(GOOD);
    await shows('k:v\n');
    child.stdin.write('get 5 absent\n');
    await shows('absent:ERR_KEY\n');
    const nodes = childrenOf(child.pid);
    expect(nodes).toHaveLength(3);
    child.stdin.end('nonsense\n');
    const { status, stdout, stderr } = await ended;
    expect([status, stdout]).toEqual([65, 'k:v\nabsent:ERR_KEY\n']);
    expect(stderr).toMatch(/^causeway: stdin:7: E_UNKNOWN_COMMAND: .*\n$/);
    expect(nodes.filter(isAlive)).toEqual([]);
  });

  const signals = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const;
  test.each(sample(signals, 1))(
    'A53 %s ends it with %i and leaves no node',
    async (signal, status) => {
      const { child, shows, ended } = start();
      child.stdin.write(`${GOOD}sleep 3600s\nget 5 k\n`);
      await shows('k:v\n');
      const nodes = childrenOf(child.pid);
      expect(nodes).toHaveLength(3);
      child.kill(signal);
      expect(await ended).toEqual({ status, stdout: 'k:v\n', stderr: '' });
      expect(nodes.filter(isAlive)).toEqual([]);
    },
  );

  test('A53 a signal during a stabilize that waits for a paused server', async () => {
    const { child, shows, ended } = start();
    child.stdin.write(`${GOOD}pauseServer 1\nconcurrently\nstabilize\nend\n`);
    await shows('k:v\n');
    const nodes = childrenOf(child.pid);
    child.kill('SIGTERM');
    expect((await ended).status).toBe(143);
    expect(nodes.filter(isAlive)).toEqual([]);
  });

  test('A53 a signal during a long workload, of which nothing further is done', async () => {
    const history = join(folder, 'long.jsonl');
    const { child, shows, ended } = start('--history', history);
    child.stdin.write(`${GOOD}workload ops=1000000\n`);
    await shows('k:v\n');
    const nodes = childrenOf(child.pid);
    child.kill('SIGTERM');
    expect(await ended).toEqual({ status: 143, stdout: 'k:v\n', stderr: '' });
    expect(nodes.filter(isAlive)).toEqual([]);
    expect(readFileSync(history, 'utf8').split('\n').length).toBeLessThan(100_000);
  });

  test('A53 copies of one Ctrl-C count once: a swarm still says what it has found', async () => {
    const words = ['swarm', '--protocol', 'weak', '--seeds', '100000', '--jobs', '1'];
    const { child, ended } = start(...words);
    let isAtWork = false;
    const pressing = setInterval(() => {
      isAtWork ||= childrenOf(child.pid).length > 0;
      if (isAtWork) child.kill('SIGINT');
    }, 1);
    const { status, stdout } = await ended.finally(() => clearInterval(pressing));
    expect(status).toBe(130);
    expect(stdout).toMatch(/^swarm: weak: \d+ of 100000 seeds, \d+ events, 0 broken\n$/m);
  });

  test.each(sample(signals, 1))('A53 %s ends a search for a verdict', async (signal) => {
    const file = join(folder, 'hard.edn');
    writeFileSync(file, hardHistory());
    const words = ['check', file, '--level', 'linearizable', '--initial', '0'];
    const { child, ended } = start(...words, '--budget', '999999999');
    const killing = setInterval(() => {
      if (cpuSeconds(child.pid) >= 3) child.kill(signal);
    }, 20);
    const { stdout, stderr } = await ended.finally(() => clearInterval(killing));
    expect([child.signalCode, stdout]).toEqual([signal, '']);
    expect(stderr).toBe(`causeway: note: ${file}: taken for jepsen-edn\n`);
  });

  test.each([
    [['check'], []],
    [[], ['--sim']],
    [['replay'], ['--protocol', 'causal']],
    [['serve'], ['--sim']],
  ])('A53 Ctrl-C ends the wait for a named pipe that has no writer: %j', async (before, after) => {
    const pipe = join(folder, 'pipe');
    if (!existsSync(pipe)) spawnSync('mkfifo', [pipe]);
    const { child, ended } = start(...before, pipe, ...after);
    const killing = setInterval(() => {
      if (hasOpen(child.pid, pipe)) child.kill('SIGINT');
    }, 20);
    const { status } = await ended.finally(() => clearInterval(killing));
    // A command with nothing to put in order leaves the signal to the system: a shell says 130.
    expect([130, 'SIGINT']).toContain(status ?? child.signalCode);
  });

  test('reads a script from a named pipe', async () => {
    const pipe = join(folder, 'script');
    spawnSync('mkfifo', [pipe]);
    const { ended } = start(pipe, '--sim');
    writeFileSync(pipe, GOOD);
    expect(await ended).toEqual({ status: 0, stdout: 'k:v\n', stderr: '' });
  });

  test('A55 ends quietly when its reader is gone', async () => {
    const { child, shows, ended } = start();
    child.stdin.write(GOOD);
    await shows('k:v\n');
    const nodes = childrenOf(child.pid);
    child.stdout.destroy();
    child.stdin.write('get 5 k\n'.repeat(100));
    expect(await ended).toEqual({ status: 141, stdout: 'k:v\n', stderr: '' });
    expect(nodes.filter(isAlive)).toEqual([]);
  });

  test.each([[['--sim']], [['--help']]])(
    'answers that find no room are E_IO, not a reader that is gone: %j',
    (words) => {
      const full = openSync('/dev/full', 'w');
      const { status, stderr } = spawnSync(process.execPath, ['master.js', ...words], {
        input: GOOD,
        stdio: ['pipe', full, 'pipe'],
        encoding: 'utf8',
      });
      closeSync(full);
      expect(stderr).toMatch(/^causeway: E_IO: stdout: .*ENOSPC.*\n$/);
      expect(status).toBe(71);
    },
  );

  test.each([
    ['a rejection', 'Promise.reject(planted)'],
    ['an exception', '(() => { throw planted; })()'],
  ])('%s without a handler is a bug, and says how to see it again', async (_what, action) => {
    const plant = join(folder, 'plant.cjs');
    writeFileSync(
      plant,
      `process.on('newListener', (name) => {
        if (name !== 'unhandledRejection') return;
        const planted = new Error('planted');
        setImmediate(() => ${action});
      });`,
    );
    const child = spawn(process.execPath, ['--require', plant, 'master.js', '--sim', '--quiet']);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect(stderr).toMatch(/^causeway: a bug in Causeway: Error: planted\n/);
    const replay = 'node master.js --seed 1 --sim --quiet < SCRIPT';
    expect(stderr.endsWith(`causeway: replay: ${replay}\n`)).toBe(true);
    expect(status).toBe(70);
  });

  test('what a library writes by console.log is no answer', () => {
    const plant = join(folder, 'chatty.cjs');
    writeFileSync(
      plant,
      `process.on('newListener', (name) => {
        if (name === 'unhandledRejection') setImmediate(() => console.log('planted'));
      });`,
    );
    const words = ['--require', plant, 'master.js', '--sim', '--quiet'];
    const ran = spawnSync(process.execPath, words, { input: GOOD, encoding: 'utf8' });
    expect([ran.stdout, ran.stderr]).toEqual(['k:v\n', 'planted\n']);
  });

  test('all of its output is written before it ends', async () => {
    const { child, ended } = start('--sim');
    const value = 'v'.repeat(100_000);
    child.stdin.end(`joinServer 0\njoinClient 5 0\nput 5 k ${value}\n${'get 5 k\n'.repeat(40)}`);
    const { status, stdout } = await ended;
    expect([status, stdout.length]).toEqual([0, 40 * (value.length + 3)]);
  });

  // With fewer lines it would not show that they are read as they are needed.
  test.runIf(IS_FULL)('A12 millions of lines from a fast producer take little memory', async () => {
    const { child, ended } = start('--sim');
    const lines = Buffer.from('# a comment, as long as a usual command\n'.repeat(25_000));
    const statm = (): number =>
      Number(readFileSync(`/proc/${child.pid}/statm`, 'utf8').split(' ')[1]);
    for (let count = 0; count < 60; count += 1) {
      if (!child.stdin.write(lines))
        await new Promise((resolve) => child.stdin.once('drain', resolve));
    }
    expect(statm() * 4096).toBeLessThan(160 * 1024 * 1024);
    child.stdin.end();
    expect(await ended).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('says where its nodes are, to its owner only, and forgets those that are gone', async () => {
    const path = join(folder, 'endpoints');
    // Others may read these, so the tokens must not come into them.
    for (const name of [path, `${path}.tmp`]) writeFileSync(name, 'old', { mode: 0o644 });
    const { child, shows, ended } = start('--endpoints', path);
    child.stdin.write(`${GOOD}killServer 1\nget 5 k\n`);
    await shows('k:v\nk:v\n');
    const { nodes, tokens } = JSON.parse(readFileSync(path, 'utf8'));
    expect(nodes).toMatchObject([
      { id: 0, role: 'server', incarnation: 1 },
      { id: 5, role: 'client', incarnation: 1 },
    ]);
    expect(Object.keys(tokens).length).toBeGreaterThan(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${path}.tmp`, 'utf8')).toBe('old');
    child.stdin.end();
    expect((await ended).status).toBe(0);
  });

  test('D7 a node that is killed from outside is noticed', async () => {
    const { child, shows, ended } = start();
    child.stdin.write(GOOD);
    await shows('k:v\n');
    const server = childrenOf(child.pid).find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('server.cjs'),
    );
    const gone = new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk) => String(chunk).includes('died') && resolve());
    });
    if (server !== undefined) process.kill(server, 'SIGKILL');
    await gone;
    child.stdin.end('printStore 0\nprintStore 1\n');
    const { status, stderr } = await ended;
    expect(status).toBe(65);
    expect(stderr).toMatch(/^causeway: note: server (0|1) died: signal SIGKILL\n/);
    expect(stderr.match(/E_NO_SUCH_SERVER/g)).toHaveLength(1);
  });
});

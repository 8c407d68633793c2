// Nothing outlives the master, nothing leaks from a child, and a bad environment causes a clean
// end.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { extent, sample } from '../support/extent.ts';
import {
  commandLineAndEnvironment,
  environmentOf,
  findFamily,
  findProcesses,
  isStopped,
  listeningAddresses,
  noneOfThemLeft,
  nothingLeft,
} from '../support/processTree.ts';
import { useTinyBundles } from '../support/tinyBundles.ts';
import { useTinyWorlds } from '../support/tinyWorld.ts';

const folder = useTinyBundles();
const openWorld = useTinyWorlds();

interface Driver {
  readonly child: ChildProcess;
  /** A text that stands in the command line of this driver and of its children only. */
  readonly mark: string;
  /** Resolves with all that was said so far when `word` has been said. */
  said(word: string): Promise<readonly string[]>;
  readonly ended: Promise<readonly string[]>;
  stderr(): string;
}

let drivers = 0;

function drive(args: string[], shell?: string): Driver {
  drivers += 1;
  // The same folder under a name of its own, so that its processes can be told from all others.
  const mark = `${folder()}/master${drivers}/../`;
  const command = [process.execPath, join(folder(), 'driver.cjs'), mark, ...args];
  const env = { ...process.env, TMPDIR: '/nonexistent' };
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child =
    shell === undefined
      ? spawn(process.execPath, command.slice(1), { env, stdio: [...stdio] })
      : spawn('sh', ['-c', `${shell}; exec "$@"`, 'sh', ...command], { env, stdio: [...stdio] });
  const lines: string[] = [];
  let stderr = '';
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  const reader = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  reader.on('line', (line) => lines.push(line));
  const ended = once(child, 'close').then(() => lines);
  const said = (word: string): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (lines.includes(word)) resolve(lines);
      };
      reader.on('line', look);
      void ended.then(() => reject(new Error(`never said ${word}: ${lines} ${stderr}`)));
      look();
    });
  return { child, mark, said, ended, stderr: () => stderr };
}

describe('after SIGKILL of the master', () => {
  const moments = ['expected', 'started', 'linked', 'paused', 'printed'];

  it.each(sample(moments, 3))(
    'when it has %s, no process is left within a second',
    async (moment) => {
      for (let round = 0; round < extent({ full: 6, quick: 2 }); round += 1) {
        const { child, mark, said, ended } = drive(['wait']);
        await said(moment);
        expect(findProcesses(mark).length).toBeGreaterThan(0);
        child.kill('SIGKILL');
        await nothingLeft(mark, 1_000);
        await ended;
      }
    },
  );
});

describe('after SIGKILL of the built program', () => {
  const script =
    'joinServer 0\njoinServer 1\njoinServer 2\njoinClient 5 0\n' +
    'pauseServer 1\nput 5 k v\nget 5 k\n';

  it('no process is left within a second, not even a paused server', async () => {
    for (let round = 0; round < extent({ full: 5, quick: 1 }); round += 1) {
      // In a process group of its own, which its children but the guard are in as well.
      const child = spawn(process.execPath, ['master.js'], {
        detached: true,
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const { pid = 0 } = child;
      const ended = once(child, 'exit');
      child.stdin.write(script);
      expect(String(await once(child.stdout, 'data'))).toBe('k:v\n');
      const family = findFamily(pid);
      expect(family).toContain(pid);
      // The master, the guard of the paused server, three servers and a client.
      expect(family).toHaveLength(6);
      expect(family.filter(isStopped)).toHaveLength(1);
      child.kill('SIGKILL');
      expect(await ended).toEqual([null, 'SIGKILL']);
      await noneOfThemLeft(family, 1_000);
    }
  });
});

describe('the built program', () => {
  const script =
    'joinServer 0\njoinClient 5 0\nput 5 k v\npauseServer 0\nresumeServer 0\nget 5 k\n';

  function start(nodeOptions: readonly string[], environment: NodeJS.ProcessEnv) {
    return spawnSync(process.execPath, [...nodeOptions, 'master.js'], {
      env: { ...process.env, ...environment },
      encoding: 'utf8',
      input: script,
    });
  }

  it('keeps what NODE_OPTIONS says to itself', () => {
    const run = start([], { NODE_OPTIONS: '--max-http-header-size=100' });
    expect(run).toMatchObject({ status: 0, stdout: 'k:v\n', stderr: '' });
  });

  it.each([
    ['by option', ['--inspect=0'], {}],
    ['by the environment', [], { NODE_OPTIONS: '--inspect=0' }],
  ])(
    'opens a debugger in the master only, if one is asked for %s',
    (_how, options, environment) => {
      const { status, stdout, stderr } = start(options, environment);
      expect([status, stdout]).toEqual([0, 'k:v\n']);
      expect(stderr.match(/Debugger listening/g)).toHaveLength(1);
    },
  );
});

describe('a child', () => {
  it('cannot write into the answers', async () => {
    const { child, said, ended, stderr } = drive(['wait']);
    await said('printed');
    child.kill('SIGKILL');
    expect((await ended).join('\n')).not.toContain('from a child');
    expect(stderr()).toContain('from a child');
  });

  it('listens on 127.0.0.1 and nowhere else', async () => {
    const world = openWorld();
    await world.start({ 0: 'server', 1: 'client' });
    const ports = world.cluster.endpoints().nodes.map(({ port }) => port);
    const addresses = world.cluster.pids().map(({ pid }) => listeningAddresses(pid));
    const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
    expect(addresses).toEqual(ports.map((port) => [`0100007F:${hex(port)}`]));
  });

  it('shows no secret to those who list processes, nor in what it says', async () => {
    const world = openWorld();
    await world.start({ 0: 'server', 1: 'client' });
    const secrets = Object.values(world.cluster.endpoints().tokens);
    expect(new Set(secrets).size).toBe(3);
    expect(secrets.every((secret) => Buffer.from(secret, 'base64url').length === 32)).toBe(true);
    const [told = ''] = await world.command(0, 'environment', '');
    const shown = [told, ...world.cluster.pids().map(({ pid }) => commandLineAndEnvironment(pid))];
    for (const secret of secrets) expect(shown.join()).not.toContain(secret);
  });

  it('has an environment of its own, whatever the master has', async () => {
    for (const [name, value] of Object.entries({
      NODE_OPTIONS: '--max-http-header-size=100',
      NODE_EXTRA_CA_CERTS: '/no such file',
      HTTPS_PROXY: 'http://proxy',
      LANG: 'C',
    })) {
      vi.stubEnv(name, value);
    }
    onTestFinished(() => void vi.unstubAllEnvs());
    const world = openWorld();
    await world.start({ 0: 'server', 1: 'client' });
    await world.join(1, 0);
    await world.cluster.pause(0);
    await world.cluster.resume(0);
    const environments = world.cluster.pids().map(({ pid }) => environmentOf(pid));
    const mayHave = /^(HOME|XDG_CACHE_HOME|LD_LIBRARY_PATH|LANG|LC_ALL|TZ|NODE_CHANNEL_\w+)$/;
    expect(environments).toHaveLength(3);
    for (const environment of environments) {
      expect([...environment.keys()].filter((name) => !mayHave.test(name))).toEqual([]);
      expect(environment.get('LANG')).toBe('C');
    }
    const put = await world.cluster.ask(1, 'put', { key: 'k', value: 'v' });
    expect(put).toMatchObject({ outcome: 'ok' });
  });

  it('makes no code from strings', async () => {
    const world = openWorld();
    await world.start({ 0: 'server' });
    const death = new Promise((resolve) => world.cluster.onDeath(resolve));
    await world.command(0, 'compute', '1').catch(() => undefined);
    expect(await death).toMatchObject({ id: 0, why: 'exit status 70' });
  });

  it('takes no notice of the signals that a terminal sends to the whole group', async () => {
    const world = openWorld();
    await world.start({ 0: 'server' });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      for (const { pid } of world.cluster.pids()) process.kill(pid, signal);
    }
    expect(await world.cluster.ask(0, 'settle', {})).toEqual({});
  });
});

describe('a poor environment', () => {
  it('without the program is E_SPAWN', async () => {
    const { ended, mark } = drive(['no-program']);
    expect(await ended).toEqual(['E_SPAWN', 'stopped']);
    expect(findProcesses(mark)).toEqual([]);
  });

  it('without the built files is E_SPAWN', async () => {
    const { ended } = drive(['no-files', '1'], 'cd / && set -- "$1" "$2" /nonexistent/ no-files');
    expect(await ended).toEqual(['E_SPAWN', 'stopped']);
  });

  it('with too few file descriptors is E_LIMIT, and what runs is ended', async () => {
    const { ended, mark } = drive(['many', '60'], 'ulimit -n 40');
    expect(await ended).toEqual(['E_LIMIT', 'stopped']);
    expect(findProcesses(mark)).toEqual([]);
  });
});

// The lock of a folder, against processes of its own pid namespace and of another one.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder, openServerDisk } from '../../src/rpc/dataFolder.ts';
import { lockFolder } from '../../src/rpc/folderLock.ts';
import { whyNot } from '../log/folder.ts';

let parent = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'causeway-test-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

/** A process that has said that it is up, and is alive until it is ended. */
async function start(command: string, args: readonly string[]) {
  const child = spawn(command, args);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  return { pid: child.pid as number, end: () => child.kill('SIGKILL') && gone };
}

const STAY = 'process.stdin.resume(); console.log("up");';

/** A process that was, and is no more. */
const gonePid = (): number => spawnSync(process.execPath, ['--version']).pid;

/** What this process's file is named by: its number, beginning, boot and namespace. */
function ownParts(): [string, string, string, string] {
  const folder = mkdtempSync(join(parent, 'own-'));
  const release = lockFolder(folder);
  const [name = ''] = readdirSync(folder);
  release();
  rmSync(folder, { recursive: true });
  return name.split('-').slice(1) as [string, string, string, string];
}

/** Creates the lock that a process with these properties would create. */
function putLock(...parts: (string | number)[]): string {
  const name = ['lock', ...parts].join('-');
  writeFileSync(join(parent, name), '');
  return name;
}

describe('the lock', () => {
  it.each([
    ['', true],
    [', its namespace not told', false],
  ])('sees a living process%s, and takes over from one that was killed', async (_what, isTold) => {
    const other = await start(process.execPath, ['-e', STAY]);
    const stat = execFileSync('cat', [`/proc/${other.pid}/stat`], { encoding: 'utf8' });
    const begun = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] as string;
    const [, , boot, space] = ownParts();
    const name = putLock(other.pid, begun, boot, ...(isTold ? [space] : []));
    expect(() => lockFolder(parent)).toThrow(`${parent}: in use by process ${other.pid}`);
    expect(readdirSync(parent)).toEqual([name]);
    await other.end();
    const release = lockFolder(parent);
    expect(readdirSync(parent)).toEqual([expect.stringMatching(`^lock-${process.pid}-`)]);
    release();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('is not fooled by a process with our number that began at another time', () => {
    const [pid, , boot, space] = ownParts();
    putLock(pid, 7, boot, space);
    lockFolder(parent)();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('is not fooled by one from before the machine was started, wherever it lived', () => {
    const [pid, begun, , space] = ownParts();
    putLock(pid, begun, 'aaaaaaaa', space);
    putLock(pid, begun, 'aaaaaaaa', 1);
    lockFolder(parent)();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('leaves files alone that only look like it', () => {
    const names = [
      'lock',
      'lock-1',
      'lock-x-1-0',
      'unlock-1-1-0',
      'lock-1-1-0-x',
      'lock-1-1-0-1-1',
    ];
    for (const name of names) writeFileSync(join(parent, name), '');
    lockFolder(parent)();
    expect(readdirSync(parent)).toEqual([...names].sort());
  });
});

describe('what is named like a lock', () => {
  const impostors: [string, (path: string) => void][] = [
    ['a folder', (path) => mkdirSync(path)],
    ['a link', (path) => symlinkSync('/dev/null', path)],
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
  ];

  it.each(impostors)('and is %s is refused, and stays (F13)', async (_what, make) => {
    const [, , boot, space] = ownParts();
    mkdirSync(join(parent, 'server-3'));
    for (const name of ['lock-1-2-abc', 'lock-1-2-abc-3', `lock-1-2-${boot}-${space}`]) {
      const inFolder = join(parent, name);
      make(inFolder);
      const why = await whyNot(openDataFolder(parent));
      expect(why).toBe(`E_LOG_NOT_FILE ${inFolder}: not a plain file`);
      expect(readdirSync(parent).sort()).toEqual([name, 'server-3']);
      rmSync(inFolder, { recursive: true });
      const ofServer = join(parent, 'server-3', name);
      make(ofServer);
      const whyNoServer = await whyNot(openServerDisk(parent, 3));
      expect(whyNoServer).toBe(`E_LOG_NOT_FILE ${ofServer}: not a plain file`);
      expect(readdirSync(join(parent, 'server-3'))).toEqual([name]);
      rmSync(ofServer, { recursive: true });
    }
  });
});

describe('the lock of another pid namespace', () => {
  const refusal = (pid: number | string, name: string): string =>
    `E_LOG_LOCKED ${parent}: process ${pid} in another pid namespace has it or left it behind; ` +
    `if that is gone, remove ${join(parent, name)}`;

  it('is never removed, though here no process has its number', async () => {
    const pid = gonePid();
    const [, , boot] = ownParts();
    const name = putLock(pid, 7, boot, 1);
    expect(await whyNot(openDataFolder(parent))).toBe(refusal(pid, name));
    expect(readdirSync(parent)).toEqual([name]);
    rmSync(join(parent, name));
    (await openDataFolder(parent)).close();
  });

  it('counts for a server too', async () => {
    const [, , boot] = ownParts();
    mkdirSync(join(parent, 'server-3'));
    const name = `lock-${gonePid()}-7-${boot}-1`;
    const path = join(parent, 'server-3', name);
    writeFileSync(path, '');
    expect(await whyNot(openServerDisk(parent, 3))).toMatch(`remove ${path}`);
    expect(readdirSync(join(parent, 'server-3'))).toEqual([name]);
  });

  it('is not left behind by the servers of a run that ended', async () => {
    const [pid, , boot, space] = ownParts();
    const data = await openDataFolder(parent);
    mkdirSync(join(parent, 'server-3'));
    const names = [`lock-${pid}-7-${boot}-${space}`, `lock-${pid}-7-${boot}-1`, 'log'];
    for (const name of names) writeFileSync(join(parent, 'server-3', name), '');
    data.close();
    expect(readdirSync(join(parent, 'server-3')).sort()).toEqual(names.slice(1).sort());
  });

  const unshare = ['-Urpf', '--mount-proc', '--kill-child'];
  const mayUnshare = spawnSync('unshare', [...unshare, 'true']).status === 0;

  /** A program that takes the folder, and says why not or stays. */
  const taker = (): string => {
    const entry = fileURLToPath(new URL('../../src/rpc/folderLock.ts', import.meta.url));
    const take = `lockFolder(${JSON.stringify(parent)}); ${STAY}`;
    const contents = `import { lockFolder } from ${JSON.stringify(entry)};
      try { ${take} } catch (error) { console.log(error.code + ' ' + error.message); }`;
    const { outputFiles } = buildSync({
      stdin: { contents, resolveDir: parent },
      ...{ bundle: true, write: false, platform: 'node', format: 'cjs' },
    });
    return outputFiles[0]?.text as string;
  };

  it.skipIf(!mayUnshare)('is seen from here, and ours from there', async () => {
    const args = [...unshare, process.execPath, '-e', taker()];
    const release = lockFolder(parent);
    const [own = ''] = readdirSync(parent);
    const { stdout } = spawnSync('unshare', args, { encoding: 'utf8' });
    expect(stdout).toBe(`${refusal(process.pid, own)}\n`);
    release();
    const other = await start('unshare', args);
    const [name = ''] = readdirSync(parent);
    const why = await whyNot(openDataFolder(parent));
    await other.end();
    expect(why).toBe(refusal(name.split('-')[1] as string, name));
    expect(readdirSync(parent)).toEqual([name]);
  });
});

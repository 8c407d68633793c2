import { execFileSync, spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder, openServerDisk } from '../../src/rpc/dataFolder.ts';
import { lockFolder } from '../../src/rpc/folderLock.ts';
import { whyNot } from '../log/folder.ts';

let parent = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'causeway-test-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('a data folder', () => {
  it('is made for its owner alone, and keeps its name', async () => {
    const path = join(parent, 'data');
    const first = await openDataFolder(path);
    expect(modeOf(path)).toBe('700');
    expect(first.run).toMatch(/^[0-9a-f]{32}$/);
    first.close();
    const second = await openDataFolder(path);
    expect(second.run).toBe(first.run);
    second.close();
    expect(readdirSync(path)).toEqual(['manifest']);
  });

  it('counts lives, on from those of earlier runs', async () => {
    const first = await openDataFolder(parent);
    expect(first.formerLives).toBe(0);
    await Promise.all([first.reserve(1), first.reserve(1), first.reserve(2)]);
    await first.reserve(1);
    first.close();
    const second = await openDataFolder(parent);
    expect(second.formerLives).toBe(2);
    second.close();
  });

  it('is taken by one run at a time', async () => {
    const first = await openDataFolder(parent);
    expect(await whyNot(openDataFolder(parent))).toMatch(/^E_LOG_LOCKED/);
    first.close();
    const second = await openDataFolder(parent);
    first.close();
    expect(await whyNot(openDataFolder(parent))).toMatch(/^E_LOG_LOCKED/);
    second.close();
  });

  it('is refused where it cannot be (C14, D12)', async () => {
    writeFileSync(join(parent, 'file'), '');
    expect(await whyNot(openDataFolder(join(parent, 'file')))).toMatch(/^E_LOG_NOT_FILE/);
    expect(await whyNot(openDataFolder(join(parent, 'file', 'data')))).toMatch(/^E_IO .*ENOTDIR/);
    expect(await whyNot(openDataFolder(join(parent, 'no', 'data')))).toMatch(/^E_IO .*ENOENT/);
    expect(await whyNot(openDataFolder('/proc/causeway'))).toMatch(/^E_IO/);
  });

  it('without its manifest is refused once there are servers', async () => {
    mkdirSync(join(parent, 'server-3'));
    expect(await whyNot(openDataFolder(parent))).toMatch(/^E_LOG_MISSING .*manifest: gone/);
    expect(readdirSync(parent)).toEqual(['server-3']);
  });
});

describe("a server's folder", () => {
  it('is named after its number, for its owner alone', async () => {
    const { path } = await openServerDisk(parent, 3);
    expect(path).toBe(join(parent, 'server-3'));
    expect(modeOf(path)).toBe('700');
  });

  it('is never a link (C13)', async () => {
    mkdirSync(join(parent, 'elsewhere'));
    symlinkSync(join(parent, 'elsewhere'), join(parent, 'server-3'));
    expect(await whyNot(openServerDisk(parent, 3))).toMatch(/^E_LOG_NOT_FILE/);
    expect(readdirSync(join(parent, 'elsewhere'))).toEqual([]);
  });
});

describe('the lock', () => {
  /** A process that is alive until it is ended. */
  const start = async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log("up")']);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const gone = new Promise((resolve) => child.once('exit', resolve));
    return { pid: child.pid as number, end: () => child.kill('SIGKILL') && gone };
  };

  /** The name of the file that this process would have there. */
  const ownName = (): string => {
    const release = lockFolder(parent);
    const [name = ''] = readdirSync(parent);
    release();
    return name;
  };

  it('sees a living process, and takes over from one that was killed', async () => {
    const other = await start();
    const stat = execFileSync('cat', [`/proc/${other.pid}/stat`], { encoding: 'utf8' });
    const begun = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const [, , , boot, namespace] = ownName().split('-');
    const name = `lock-${other.pid}-${begun}-${boot}-${namespace}`;
    writeFileSync(join(parent, name), '');
    expect(() => lockFolder(parent)).toThrow(`in use by process ${other.pid}`);
    expect(readdirSync(parent)).toEqual([name]);
    await other.end();
    const release = lockFolder(parent);
    expect(readdirSync(parent)).toEqual([expect.stringMatching(`^lock-${process.pid}-`)]);
    release();
    expect(readdirSync(parent)).toEqual([]);
  });

  it.each([
    ['began at another time', (name: string) => name.replace(/-\d+-(?=[^-]+-\d+$)/, '-7-')],
    [
      'lived before the machine was started',
      (name: string) => name.replace(/[^-]+(?=-\d+$)/, 'aaaaaaaa'),
    ],
  ])('is not fooled by a process with our number that %s', (_what, change) => {
    const name = change(ownName());
    expect(name).not.toBe(ownName());
    writeFileSync(join(parent, name), '');
    const release = lockFolder(parent);
    expect(readdirSync(parent)).not.toContain(name);
    release();
  });

  it('does not judge a process of another pid namespace, and says which file to remove', () => {
    const name = ownName().replace(/\d+$/, '7');
    const file = join(parent, name);
    writeFileSync(file, '');
    const why = `in use by process ${process.pid} of another container or pid namespace`;
    expect(() => lockFolder(parent)).toThrow(`${why}; if that is gone, remove ${file}`);
    expect(readdirSync(parent)).toEqual([name]);
    rmSync(file);
    lockFolder(parent)();
  });

  it('is not taken where a folder has the name of one', () => {
    const name = ownName().replace(/-\d+-/, '-1-');
    mkdirSync(join(parent, name));
    expect(() => lockFolder(parent)).toThrow(`${join(parent, name)}: not a file`);
    expect(() => lockFolder(parent)).toThrow(expect.objectContaining({ code: 'E_LOG_NOT_FILE' }));
    expect(readdirSync(parent)).toEqual([name]);
  });

  it('leaves files alone that only look like it', () => {
    const names = ['lock', 'lock-1', 'lock-x-1-0', 'unlock-1-1-0'];
    for (const name of names) writeFileSync(join(parent, name), '');
    lockFolder(parent)();
    expect(readdirSync(parent)).toEqual([...names].sort());
  });
});

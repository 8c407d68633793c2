// Data folders: which ones are accepted, which are refused, and their locks.
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
import { findForeign, openDataFolder, openServerDisk } from '../../src/rpc/dataFolder.ts';
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

  it('is refused where it cannot be (F14, D12)', async () => {
    writeFileSync(join(parent, 'file'), '');
    expect(await whyNot(openDataFolder(join(parent, 'file')))).toMatch(/^E_LOG_NOT_FILE/);
    expect(await whyNot(openDataFolder(join(parent, 'file', 'data')))).toMatch(/^E_IO .*ENOTDIR/);
    expect(await whyNot(openDataFolder(join(parent, 'no', 'data')))).toMatch(/^E_IO .*ENOENT/);
    expect(await whyNot(openDataFolder('/proc/causeway'))).toMatch(/^E_IO/);
  });

  it('is no folder of another purpose, in which nothing is written', async () => {
    writeFileSync(join(parent, 'letter.txt'), '');
    mkdirSync(join(parent, 'server-3'));
    const { mtimeMs } = statSync(parent);
    expect(await whyNot(openDataFolder(parent))).toMatch(/^E_LOG_FOREIGN .*letter.txt/);
    expect([readdirSync(parent), statSync(parent).mtimeMs]).toEqual([
      ['letter.txt', 'server-3'],
      mtimeMs,
    ]);
  });

  it.each<[string, string[], string | undefined]>([
    ['empty', [], undefined],
    ['one with a manifest', ['lost+found', 'manifest', 'server-0'], undefined],
    ['one whose manifest is gone', ['server-0'], undefined],
    ['one that was just begun', ['lock-12-345-0a1b-4026531836', 'manifest.new'], undefined],
    ['another', ['bin', 'etc'], 'bin'],
    ['another with a server in its name', ['server-0', 'server-x'], 'server-x'],
    ['another with a hidden file', ['.profile'], '.profile'],
  ])('may be used if it is %s', (_what, names, foreign) => {
    expect(findForeign(names)).toBe(foreign);
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

  it('is never a link (F13)', async () => {
    mkdirSync(join(parent, 'elsewhere'));
    symlinkSync(join(parent, 'elsewhere'), join(parent, 'server-3'));
    expect(await whyNot(openServerDisk(parent, 3))).toMatch(/^E_LOG_NOT_FILE/);
    expect(readdirSync(join(parent, 'elsewhere'))).toEqual([]);
  });
});

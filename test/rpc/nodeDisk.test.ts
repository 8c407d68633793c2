// The machine's disk and the simulated disk behave alike, as far as a log can observe.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, describe, expect, it } from 'vitest';
import type { Disk } from '../../src/log/disk.ts';
import { createNodeDisk } from '../../src/rpc/nodeDisk.ts';
import { Folder, whyNot } from '../log/folder.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-test-'));
  folders.push(folder);
  return folder;
}

describe.each<[string, () => Disk]>([
  ["the machine's disk", () => createNodeDisk(createFolder())],
  ['the simulated disk', () => new Folder().attach()],
])('%s', (_, createDisk) => {
  it('writes, reads and cuts a file', async () => {
    const disk = createDisk();
    const file = await disk.create('a');
    await file.write(0, Buffer.from('hello'));
    await file.write(5, Buffer.from(' world'));
    await file.write(0, Buffer.from('J'));
    await file.sync();
    expect(file.size).toBe(11);
    expect(Buffer.from(await file.read(0, 100)).toString()).toBe('Jello world');
    expect(Buffer.from(await file.read(6, 3)).toString()).toBe('wor');
    expect((await file.read(11, 5)).length).toBe(0);
    await file.truncate(5);
    expect(file.size).toBe(5);
    await file.close();
    const again = await disk.open('a');
    expect([again.size, Buffer.from(await again.read(0, 9)).toString()]).toEqual([5, 'Jello']);
    await again.close();
  });

  it('lists, renames over what is there, and removes', async () => {
    const disk = createDisk();
    for (const name of ['a', 'b']) {
      const file = await disk.create(name);
      await file.write(0, Buffer.from(name));
      await file.close();
    }
    await disk.rename('a', 'b');
    await disk.syncFolder();
    expect(await disk.list()).toEqual(['b']);
    const file = await disk.open('b');
    expect(Buffer.from(await file.read(0, 9)).toString()).toBe('a');
    await file.close();
    await disk.remove('b');
    expect(await disk.list()).toEqual([]);
  });

  it('says what is wrong', async () => {
    const disk = createDisk();
    await (await disk.create('a')).close();
    expect(await whyNot(disk.create('a'))).toMatch(/^EEXIST/);
    expect(await whyNot(disk.open('b'))).toMatch(/^ENOENT/);
    expect(await whyNot(disk.remove('b'))).toMatch(/^ENOENT/);
    expect(await whyNot(disk.rename('b', 'c'))).toMatch(/^ENOENT/);
  });
});

describe('what is no plain file', () => {
  it('is refused, and no call waits for it (F13)', async () => {
    const folder = createFolder();
    const disk = createNodeDisk(folder);
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'target'), 'another user’s');
    symlinkSync(join(folder, 'target'), join(folder, 'link'));
    symlinkSync('/dev/zero', join(folder, 'device'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
    for (const name of ['folder', 'link', 'device', 'pipe', 'socket']) {
      expect(await whyNot(disk.open(name)), name).toMatch(/^NOT_FILE .*not a plain file$/);
    }
    expect(await whyNot(disk.create('link'))).toMatch(/^EEXIST/);
    await new Promise((resolve) => server.close(resolve));
  });
});

it('a disk that is full says so', async () => {
  const folder = createFolder();
  // The shell's limit on the size of files stands for a disk of 4 KiB.
  const program = `
    import { createNodeDisk } from '${new URL('../../src/rpc/nodeDisk.ts', import.meta.url)}';
    const file = await createNodeDisk(process.argv[2]).create('a');
    await file.write(0, Buffer.alloc(4000, 'x'));
    await file.sync();
    const full = await file.write(4000, Buffer.alloc(4000)).catch((error) => error);
    process.stdout.write(JSON.stringify([full.code, full.isFull]));
  `;
  expect(await runLimited(program, folder)).toBe('["EFBIG",true]');
});

/** Runs a program of TypeScript modules under a limit of 4 KiB for every file. */
async function runLimited(program: string, folder: string): Promise<string> {
  const outfile = join(createFolder(), 'program.mjs');
  const contents = program.replaceAll('file://', '');
  await build({
    stdin: { contents, resolveDir: folder },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  const script = `trap '' XFSZ; ulimit -f 4; exec "$0" "$1" "$2"`;
  return execFileSync('bash', ['-c', script, process.execPath, outfile, folder], {
    encoding: 'utf8',
  });
}

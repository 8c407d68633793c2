// The built program with a limit of 1 KiB for each file, which has the effect of a full disk.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { sample } from './support/extent.ts';

const MASTER = fileURLToPath(new URL('../master.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'causeway-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const VALUE = 'x'.repeat(100);

/** Runs a script where no file may have more than so many KiB. */
function runLimited(kibibytes: number, script: readonly string[], name: string) {
  const limited = `trap '' XFSZ; ulimit -f ${kibibytes}; exec "$0" "$@"`;
  const words = ['--storage', 'log', '--data', join(folder, name)];
  return spawnSync('bash', ['-c', limited, process.execPath, MASTER, ...words], {
    input: script.join('\n'),
    encoding: 'utf8',
  });
}

it('refuses what has no room, answers reads, and has the rest when it comes back (F15)', () => {
  const puts = Array.from({ length: 12 }, (_, count) => `put 5 k${count} ${VALUE}`);
  const script = [
    ...['joinServer 0', 'joinClient 5 0', ...puts, 'get 5 k0', 'killServer 0', 'joinServer 0'],
    ...['joinClient 6 0', 'get 6 k0', 'get 6 k11'],
  ];
  const { status, stdout, stderr } = runLimited(1, script, 'causal');
  expect(stdout).toBe(`k0:${VALUE}\nk0:${VALUE}\nk11:ERR_KEY\n`);
  expect(status).toBe(0);
  expect(stderr).toMatch(
    /^causeway: stdin:14: note: ERR_UNREACHABLE: not done, the disk is full$/m,
  );
  expect(stderr.match(/a torn tail was cut off/g)?.length).toBe(1);
});

it('leaves the last of a chain without room to answer reads', () => {
  const long = 'x'.repeat(1_000);
  const script = [
    ...['protocol chain', 'joinServer 0', 'joinServer 1', 'joinServer 2', 'joinClient 5 1'],
    ...['put 5 tea green', 'put 5 cake plum'],
    ...Array.from({ length: 12 }, (_, count) => `put 5 k${count} ${long}`),
    ...['get 5 tea', 'get 5 cake', 'put 5 tea black', 'get 5 tea'],
  ];
  const { status, stdout, stderr } = runLimited(8, script, 'chain');
  expect(stdout).toBe('tea:green\ncake:plum\ntea:green\n');
  expect(stderr).toMatch(
    /^causeway: stdin:22: note: ERR_UNREACHABLE: not done, the disk is full$/m,
  );
  expect(status).toBe(0);
});

it.each(sample(['--trace', '--history'], 1))('has no room for %s: 71, said once', (option) => {
  const script = ['joinServer 0', 'joinClient 5 0', 'put 5 k v', 'get 5 k'].join('\n');
  const args = [MASTER, option, '/dev/full'];
  const { status, stderr } = spawnSync(process.execPath, args, { input: script, encoding: 'utf8' });
  expect([status, stderr]).toEqual([
    71,
    'causeway: E_IO: /dev/full: ENOSPC: no space left on device, write\n',
  ]);
});

// The built program where files may not grow beyond 1 KiB, which stands for a disk that is full.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const MASTER = fileURLToPath(new URL('../master.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'causeway-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const VALUE = 'x'.repeat(100);

it('refuses what has no room, answers reads, and has the rest when it comes back (C15)', () => {
  const puts = Array.from({ length: 12 }, (_, count) => `put 5 k${count} ${VALUE}`);
  const script = [
    'joinServer 0',
    'joinClient 5 0',
    ...puts,
    'get 5 k0',
    'killServer 0',
    'joinServer 0',
    'joinClient 6 0',
    'get 6 k0',
    'get 6 k11',
  ].join('\n');
  const limited = `trap '' XFSZ; ulimit -f 1; exec "$0" "$@"`;
  const words = ['--storage', 'log', '--data', join(folder, 'data')];
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', limited, process.execPath, MASTER, ...words],
    { input: script, encoding: 'utf8' },
  );
  expect(stdout).toBe(`k0:${VALUE}\nk0:${VALUE}\nk11:ERR_KEY\n`);
  expect(status).toBe(0);
  expect(stderr).toMatch(/^causeway: stdin:14: note: ERR_UNREACHABLE: not done/m);
  expect(stderr.match(/a torn tail was cut off/g)?.length).toBe(1);
});

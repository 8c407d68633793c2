// The built program on the data of an earlier run, with changed or missing disks.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const MASTER = fileURLToPath(new URL('../master.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'causeway-test-'));
const kept = join(folder, 'kept');
afterAll(() => rmSync(folder, { recursive: true }));

const JOINS = [0, 1, 2].map((id) => `joinServer ${id}`);
const WAITS = /server [0-9] is not ready yet, it waits for servers? [0-9, ]+ to join/g;
const LACKS = 'its disk lacks what it had: others bring it up to date';

function run(data: string, lines: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MASTER, '--data', data], {
    input: ['protocol chain storage=log', ...lines].join('\n'),
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

beforeAll(() => {
  const puts = ['a', 'b', 'c'].map((key) => `put 9 ${key} 1`);
  const first = run(kept, [...JOINS, 'joinClient 9 0', ...puts, 'stabilize']);
  expect(first).toEqual({ status: 0, stdout: '', stderr: '' });
});

const READS = ['joinClient 9 0', 'get 9 a', 'get 9 b', 'get 9 c'];

it.each<[what: string, harm: (data: string) => void, joins: readonly string[], warned: boolean]>([
  ['all its disks', () => undefined, JOINS, false],
  ['one folder lost', (data) => rmSync(join(data, 'server-0'), { recursive: true }), JOINS, true],
  ['one log emptied', (data) => truncateSync(join(data, 'server-0', 'log'), 0), JOINS, true],
  ['a newcomer first', () => undefined, ['joinServer 7', ...JOINS], false],
])('a new run has what was acknowledged, with %s', (what, harm, joins, isWarned) => {
  const data = join(folder, what.replaceAll(' ', '-'));
  cpSync(kept, data, { recursive: true });
  harm(data);
  const { status, stdout, stderr } = run(data, [...joins, ...READS]);
  expect(stdout).toBe('a:1\nb:1\nc:1\n');
  expect(status).toBe(0);
  expect(stderr.match(WAITS)?.length).toBe(joins.length - 1);
  expect(stderr.includes(`causeway: warning: server 0: ${LACKS}\n`)).toBe(isWarned);
});

it('a folder that was away for a run is of no account, however late its last configuration', () => {
  const data = join(folder, 'away');
  const again = ['killServer 0', 'joinServer 0'];
  const first = [...JOINS, 'joinClient 9 0', 'put 9 a 1', 'stabilize', 'killServer 1'];
  run(data, [...first, 'killServer 2', ...again, ...again]);
  renameSync(join(data, 'server-0'), join(folder, 'copy'));
  const puts = ['a', 'b', 'c'].map((key) => `put 9 ${key} 2`);
  run(data, [...JOINS, 'joinClient 9 1', ...puts, 'stabilize']);
  rmSync(join(data, 'server-0'), { recursive: true });
  renameSync(join(folder, 'copy'), join(data, 'server-0'));
  const { stdout, status } = run(data, [
    ...JOINS,
    'joinClient 9 1',
    'get 9 *',
    'stabilize',
    'get 9 *',
  ]);
  expect([stdout, status]).toEqual(['a:2\nb:2\nc:2\na:2\nb:2\nc:2\n', 0]);
});

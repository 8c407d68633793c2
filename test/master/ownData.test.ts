// A script with logs but without --data gets a folder of its own, and nothing of that folder is
// left, whatever ends the master.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sample } from '../support/extent.ts';
import { findFamily, noneOfThemLeft } from '../support/processTree.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NOTE =
  'causeway: note: without --data the logs are in a folder of their own, and gone when the run ' +
  'ends\n';
const OPENING = 'protocol causal storage=log\njoinServer 0\njoinClient 5 0\nput 5 k v\n';
const REJOIN = 'killServer 0\njoinServer 0\ncreateConnection 5 0\nget 5 k\n';

let count = 0;

/** The program with a folder for temporary files of its own. */
function open(words: readonly string[] = []): { child: ChildProcess; temporary: string } {
  count += 1;
  const temporary = join(folder, String(count));
  mkdirSync(temporary);
  const child = spawn(process.execPath, ['master.js', ...words], {
    env: { ...process.env, TMPDIR: temporary },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return { child, temporary };
}

async function run(script: string, words: readonly string[] = []) {
  const { child, temporary } = open(words);
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (data) => {
    said.stdout += data;
  });
  child.stderr?.on('data', (data) => {
    said.stderr += data;
  });
  child.stdin?.end(script);
  const [status] = await once(child, 'close');
  return { status, ...said, left: readdirSync(temporary) };
}

it('has logs, a note and no folder when it ends', async () => {
  const seen = await run(OPENING + REJOIN);
  expect(seen).toEqual({ status: 0, stdout: 'k:v\n', stderr: NOTE, left: [] });
});

it('has them by option, too, and in a world that is given up before it begins', async () => {
  const seen = await run(`sleep 1ms\n${OPENING}${REJOIN}`, ['--storage', 'log']);
  expect(seen).toEqual({ status: 0, stdout: 'k:v\n', stderr: NOTE + NOTE, left: [] });
});

it('has no folder when a script before it has one, each its own', async () => {
  const script = join(folder, 'script.txt');
  writeFileSync(script, OPENING + REJOIN);
  const { status, stdout, stderr, left } = await run('', [script, script]);
  const told = `==> ${script} <==\n${NOTE}`;
  expect([status, stdout, stderr, left]).toEqual([0, 'k:v\nk:v\n', told + told, []]);
});

it('cannot have one where none can be made', async () => {
  const { child, temporary } = open();
  rmSync(temporary, { recursive: true });
  child.stdin?.end(OPENING);
  let stderr = '';
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  expect((await once(child, 'close'))[0]).toBe(71);
  expect(stderr).toMatch(/^causeway: E_IO: no folder for logs: ENOENT/);
});

describe('is gone', () => {
  it.each(sample(['SIGKILL', 'SIGINT', 'SIGTERM'] as const, 1))('after %s', async (signal) => {
    const { child, temporary } = open();
    const ended = once(child, 'exit');
    child.stdin?.write(`${OPENING}joinServer 1\npauseServer 1\nget 5 k\n`);
    expect(String(await once(child.stdout as NodeJS.ReadableStream, 'data'))).toBe('k:v\n');
    const family = findFamily(child.pid as number);
    const [own = ''] = readdirSync(temporary);
    expect(existsSync(join(temporary, own, 'data', 'server-0', 'log'))).toBe(true);
    child.kill(signal);
    await ended;
    // The guard is the last of them, and ends when its work is done.
    await noneOfThemLeft(family, 5_000);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

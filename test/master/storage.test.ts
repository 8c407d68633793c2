// --storage and --data on the command line, and `storage=` in a script.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Protocol } from '../../src/kernel/protocol.ts';
import { Interruption } from '../../src/master/interruption.ts';
import { runProgram } from '../../src/master/program.ts';
import { Collector, createInput } from '../support/streams.ts';
import { tiny } from '../support/tinyProtocol.ts';
import { plain } from '../support/tinyProtocols.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PROTOCOLS: readonly Protocol[] = [tiny, plain];
const RESTART =
  'joinServer 0\njoinClient 5 0\nput 5 k v\nkillServer 0\njoinServer 0\nprintStore 0\n';

async function run(words: readonly string[], script: string) {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const status = await runProgram({
    words,
    protocols: PROTOCOLS,
    stdin: createInput(script),
    stdout,
    stderr,
    interruption: new Interruption(),
  });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

describe('in simulation', () => {
  it.each([
    ['memory by default', [], '', ''],
    ['a log by option', ['--storage', 'log'], '', 'k:v\n'],
    ['a log by the script', [], 'protocol tiny storage=log\n', 'k:v\n'],
    ['the option, where the script says nothing', ['--storage', 'log'], 'protocol tiny\n', 'k:v\n'],
    ['the script before the option', ['--storage', 'log'], 'protocol tiny storage=memory\n', ''],
  ])('there is %s', async (_what, words, first, stdout) => {
    const seen = await run(['--sim', ...words], `${first}${RESTART}`);
    expect(seen).toEqual({ status: 0, stdout, stderr: '' });
  });

  it('a protocol without a log is refused one', async () => {
    const seen = await run(['--sim'], 'protocol plain storage=log\n');
    expect(seen).toEqual({
      status: 65,
      stdout: '',
      stderr: 'causeway: stdin:1: E_UNSUPPORTED: protocol plain keeps no log\n',
    });
    const other = await run(['--sim', '--storage', 'log'], 'protocol plain\n');
    expect(other.stderr).toContain('E_UNSUPPORTED');
  });
});

describe('wrong usage', () => {
  it.each([
    [['--storage', 'paper'], '--storage is memory or log'],
    [['--storage', 'memory', '--data', folder], '--data is for --storage log'],
    [
      ['--storage', 'log', '--data', ''],
      "option '--data <folder>' argument '' is invalid. It names no folder.",
    ],
    [['--sim', '--storage', 'log', '--data', folder], 'a simulation keeps nothing in a folder'],
    [['--sim', '--storage', 'log', '--protocol', 'plain'], 'protocol plain keeps no log'],
  ])('%j', async (words, why) => {
    const seen = await run(words, RESTART);
    expect(seen).toEqual({ status: 64, stdout: '', stderr: `causeway: ${why}\n` });
  });
});

it.each([
  ['a file', 'manifest/x', /^causeway: E_IO: .*ENOENT|ENOTDIR/],
  ['nowhere', 'no/such/folder', /^causeway: E_IO: .*ENOENT/],
])('a folder that is %s ends the run before any answer (F14)', async (_what, path, why) => {
  const seen = await run(['--storage', 'log', '--data', join(folder, path)], RESTART);
  expect([seen.status, seen.stdout]).toEqual([71, '']);
  expect(seen.stderr).toMatch(why);
});

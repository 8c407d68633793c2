// `--junit`: what the claims of scripts came to, for a CI system.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Interruption } from '../../src/master/interruption.ts';
import { runProgram } from '../../src/master/program.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { Collector, createInput } from '../support/streams.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-junit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'junit.xml');

function write(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

async function run(...words: string[]) {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const status = await runProgram({
    ...{ words: ['--sim', '--junit', path, ...words], protocols: PROTOCOLS },
    ...{ stdin: createInput(''), stdout, stderr, interruption: new Interruption() },
  });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

/** Of the file that was written; each script took some time. */
function linesWithoutTimes(): string[] {
  const text = readFileSync(path, 'utf8').replaceAll(`${folder}/`, '');
  const times = [...text.matchAll(/ time="(\d+\.\d{3})"/g)].map(([, time]) => Number(time));
  expect(Math.min(...times)).toBeGreaterThan(0);
  return text.replaceAll(/ time="[\d.]+"/g, ' time="T"').split('\n');
}

const SETUP = ['joinServer 0', 'joinClient 5 0', 'put 5 x 1', 'get 5 x'];

it('has a suite for each script, and a case for each line that claims something', async () => {
  const good = write('good.txt', [...SETUP, 'expect x:1', 'check causal']);
  const bad = write('bad.txt', [
    ...[...SETUP, 'expect x:<2>', 'fly 3', 'check convergence'],
    'wait until get 5 x expect x:1 within 1s',
  ]);
  const { status, stdout } = await run('--check', 'pram', good, bad);
  expect([status, stdout]).toEqual([
    65,
    'x:1\ncausal: holds\nx:1\nconvergence: undecided: there was no stabilize\n',
  ]);
  const counts = 'failures="1" errors="1" skipped="1" time="T"';
  expect(linesWithoutTimes()).toEqual([
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="9" ${counts}>`,
    '  <testsuite name="good.txt" tests="4" failures="0" errors="0" skipped="0" time="T">',
    '    <testcase classname="good.txt" name="the script can be run" time="T"/>',
    '    <testcase classname="good.txt" name="good.txt:5: expect &#39;x:1&#39;"/>',
    '    <testcase classname="good.txt" name="good.txt:6: check causal"/>',
    '    <testcase classname="good.txt" name="check pram"/>',
    '  </testsuite>',
    `  <testsuite name="bad.txt" tests="5" ${counts}>`,
    '    <testcase classname="bad.txt" name="the script can be run" time="T">',
    expect.stringMatching(/^ {6}<error message="bad\.txt:6: E_UNKNOWN_COMMAND: .*<\/error>$/),
    '    </testcase>',
    '    <testcase classname="bad.txt" name="bad.txt:5: expect &#39;x:&lt;2&gt;&#39;">',
    expect.stringMatching(/^ {6}<failure message="expected .*x:&lt;2&gt;.*<\/failure>$/),
    '    </testcase>',
    '    <testcase classname="bad.txt" name="bad.txt:7: check convergence">',
    expect.stringMatching(/^ {6}<skipped message="convergence: undecided: there was no stabilize"/),
    '    </testcase>',
    expect.stringContaining('wait until'),
    '    <testcase classname="bad.txt" name="check pram"/>',
    '  </testsuite>',
    '</testsuites>',
    '',
  ]);
});

it('tells of a run that did not come to its end', async () => {
  const { status } = await run(join(folder, 'none.txt'), '--data', folder);
  expect(status).toBe(64);
  const broken = write('governing.txt', ['joinServer 0', 'protocol cusal', 'joinServer 1']);
  expect((await run(broken)).status).toBe(65);
  expect(readFileSync(path, 'utf8')).toMatch(/<error message=".*governing\.txt:2: E_/);
});

it('is compared with the other files before anything is run', async () => {
  const script = write('same.txt', SETUP);
  const { status, stderr } = await run('--trace', path, script);
  expect([status, stderr]).toEqual([64, expect.stringContaining('is the same file as --trace')]);
  const nowhere = await run('--junit', join(folder, 'no', 'where.xml'), script);
  expect([nowhere.status, nowhere.stdout]).toEqual([71, '']);
});

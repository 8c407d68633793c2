// `grade --command`: wrong arguments and suites, the help, and the suite that is shipped.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSuite } from '../../../src/grading/suite.ts';
import { simulateWords } from './programs.ts';

const MASTER = `"${process.execPath}" ${resolve('test/grading/masters/master.js')}`;
const SUITE = 'suites/causal';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-masters-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('bad input', () => {
  const suiteOf = (text: string): string => {
    writeFileSync(join(folder, 'suite.json'), text);
    return folder;
  };

  it.each([
    ['no such suite', () => 'suites/nothing', 71, 'suites/nothing: there is no such suite'],
    ['a folder without a suite', () => folder, 64, 'it has no file suite.json'],
    ['no JSON', () => suiteOf('{'), 64, 'suite.json is no JSON'],
    ['an empty suite', () => suiteOf('{"title":"T","scripts":[]}'), 64, 'at least one script'],
    [
      'a script that is not there',
      () => suiteOf('{"title":"T","scripts":[{"script":"x.txt","points":1}]}'),
      64,
      "'x.txt' is not in ",
    ],
    [
      'a script that no master can run',
      () => {
        writeFileSync(join(folder, 'x.txt'), 'joinServer 0\nfly 0\n');
        return suiteOf('{"title":"T","scripts":[{"script":"x.txt","points":1}]}');
      },
      64,
      "x.txt:2: 'fly' is none of joinServer",
    ],
  ])('%s', async (_what, suite, expected, why) => {
    const { status, stdout, stderr } = await simulateWords(['grade', '--command', 'cat', suite()]);
    expect([status, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(why);
  });

  it.each([
    [['--command', './nothing.sh', SUITE], 71, "there is no './nothing.sh'"],
    [['--command', 'no-such-command', SUITE], 71, "the command 'no-such-command' is not found"],
    [['--command', 'cat', SUITE, '--submission', '/nowhere'], 71, 'there is no such folder'],
    [['--command', 'cat', SUITE, '--submissions', '/nowhere'], 71, 'there is no such folder'],
    [['--command', 'cat', SUITE, '--only', 'x.txt'], 64, "the suite has no script 'x.txt'"],
    [[SUITE], 64, 'suites/causal is a suite: --command says which master it grades'],
    [['--command', '', SUITE], 64, '--command names no command'],
    [['--command', 'cat'], 64, "missing required argument 'suite'"],
    [['--command', 'cat', SUITE, '--format', 'xml'], 64, 'Allowed choices are text, gradescope'],
    [['--command', 'cat', SUITE, '--jobs', '0'], 64, 'It is a whole number'],
    [['--command', 'cat', SUITE, '--ignore', '('], 64, 'Invalid regular expression'],
    [['--command', 'cat', SUITE, '--submission', 'a', '--submissions', 'b'], 64, 'either'],
    [
      ['--command', 'cat', SUITE, '--submissions', 'b', '--format', 'junit'],
      64,
      'needs --out <folder>',
    ],
  ])('%j', async (words, expected, why) => {
    const { status, stdout, stderr } = await simulateWords(['grade', ...words]);
    expect([status, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(why);
  });

  it('notes scripts that the suite does not name', async () => {
    writeFileSync(join(folder, 'x.txt'), 'joinServer 0\n');
    writeFileSync(join(folder, 'y.txt'), 'joinServer 0\n');
    const suite = suiteOf('{"title":"T","scripts":[{"script":"x.txt","points":1}]}');
    const { status, stderr } = await simulateWords(['grade', '--command', 'cat >/dev/null', suite]);
    expect([status, stderr]).toEqual([0, 'causeway: note: y.txt is not in the suite\n']);
  });
});

describe('the suite that is shipped', () => {
  it('is found by its name, and has a hundred points', async () => {
    const { scripts } = parseSuite(readFileSync(`${SUITE}/suite.json`, 'utf8'));
    expect(scripts.reduce((sum, { points }) => sum + points, 0)).toBe(100);
    const words = ['grade', '--command', MASTER, 'causal', '--only', 'one-server.txt'];
    expect((await simulateWords(words)).stdout).toContain('total: 5/5\n');
  });

  it('gives the reason for its answers in comments', () => {
    const { scripts } = parseSuite(readFileSync(`${SUITE}/suite.json`, 'utf8'));
    for (const { file } of scripts) {
      const text = readFileSync(`${SUITE}/${file}`, 'utf8');
      expect(text, file).toMatch(/^# [A-Z]/);
    }
  });

  it('is told of by the help', async () => {
    const { stdout } = await simulateWords(['grade', '--help']);
    expect(stdout).toContain('With --command:\n\nUsage: causeway grade --command <command>');
    const own = await simulateWords(['grade', '--command', 'x', '--help']);
    expect(own.stdout).toMatch(/^Usage: causeway grade --command <command> \[options\] <suite>\n/);
  });
});

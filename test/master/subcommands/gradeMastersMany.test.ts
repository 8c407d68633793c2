// `grade --command --submissions`: what one submission does is no harm to the others.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Interruption } from '../../../src/master/interruption.ts';
import { PROTOCOLS } from '../../../src/protocols/registry.ts';
import { simulateWords } from './programs.ts';

const MASTER = `exec "${process.execPath}" ${resolve('test/grading/masters/master.js')}`;
const SUITE = 'suites/causal';

let folder = '';
let parent = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-masters-'));
  parent = join(folder, 'all');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function submit(name: string, text: string): void {
  mkdirSync(join(parent, name), { recursive: true });
  writeFileSync(join(parent, name, 'run.sh'), `${text}\n`, { mode: 0o755 });
}

const SCRIPTS = ['--only', 'one-server.txt', '--only', 'line.txt', '--no-prefix'];
const wordsOf = (command: string, ...more: string[]): string[] => [
  ...['grade', '--command', command, SUITE, '--submissions', parent],
  ...[...SCRIPTS, ...more],
];
const grade = (command: string, ...more: string[]) => simulateWords(wordsOf(command, ...more));

function livingWith(words: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(words);
    } catch {
      return false;
    }
  });
}

describe('many submissions', () => {
  it.each([
    ['removes it', 'rm -rf "$PWD"; cat >/dev/null'],
    ['replaces it by a file', 'rm -rf "$PWD"; : >"$PWD"; cat >/dev/null'],
  ])('are graded, whatever one does to its folder: it %s', async (_what, text) => {
    submit('ada', MASTER);
    submit('bob', text);
    submit('eve', MASTER);
    const csv = join(folder, 'points.csv');
    const { status, stdout, stderr } = await grade('sh run.sh', '--csv', csv);
    expect(stdout).toBe(
      [
        'submission  one-server.txt  line.txt  total',
        'ada                      5        10  15/15',
        'bob                      0         0   0/15',
        'eve                      5        10  15/15',
        '',
      ].join('\n'),
    );
    expect([status, existsSync(csv)]).toEqual([1, true]);
    expect(stderr).toContain('note: bob: total: 0/15 (lines, command: it could not be run: ');
  });

  it.runIf(existsSync('/proc/self'))('end together if one result has no place', async () => {
    submit('ada', 'echo >"$0.started"; sleep 611');
    const out = join(folder, 'out');
    submit('bob', `while [ ! -e ../ada/run.sh.started ]; do :; done; rm -r ${out}; : >${out}`);
    const files = ['--format', 'junit', '--out', out, '--jobs', '2', '--only', 'one-server.txt'];
    const { status, stdout, stderr } = await grade('./run.sh', ...files);
    expect([status, livingWith('sleep 611')]).toEqual([71, []]);
    expect(stdout).toContain('bob                      0');
    expect(stderr).toContain('only 1 of 2 are graded');
  });

  it('are told as far as an interruption let them come', async () => {
    submit('ada', MASTER);
    submit('bob', 'echo >"$0.started"; sleep 612');
    const interruption = new Interruption();
    const running = simulateWords(wordsOf('./run.sh'), '', PROTOCOLS, interruption);
    await expect
      .poll(() => existsSync(join(parent, 'bob', 'run.sh.started')), { timeout: 20_000 })
      .toBe(true);
    interruption.interrupt(130);
    const { status, stdout, stderr } = await running;
    expect([status, stdout.split('\n')[1]]).toMatchObject([130, expect.stringMatching(/^ada /)]);
    expect(stderr).toContain('only 1 of 2 are graded');
  });

  it('are folders, and nothing else', async () => {
    submit('ada', MASTER);
    submit('__MACOSX', 'exit 1');
    submit('.git', 'exit 1');
    writeFileSync(join(parent, 'dave.py'), '');
    const { status, stdout, stderr } = await grade('./run.sh');
    expect([status, stdout.split('\n').length]).toEqual([0, 3]);
    expect(stderr).toBe(
      'causeway: note: dave.py is no folder: it is not graded\n' +
        'causeway: note: ada: total: 15/15\n',
    );
  });

  it('are refused at once if none can have the command', async () => {
    submit('ada', MASTER);
    const { status, stdout, stderr } = await grade('no-such-command x');
    expect([status, stdout]).toEqual([71, '']);
    expect(stderr).toContain("the command 'no-such-command' is not found");
  });

  it.each(['--csv', '--out', '--page'])('are not run if %s has no place', async (option) => {
    submit('ada', 'touch started');
    const { status } = await grade('./run.sh', option, '/dev/null/nowhere');
    expect([status, existsSync(join(parent, 'ada', 'started'))]).toEqual([71, false]);
  });
});

describe('one submission', () => {
  const gradeOne = (...words: string[]) => simulateWords(['grade', SUITE, ...SCRIPTS, ...words]);

  it.each([
    ['gradescope', '"score": 0'],
    ['classroom50', '"score": 0'],
    ['junit', 'failures="2"'],
  ])('without the command has a file for %s', async (format, zero) => {
    const out = join(folder, 'results');
    mkdirSync(parent);
    const place = ['--submission', parent, '--format', format, '--out', out];
    const { status } = await gradeOne('--command', './run.sh', ...place);
    expect(status).toBe(format === 'junit' ? 1 : 0);
    expect(readFileSync(out, 'utf8')).toContain(zero);
    expect(readFileSync(out, 'utf8')).toMatch(/there is no .*run.sh/);
  });

  it.each(['--csv', '--out', '--page'])('is not run if %s has no place', async (option) => {
    submit('ada', 'touch started');
    const place = ['--submission', join(parent, 'ada'), option, join(folder, 'no', 'where')];
    const { status } = await gradeOne('--command', './run.sh', ...place);
    expect([status, existsSync(join(parent, 'ada', 'started'))]).toEqual([71, false]);
  });
});

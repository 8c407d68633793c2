// `grade --command`: wrong masters lose the points of the scripts that show it, and no others.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IS_FULL } from '../../support/extent.ts';
import { simulateWords } from './programs.ts';

const MASTER = `"${process.execPath}" ${resolve('test/grading/masters/master.js')}`;
const SUITE = 'suites/causal';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-masters-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const only = (...scripts: string[]): string[] => scripts.flatMap((name) => ['--only', name]);

const grade = (mistake: string, ...words: string[]) =>
  simulateWords(['grade', '--command', `${MASTER} ${mistake}`, SUITE, ...words]);

/** Scripts that the correct master and its mistakes are tried with. */
const TRIED = [
  'one-server.txt',
  'line.txt',
  'partition.txt',
  'concurrent-writes.txt',
  'read-your-writes.txt',
  'monotonic-reads.txt',
  'client-moves.txt',
];

/** The scripts without all points, each with its rules. */
function failures(stdout: string): string[] {
  const found: string[] = [];
  for (const line of stdout.split('\n')) {
    const [, script] = /^(\S+\.txt) +0\//.exec(line) ?? [];
    const [, rule] = /^ {4}([a-z-]+|time limit): /.exec(line) ?? [];
    if (script !== undefined) found.push(script);
    else if (rule !== undefined && rule !== 'note') found.push(`${found.pop()} ${rule}`);
  }
  return found;
}

describe('a master that is correct', () => {
  it.each([
    [''],
    ['other-tie-break'],
    ['eager'],
    ['key-error'],
    ['whole-session'],
    ['unsorted'],
    ['status'],
  ])('has all points: %s', async (design) => {
    const { status, stdout, stderr } = await grade(design, ...only(...TRIED));
    expect([status, failures(stdout), stderr]).toEqual([0, [], '']);
    expect(stdout).toMatch(/total: (\d+)\/\1\n$/);
  });

  it.runIf(IS_FULL).each([
    ['on real processes', ''],
    ['without gossip', '--gossip off'],
    ['in simulation', '--sim'],
  ])(
    'is our own, %s',
    async (_how, options) => {
      const command = `"${process.execPath}" ${resolve('master.js')} ${options}`;
      const { status, stdout } = await simulateWords(['grade', '--command', command, SUITE]);
      expect(failures(stdout)).toEqual([]);
      expect(stdout).toContain('total: 100/100\n');
      expect(status).toBe(0);
    },
    300_000,
  );

  it('is our own', async () => {
    const command = `"${process.execPath}" ${resolve('master.js')} --gossip off`;
    const words = ['grade', '--command', command, SUITE, ...only('line.txt', 'client-moves.txt')];
    expect((await simulateWords(words)).stdout).toContain('total: 15/15\n');
  });
});

describe('a master that is wrong', () => {
  it.each([
    ['loses-writes', ['one-server.txt newest-write', 'line.txt stabilize']],
    ['stale', ['read-your-writes.txt read-your-writes', 'monotonic-reads.txt monotonic-reads']],
    ['forgets-gets', ['monotonic-reads.txt monotonic-reads']],
    ['no-client-clock', ['client-moves.txt read-your-writes']],
    ['unbroken', ['partition.txt connections']],
    ['one-hop', ['line.txt stabilize', 'partition.txt stabilize']],
    ['own-wins', ['line.txt stabilize', 'concurrent-writes.txt stabilize']],
    ['always-behind', ['one-server.txt err-dep', 'concurrent-writes.txt err-dep']],
    ['out-of-order', ['one-server.txt values', 'line.txt lines', 'monotonic-reads.txt values']],
    ['banner', ['one-server.txt lines', 'line.txt lines', 'concurrent-writes.txt lines']],
    ['echoes', ['one-server.txt lines', 'line.txt lines', 'concurrent-writes.txt lines']],
    ['crashes', ['one-server.txt lines', 'line.txt lines', 'concurrent-writes.txt lines']],
    ['kills-itself', ['one-server.txt crash lines', 'line.txt crash lines']],
  ])('loses the points of the scripts that show it: %s', async (mistake, expected) => {
    const { status, stdout } = await grade(mistake, '--no-prefix', ...only(...TRIED));
    expect(status).toBe(1);
    expect(failures(stdout)).toEqual(expect.arrayContaining(expected));
  });

  it('does well where its mistake does not matter', async () => {
    const { stdout } = await grade('one-hop', ...only('one-server.txt', 'client-moves.txt'));
    expect(failures(stdout)).toEqual([]);
  });

  function writeSuite(fields: object): string {
    const path = join(folder, 'suite');
    mkdirSync(path);
    const scripts = [{ script: 'one-server.txt', points: 5 }];
    writeFileSync(join(path, 'suite.json'), JSON.stringify({ title: 'T', scripts, ...fields }));
    writeFileSync(join(path, 'one-server.txt'), readFileSync(`${SUITE}/one-server.txt`));
    return path;
  }

  it.each([
    ['hangs', 'time limit', '900ms'],
    ['ignores-sigterm', 'time limit', '900ms'],
    ['ends-late', 'time limit', '900ms'],
    ['eats-memory', 'memory', '20s'],
    ['floods', 'output', '20s'],
    ['orphans', 'orphans', '20s'],
  ])('is ended: %s', async (mistake, rule, time) => {
    const suite = writeSuite({ time, memoryMiB: 400 });
    const words = ['grade', '--command', `${MASTER} ${mistake}`, suite, '--no-prefix'];
    const { status, stdout } = await simulateWords(words);
    expect([status, failures(stdout)]).toEqual([1, [`one-server.txt ${rule}`]]);
  });

  it('keeps its points in spite of orphans if the suite says so', async () => {
    const suite = writeSuite({ orphans: 'report' });
    const words = ['grade', '--command', `${MASTER} orphans`, suite];
    const { status, stdout } = await simulateWords(words);
    expect(stdout).toBe(
      'one-server.txt  5/5\n' +
        '    note: it left 2 processes behind, which were ended: sleep 600; sleep 601\n' +
        'total: 5/5\n',
    );
    expect(status).toBe(0);
  });

  it('keeps its points if the lines of its banner are to be ignored', async () => {
    const words = [...only('one-server.txt'), '--ignore', '^Welcome'];
    const { status, stdout } = await grade('banner', ...words);
    expect([status, stdout]).toEqual([0, expect.stringContaining('total: 5/5')]);
  });

  it('is shown the smallest beginning that fails', async () => {
    const { stdout } = await grade('unbroken', ...only('partition.txt'));
    expect(stdout).toContain('    the first 23 of 36 lines still fail\n');
    const ignoring = ['--ignore', '^=|^Welcome|^\\W*[A-Z][a-z]+ '];
    const heard = await grade('banner', ...only('one-server.txt'), ...ignoring);
    expect([heard.status, heard.stdout]).toEqual([0, expect.stringContaining(' 5/5 ')]);
    const banner = await grade('banner', ...only('one-server.txt'));
    expect(banner.stdout).toContain('    the first 4 of 14 lines still fail\n');
  });
});

describe('the results', () => {
  it('go to other systems', async () => {
    const out = join(folder, 'results.json');
    const words = [...only('one-server.txt', 'line.txt'), '--no-prefix', '--out', out];
    const gradescope = await grade('one-hop', '--format', 'gradescope', ...words);
    expect([gradescope.status, gradescope.stdout.split('\n').length > 2]).toEqual([0, true]);
    const { tests } = JSON.parse(readFileSync(out, 'utf8'));
    expect(tests.map(({ score }: { score: number }) => score)).toEqual([5, 0]);
    const classroom = await grade('one-hop', '--format', 'classroom50', ...words.slice(0, -2));
    expect(JSON.parse(classroom.stdout)).toMatchObject({ score: 5, 'max-score': 15 });
    expect(classroom.stderr).toContain('not set in the environment: CLASSROOM, ASSIGNMENT');
    const junit = await grade('one-hop', '--format', 'junit', ...words.slice(0, -2));
    expect([junit.status, junit.stdout.slice(0, 5)]).toEqual([1, '<?xml']);
  });

  it('are a page and a table as well', async () => {
    const [page, csv] = [join(folder, 'p.html'), join(folder, 'p.csv')];
    await grade('one-hop', ...only('line.txt'), '--no-prefix', '--page', page, '--csv', csv);
    expect(readFileSync(page, 'utf8')).toContain('<td class="wrong">stabilize</td>');
    expect(readFileSync(csv, 'utf8')).toMatch(/^submission,line.txt,total,most,undecided\r\n/);
  });

  it('of many submissions are a table, and files for each', async () => {
    const parent = join(folder, 'all');
    for (const [name, mistake] of [
      ['ada', ''],
      ['bob', 'one-hop'],
      ['eve', undefined],
    ] as const) {
      mkdirSync(join(parent, name), { recursive: true });
      const text = `exec ${MASTER} ${mistake}\n`;
      if (mistake !== undefined) writeFileSync(join(parent, name, 'run.sh'), text, { mode: 0o755 });
    }
    const [out, pages] = [join(folder, 'out'), join(folder, 'pages')];
    const files = ['--format', 'gradescope', '--out', out, '--page', pages];
    const words = ['--submissions', parent, '--jobs', '2', '--no-prefix', ...files];
    const { status, stdout } = await simulateWords([
      ...['grade', '--command', './run.sh', SUITE, ...only('one-server.txt', 'line.txt'), ...words],
    ]);
    expect(stdout).toBe(
      [
        'submission  one-server.txt  line.txt  total',
        'ada                      5        10  15/15',
        'bob                      5         0   5/15',
        'eve                      0         0   0/15',
        '',
      ].join('\n'),
    );
    expect(status).toBe(0);
    const paths = ['ada', 'bob', 'eve'].flatMap((name) => [
      join(out, `${name}.json`),
      join(pages, `${name}.html`),
    ]);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    expect(readFileSync(join(out, 'eve.json'), 'utf8')).toContain("there is no './run.sh'");
  });
});

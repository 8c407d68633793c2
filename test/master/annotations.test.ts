import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { annotate, findActionsFolder } from '../../src/master/annotations.ts';

const place = { file: 'scripts/a.txt', line: 7 };
const folder = process.cwd();

describe('an annotation', () => {
  it.each([
    ['broken', '::error file=scripts/a.txt,line=7,title=Causeway%3A expect x%3A1::no\n'],
    ['refused', '::error file=scripts/a.txt,line=7,title=Causeway%3A expect x%3A1::no\n'],
    ['undecided', '::warning file=scripts/a.txt,line=7,title=Causeway%3A expect x%3A1::no\n'],
    ['held', undefined],
  ] as const)('of a claim that is %s', (outcome, line) => {
    expect(annotate({ place, title: 'expect x:1', outcome, text: 'no' }, folder, 'b.txt')).toBe(
      line,
    );
  });

  it('is about the script if the claim is about all of it', () => {
    const finding = { title: 'check causal', outcome: 'broken', text: 'no' } as const;
    expect(annotate(finding, folder, 'scripts/a.txt')).toBe(
      '::error file=scripts/a.txt,title=Causeway%3A check causal::no\n',
    );
  });

  it('is about the run if the script is no file, or none of the repository', () => {
    const finding = { title: 'check causal', outcome: 'broken', text: 'no' } as const;
    const line = '::error title=Causeway%3A check causal::no\n';
    expect(annotate(finding, folder, 'stdin')).toBe(line);
    expect(annotate({ ...finding, place: { file: 'stdin', line: 3 } }, folder, 'stdin')).toBe(line);
    for (const file of ['../a.txt', '/elsewhere/a.txt']) {
      expect(annotate({ ...finding, place: { file, line: 3 } }, folder, file)).toBe(line);
    }
  });

  it('names the file from the folder of the repository', () => {
    const finding = { place, title: 't', outcome: 'broken', text: '' } as const;
    expect(annotate(finding, join(folder, 'scripts'), '')).toContain('file=a.txt,');
    const inside = { ...finding, place: { file: '..a.txt', line: 1 } };
    expect(annotate(inside, folder, '')).toContain('file=..a.txt,');
  });

  it('names the file where the folder of the repository is a link', () => {
    const parent = realpathSync(mkdtempSync(join(tmpdir(), 'causeway-annotations-')));
    const [real, linked] = [join(parent, 'real'), join(parent, 'linked')];
    mkdirSync(real);
    symlinkSync(real, linked);
    writeFileSync(join(real, 'a.txt'), '');
    const finding = { title: 't', outcome: 'broken', text: '' } as const;
    expect(annotate(finding, linked, join(real, 'a.txt'))).toContain('file=a.txt,');
    expect(annotate(finding, real, join(linked, 'a.txt'))).toContain('file=a.txt,');
    rmSync(parent, { recursive: true });
  });

  it('has what would end it escaped', () => {
    const finding = { title: 'a,b:c', outcome: 'broken', text: '100%\r\n::error::x' } as const;
    expect(annotate(finding, folder, 'stdin')).toBe(
      '::error title=Causeway%3A a%2Cb%3Ac::100%25%0D%0A::error::x\n',
    );
  });
});

it('is made only in a run of Actions', () => {
  expect(findActionsFolder({})).toBeUndefined();
  expect(findActionsFolder({ GITHUB_ACTIONS: 'false', GITHUB_WORKSPACE: '/w' })).toBeUndefined();
  expect(findActionsFolder({ GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: '/w' })).toBe('/w');
  expect(findActionsFolder({ GITHUB_ACTIONS: 'true' })).toBe(folder);
});

it('stands for each claim of a script, and for bad lines', () => {
  const script = [
    ...['joinServer 0', 'joinClient 5 0', 'put 5 x 1', 'get 5 x', 'expect x:2', 'fly'],
    ...['wait until get 5 x expect x:1 within 1s', 'check causal convergence', ''],
  ];
  const path = join(mkdtempSync(join(tmpdir(), 'causeway-annotations-')), 'a.txt');
  writeFileSync(path, script.join('\n'));
  const { stderr, status } = spawnSync('node', ['master.js', '--sim', '--check', 'pram', path], {
    env: { ...process.env, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: dirname(path) },
    encoding: 'utf8',
  });
  rmSync(dirname(path), { recursive: true });
  const annotations = stderr.split('\n').filter((line) => line.startsWith('::'));
  expect(annotations).toEqual([
    "::error file=a.txt,line=5,title=Causeway%3A expect 'x%3A2'::" +
      "expected 'x:2', but line 4 answered 'x:1'",
    expect.stringMatching(/^::error file=a\.txt,line=6,title=Causeway%3A E_UNKNOWN_COMMAND::'fly'/),
    '::warning file=a.txt,line=8,title=Causeway%3A check convergence::' +
      'convergence: undecided: there was no stabilize',
  ]);
  expect(status).toBe(65);
});

it('tells what differs from a golden file', () => {
  const parent = mkdtempSync(join(tmpdir(), 'causeway-annotations-'));
  const [path, golden] = [join(parent, 'a.txt'), join(parent, 'a.golden')];
  const put = 'joinServer 0\njoinClient 5 0\nput 5 x ';
  const env = { ...process.env, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: parent };
  const causeway = (...words: string[]) =>
    spawnSync('node', ['master.js', ...words], { env, encoding: 'utf8' });
  writeFileSync(path, `${put}1\nget 5 x\n`);
  causeway('record', '--seeds', '1', path);
  writeFileSync(path, `${put}2\nget 5 x\n`);
  const junit = join(parent, 'junit.xml');
  const { stderr, status } = causeway('--sim', '--golden', golden, '--junit', junit, path);
  const report = readFileSync(junit, 'utf8');
  rmSync(parent, { recursive: true });
  expect(status).toBe(1);
  const annotations = stderr.split('\n').filter((line) => line.startsWith('::'));
  expect(annotations).toEqual([
    expect.stringMatching(/^::error file=a\.txt,title=.*::this is no output of .*%0Aline 4: -x:1/),
  ]);
  expect(annotations[0]).toMatch(/%0Aline 4: \+x:2$/);
  expect(report).toContain('line 4: -x:1\nline 4: +x:2</failure>');
});

it('is told once of many runs, and not of runs that are recorded', () => {
  const parent = mkdtempSync(join(tmpdir(), 'causeway-annotations-'));
  const path = join(parent, 'a.txt');
  const env = { ...process.env, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: parent };
  writeFileSync(path, 'joinServer 0\njoinClient 5 0\nput 5 x 1\nget 5 x\nexpect x:2\n');
  const [recorded, runs] = [
    ['--seeds', '2'],
    ['--runs', '2'],
  ].map((words) => {
    const ran = spawnSync('node', ['master.js', 'record', ...words, path], { env });
    return ran.stderr
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('::'));
  });
  rmSync(parent, { recursive: true });
  expect(recorded).toEqual([]);
  expect(runs).toEqual([expect.stringMatching(/^::error file=a\.txt,line=5,.*expect 'x%3A2'/)]);
});

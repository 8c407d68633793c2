import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
    expect(annotate({ place, title: 'expect x:1', outcome, text: 'no' }, folder)).toBe(line);
  });

  it('is about the run if the script is no file, or the claim is about all of it', () => {
    const finding = { title: 'check causal', outcome: 'broken', text: 'no' } as const;
    const line = '::error title=Causeway%3A check causal::no\n';
    expect(annotate(finding, folder)).toBe(line);
    expect(annotate({ ...finding, place: { file: 'stdin', line: 3 } }, folder)).toBe(line);
  });

  it('names the file from the folder of the repository', () => {
    const finding = { place, title: 't', outcome: 'broken', text: '' } as const;
    expect(annotate(finding, join(folder, 'scripts'))).toContain('file=a.txt,');
  });

  it('has what would end it escaped', () => {
    const finding = { title: 'a,b:c', outcome: 'broken', text: '100%\r\n::error::x' } as const;
    expect(annotate(finding, folder)).toBe(
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

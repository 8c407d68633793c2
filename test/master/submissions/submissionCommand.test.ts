import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  environmentOf,
  isNowhere,
  whyNoCommand,
} from '../../../src/master/submissions/submissionCommand.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-command-'));
  writeFileSync(join(folder, 'run.sh'), '');
  chmodSync(join(folder, 'run.sh'), 0o755);
  writeFileSync(join(folder, 'plain.sh'), '');
  chmodSync(join(folder, 'plain.sh'), 0o644);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the command of a submission', () => {
  it.each([
    ['./run.sh'],
    ['./run.sh with words'],
    ['sh plain.sh'],
    ['exec sh plain.sh'],
    ["trap '' TERM; sh plain.sh"],
    ['while read line; do echo x; done'],
    ['unset X; sh plain.sh'],
    ['eval sh plain.sh'],
    ['case x in x) sh plain.sh;; esac'],
    ['X=1 nothing-like-this'],
    ['(cd src && make)'],
  ])('%s is there, or the shell has to tell', (command) => {
    const environment = { PATH: process.env.PATH ?? '' };
    expect(whyNoCommand(command, folder, environment)).toBeUndefined();
  });

  it.each([
    ['./other.sh', "there is no './other.sh' in "],
    ['./plain.sh', "'./plain.sh' in "],
    ['nothing-like-this -x', "the command 'nothing-like-this' is not found"],
    ['run.sh', "the command 'run.sh' is not found"],
  ])('%s is not there', (command, why) => {
    const environment = { PATH: process.env.PATH ?? '' };
    expect(whyNoCommand(command, folder, environment)).toContain(why);
  });
});

it('may be one that no submission can have', () => {
  const environment = { PATH: process.env.PATH ?? '' };
  const found = ['nothing-like-this', './other.sh', 'sh plain.sh', 'trap x INT'].map((command) =>
    isNowhere(command, environment),
  );
  expect(found).toEqual([true, false, false, false]);
});

describe('the environment of a submission', () => {
  it('has what is needed, and nothing that may be secret', () => {
    const own = { PATH: '/bin', HOME: 'home', TOKEN: 'x', NODE_OPTIONS: '--x', MORE: '1' };
    expect(environmentOf(own, [])).toEqual({ PATH: '/bin', HOME: 'home' });
    expect(environmentOf(own, ['MORE', 'ABSENT'])).toEqual({
      PATH: '/bin',
      HOME: 'home',
      MORE: '1',
    });
  });
});

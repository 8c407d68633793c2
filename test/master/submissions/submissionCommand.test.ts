import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentOf, whyNoCommand } from '../../../src/master/submissions/submissionCommand.ts';

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

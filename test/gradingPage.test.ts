// docs/grading.md is correct: its commands print what it shows, and its suite can be read.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSuite } from '../src/grading/suite.ts';
import { mastersCommand } from '../src/master/subcommands/gradeMastersOptions.ts';

const page = readFileSync('docs/grading.md', 'utf8');

/** The commands of the submissions that the page shows. */
const SUBMISSIONS = {
  ada: 'exec node ../../master.js --sim',
  bob: 'node ../../master.js --sim | sed s/ERR_DEP/ERR_KEY/',
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-grading-'));
  for (const name of ['master.js', 'suites']) symlinkSync(resolve(name), join(folder, name));
  for (const [name, command] of Object.entries(SUBMISSIONS)) {
    mkdirSync(join(folder, 'submissions', name), { recursive: true });
    writeFileSync(join(folder, 'submissions', name, 'run.sh'), `${command}\n`);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the page on grading', () => {
  const shown = [...page.matchAll(/```\n\$ (.*)\n([\s\S]*?)```/g)];

  it('shows commands', () => expect(shown).toHaveLength(3));

  it.each(shown.map(([, command = '', output]) => [command, output]))('%s', (command, output) => {
    const { stdout, status } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
    expect(stdout).toBe(output);
    expect(status).toBe(/ 0\/10 |10\/20/.test(output ?? '') ? 1 : 0);
  });

  it('shows a suite', () => {
    const [, text = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    const suite = parseSuite(text);
    expect(suite.scripts.map(({ expected }) => expected.length)).toEqual([0, 2, 1]);
    expect(suite.scripts.map(({ limits }) => limits.timeMs)).toEqual([10_000, 10_000, 60_000]);
    expect(suite.areOrphansFaults).toBe(false);
  });

  it('names every option', () => {
    for (const { long } of mastersCommand().options) {
      if (long !== '--command') expect(page).toContain(`\`${long}`);
    }
  });
});

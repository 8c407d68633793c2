// The built programs and the launcher at the root: what a user meets before anything runs.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
const require = createRequire(import.meta.url);

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-build-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function runAlone(program: string) {
  cpSync(join(ROOT, program), join(folder, program));
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  return spawnSync(process.execPath, [join(folder, program)], { encoding: 'utf8', input: '' });
}

describe('without what it needs', () => {
  it('the launcher says how to build', () => {
    const { status, stdout, stderr } = runAlone('master.js');
    expect([status, stdout]).toEqual([70, '']);
    expect(stderr).toMatch(/npm ci.*npm run build/);
  });

  it('the build says why it does nothing', () => {
    const { status, stderr } = runAlone('build.js');
    expect(status).toBe(0);
    expect(stderr).toMatch(/skipped, the development dependencies are not installed/);
  });
});

describe('the built programs', () => {
  const caches = readdirSync(DIST).filter((name) => name.endsWith('.cache'));

  it('have a code cache each, but for the smallest', () => {
    const programs = caches.map((name) => name.split('-')[0]).sort();
    expect(programs).toEqual(['client', 'master', 'server']);
  });

  it.each(caches)('%s fits to its bundle and to this Node', (name) => {
    const check = `
      const { readFileSync } = require('node:fs');
      const [, cache] = process.argv;
      const source = readFileSync(cache.replace(/[.]cache$/, ''), 'latin1');
      const cachedData = readFileSync(cache);
      const script = new (require('node:vm').Script)(source, { cachedData });
      process.exitCode = script.cachedDataRejected ? 1 : 0;`;
    const flags = name.startsWith('master') ? [] : ['--disable-proto=throw'];
    const { status } = spawnSync(process.execPath, [...flags, '-e', check, join(DIST, name)]);
    expect(status).toBe(0);
  });
});

describe('the checkers as a library', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules', 'causeway'));
  });

  it('can be imported from elsewhere', () => {
    const text = `
      import { check } from 'causeway/checkers';
      const read = { session: 1, incarnation: 1, seq: 0, kind: 'get', key: 'x', value: '7' };
      const answer = { outcome: 'ok', invokedAt: 0, returnedAt: 1, server: null, version: null };
      const history = [{ ...read, ...answer, applied: null, line: 3 }];
      const { outcome, witness } = check(history, 'causal');
      process.stdout.write(outcome + ': ' + witness.sentence);`;
    writeFileSync(join(folder, 'user.mjs'), text);
    const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'user.mjs')], {
      encoding: 'utf8',
    });
    expect([stdout, stderr]).toEqual([
      'violated: client 1 got x=7 (line 3), but nobody wrote that.',
      '',
    ]);
  });

  it('has types, by which a level that does not exist is an error', () => {
    const text = `
      import { check, type Verdict } from 'causeway/checkers';
      export const verdict: Verdict = check([], 'causal');
      export const outcome: 'holds' | 'violated' | 'unknown' = verdict.outcome;
      check([], 'casual');`;
    writeFileSync(join(folder, 'user.mts'), text);
    const compilerOptions = { module: 'nodenext', strict: true, noEmit: true, types: [] };
    const settings = { compilerOptions, files: ['user.mts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const tsc = join(require.resolve('typescript/package.json'), '../bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/user\.mts\(5,17\): error TS2345: .*"casual".* 'Level'/),
    ]);
  });
});

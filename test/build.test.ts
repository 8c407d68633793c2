// The built programs and the launcher at the root: what a user meets before anything runs.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');

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

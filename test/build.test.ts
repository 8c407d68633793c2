// The built programs and the launcher at the root: what a user sees before a script runs.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';
import { publint } from 'publint';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRejected, partOf } from './support/codeCache.ts';
import { IS_FULL, sample } from './support/extent.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
const require = createRequire(import.meta.url);

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-build-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function runAlone(program: string) {
  for (const name of [program, 'build', 'package.json']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  return spawnSync(process.execPath, [join(folder, program)], { encoding: 'utf8', input: '' });
}

describe('the launcher', () => {
  const MASTER = join(ROOT, 'master.js');

  function startUnder(version: string) {
    const pretend = join(folder, 'pretend.cjs');
    const versions = `{ ...process.versions, node: '${version}' }`;
    writeFileSync(pretend, `Object.defineProperty(process, 'versions', { value: ${versions} });`);
    const args = ['--require', pretend, MASTER, '--version'];
    return spawnSync(process.execPath, args, { encoding: 'utf8' });
  }

  it.each(sample(['14.21.3', '20.18.3', '18.20.8', '20.9.0'], 2))(
    'says that Node %s is too old',
    (version) => {
      const { status, stdout, stderr } = startUnder(version);
      const line = `causeway: needs Node 20.19 or later, this is Node ${version}\n`;
      expect([status, stdout, stderr]).toEqual([71, '', line]);
    },
  );

  it.each(sample(['20.19.0', '22.1.0', '100.0.0'], 1))('starts under Node %s', (version) => {
    expect(startUnder(version).status).toBe(0);
  });

  it('needs what the package says', () => {
    const { engines } = require('../package.json');
    expect(engines).toEqual({ node: '>=20.19' });
    expect(readFileSync(MASTER, 'utf8')).toContain('const NEEDED = [20, 19];');
  });

  it('is written so that an old Node can read it', () => {
    const text = readFileSync(MASTER, 'utf8');
    const [as2015, asIs] = ['es2015', 'esnext'].map(
      (target) => transformSync(text, { target, platform: 'node' }).code,
    );
    expect(as2015).toBe(asIs);
  });
});

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

/** What a cache's name ends with beside the version of Node. */
const V8 = `${process.versions.v8}-${process.arch}`;

/** The folder that the launchers name; what former builds have left may lie beside it. */
function findParts(): string {
  const [, name = ''] = /(parts-\w+)/.exec(readFileSync(join(DIST, 'master.cjs'), 'latin1')) ?? [];
  return join(DIST, name);
}

it('the package has nothing that publint minds', async () => {
  const { messages } = await publint({ pkgDir: ROOT, pack: false, strict: true });
  expect(messages).toEqual([]);
});

it.each(['checkers', 'histories', 'sim', 'matchers'])('gives %s to require too', async (name) => {
  const forImport = await import(pathToFileURL(join(DIST, `${name}.mjs`)).href);
  const forRequire = require(join(DIST, `${name}.cjs`));
  expect(Object.keys(forRequire).sort()).toEqual(Object.keys(forImport).sort());
});

describe('the built programs', () => {
  const parts = findParts();
  const names = readdirSync(parts);
  const caches = names.filter((name) => name.endsWith(`-${process.version}-${V8}.cache`));

  it('have a code cache for each part that a script needs', () => {
    const cached = caches.map(partOf);
    const needed = [
      'server',
      'server-causal',
      'server-chain',
      'server-serverLog',
      'server-httpApp',
    ];
    const wanted = [...needed, 'client', 'client-causal', 'client-chain', 'master', 'master-execa'];
    expect(cached).toEqual(expect.arrayContaining(wanted));
  });

  it('have caches that fit to their parts and to this Node', () => {
    const cachedParts = caches.map(
      (name) => [join(parts, `${partOf(name)}.js`), join(parts, name)] as const,
    );
    expect(cachedParts.length).toBeGreaterThan(9);
    expect(findRejected(cachedParts)).toEqual([]);
  });

  it.each([
    ['server-causal', 'src/protocols/causal/state.ts'],
    ['master', 'src/protocols/causal/state.ts'],
    ['server', 'src/kernel/node.ts'],
  ])('have a map of the part %s that leads to %s', (part, source) => {
    const map = JSON.parse(readFileSync(join(parts, `${part}.js.map`), 'utf8'));
    expect(map.sources).toContain(source);
  });

  it('have caches of no other part', () => {
    const [master = '', server = ''] = ['master-', 'server-'].map((start) =>
      caches.find((name) => name.startsWith(start)),
    );
    const swapped = join(parts, server);
    expect(findRejected([[join(parts, `${partOf(master)}.js`), swapped]])).toEqual([swapped]);
  });

  it.each(['server', 'client', 'master'])('%s has what a run needs in ASCII', (name) => {
    const bytes = readFileSync(join(parts, `${name}.js`));
    expect(bytes.every((byte) => byte < 128)).toBe(true);
  });

  /** What a process says that it loads when it must do `script`: the parts of its program. */
  it('load what a simulation needs and no more', () => {
    const loaded = loadedBy(['--sim'], 'joinServer 0\njoinClient 1 0\nput 1 k v\nstabilize\n');
    expect(loaded.join()).toMatch(/^master,master-world(,master-[\w-]+-world)?$/);
  });

  it('have every class once, so that an error of one part is known in another', () => {
    const classes = names
      .filter((name) => name.startsWith('master') && name.endsWith('.js'))
      .flatMap((name) => [
        ...readFileSync(join(parts, name), 'latin1').matchAll(/\b(CallError|Bug)\d*\s*=\s*class/g),
      ]);
    expect(classes.map(([, name]) => name).sort()).toEqual(['Bug', 'CallError']);
  });
});

/** Runs the built master; gives the names of the parts that it has loaded, in order. */
function loadedBy(words: readonly string[], script: string): string[] {
  const spy = join(folder, 'spy.cjs');
  writeFileSync(
    spy,
    `const vm = require('node:vm');
    vm.Script = class extends vm.Script {
      constructor(source, options) {
        super(source, options);
        process.stderr.write(require('node:path').basename(options.filename, '.js') + '\\n');
      }
    };`,
  );
  const args = ['--require', spy, join(ROOT, 'master.js'), ...words];
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', input: script });
  return stderr.trim().split('\n');
}

describe('the libraries', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules', 'causeway-kv'));
  });

  it('can be imported from elsewhere', () => {
    const text = `
      import { check } from 'causeway-kv/checkers';
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
      'broken: client 1 got x=7 (line 3), but no client wrote that.',
      '',
    ]);
  });

  it.runIf(IS_FULL)('has types, by which a level that does not exist is an error', () => {
    const text = `
      import { check, checkHistory, type Verdict } from 'causeway-kv/checkers';
      import { readHistory } from 'causeway-kv/histories';
      export const verdict: Verdict = check([], 'causal');
      export const outcome: 'holds' | 'broken' | 'undecided' = verdict.outcome;
      checkHistory(readHistory(''), 'casual');`;
    writeFileSync(join(folder, 'user.mts'), text);
    const compilerOptions = { module: 'nodenext', strict: true, noEmit: true, types: [] };
    const settings = { compilerOptions, files: ['user.mts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const tsc = join(require.resolve('typescript/package.json'), '../bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/user\.mts\(6,37\): error TS2345: .*"casual".* 'HistoryLevel'/),
    ]);
  });
});

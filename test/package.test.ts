// The package as a user gets it: packed, installed in an empty folder, run and imported from there.
// It needs npm for the dependencies, so only the full test run has it.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findShippedScript, readAnswers } from './scripts/shipped.ts';
import { IS_FULL } from './support/extent.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NPM_OPTIONS = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

let folder = '';
let packed: Packed = { filename: '', files: [] };

function npm(cwd: string, ...words: string[]): string {
  return execFileSync('npm', [...words, ...NPM_OPTIONS], { cwd, encoding: 'utf8' });
}

describe.runIf(IS_FULL)('the package', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'causeway-package-'));
    const reports: Packed[] = JSON.parse(npm(ROOT, 'pack', '--json', '--pack-destination', folder));
    packed = reports[0] ?? packed;
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    npm(folder, 'install', `./${packed.filename}`);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The installed command; whatever it keeps for a user stays in the folder. */
  function causeway(script: string, ...options: string[]) {
    const { stdout, stderr, status } = spawnSync(
      join(folder, 'node_modules', '.bin', 'causeway'),
      options,
      {
        cwd: folder,
        env: { ...process.env, XDG_CACHE_HOME: folder },
        input: script,
        encoding: 'utf8',
      },
    );
    return { stdout, stderr, status };
  }

  it('is clean by publint', async () => {
    const tarball = new Uint8Array(readFileSync(join(folder, packed.filename))).buffer;
    const { messages } = await publint({ pack: { tarball }, strict: true });
    expect(messages).toEqual([]);
  });

  it('has the parts of this build, and no code caches', () => {
    const paths = packed.files.map(({ path }) => path);
    const launcher = readFileSync(join(ROOT, 'dist', 'master.cjs'), 'latin1');
    const [parts = ''] = /parts-\w+/.exec(launcher) ?? [];
    const ofParts = paths.filter((path) => path.startsWith('dist/parts-'));
    expect(ofParts).toEqual(
      expect.arrayContaining(
        ['master', 'server', 'client', 'guard'].map((name) => `dist/${parts}/${name}.js`),
      ),
    );
    for (const path of ofParts) expect(path).toMatch(new RegExp(`^dist/${parts}/[\\w-]+\\.js$`));
    expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md']));
  });

  it.each([['in simulation', '--sim'], ['on real processes']])(
    "runs the README's script %s",
    (_world, ...options) => {
      const readme = readFileSync(join(folder, 'node_modules/causeway-kv/README.md'), 'utf8');
      const [, script = '', output] =
        /```\n([\s\S]*?)```[\s\S]*?```\n([\s\S]*?)```/.exec(readme) ?? [];
      expect(script).toMatch(/^joinServer 0\n/);
      expect(causeway(script, ...options)).toEqual({ stdout: output, stderr: '', status: 0 });
    },
  );

  it('runs the scripts that it brings', () => {
    const script = readFileSync(
      join(folder, 'node_modules/causeway-kv/inputs/causal/partition.txt'),
      'utf8',
    );
    const answers = readAnswers(findShippedScript('causal/partition'));
    expect(causeway(script, '--sim').stdout).toBe(answers);
  });

  it('brings the checkers and the histories with their types', () => {
    const user = join(folder, 'user');
    mkdirSync(user);
    writeFileSync(
      join(user, 'user.mts'),
      `import { checkHistory, type Verdict } from 'causeway-kv/checkers';
      import { readHistory } from 'causeway-kv/histories';
      const read = '"f":"read","key":"x","value":null,"process":0';
      const events = ['invoke', 'ok'].map((type) => '{"type":"' + type + '",' + read + '}');
      const text = events.join('\\n');
      const verdict: Verdict = checkHistory(readHistory(text, 'jepsen-json'), 'linearizable');
      process.stdout.write(verdict.outcome);`,
    );
    const compilerOptions = { module: 'nodenext', target: 'es2022', strict: true, types: ['node'] };
    const settings = {
      compilerOptions: { ...compilerOptions, typeRoots: [join(ROOT, 'node_modules/@types')] },
      files: ['user.mts'],
    };
    writeFileSync(join(user, 'tsconfig.json'), JSON.stringify(settings));
    const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
    const tsc = join(typescript, '../bin/tsc');
    const checked = spawnSync(process.execPath, [tsc, '-p', user], { encoding: 'utf8' });
    expect([checked.stdout, checked.status]).toEqual(['', 0]);
    const ran = spawnSync(process.execPath, [join(user, 'user.mjs')], { encoding: 'utf8' });
    expect([ran.stdout, ran.stderr]).toEqual(['holds', '']);
  });
});

// The package as a user gets it: packed, installed in an empty folder, run and imported from there.
// It needs npm for the dependencies, so only the full test run has it.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

  it('needs no optional package before a script does', () => {
    const [pg, away] = [join(folder, 'node_modules/pg'), join(folder, 'pg-away')];
    renameSync(pg, away);
    try {
      const script = 'joinServer 0\njoinClient 1 0\nput 1 x 1\nget 1 x\n';
      expect(causeway(script).stdout).toBe('x:1\n');
      const { status, stderr } = causeway(`protocol postgres\n${script}`);
      expect([status, stderr]).toEqual([71, expect.stringContaining('npm install pg@8.23.1')]);
    } finally {
      renameSync(away, pg);
    }
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

  it('grades a master with the suite that it brings', () => {
    const command = join(folder, 'node_modules/.bin/causeway');
    const words = ['grade', '--command', `${command} --sim`, 'causal', '--only', 'line.txt'];
    expect(causeway('', ...words).stdout).toContain('total: 10/10\n');
  });

  it('needs the client of NATS for protocol nats only', () => {
    const script = 'protocol nats binary=no-such-nats\njoinServer 0\n';
    expect(causeway(script).stderr).toContain('no-such-nats: there is no such program');
    const client = join(folder, 'node_modules/@nats-io');
    renameSync(client, `${client}-away`);
    try {
      const { stderr, status } = causeway(script);
      expect(stderr).toMatch(/E_SPAWN: protocol nats needs NATS's client \(npm install @nats-io/);
      expect(status).toBe(71);
      expect(causeway('joinServer 0\nprintStore 0\n').status).toBe(0);
    } finally {
      renameSync(`${client}-away`, client);
    }
  });

  it.each(['user.mts', 'user.cts'])(
    'brings the checkers and the histories with their types, for %s',
    (name) => {
      const user = createUser(name, {
        text: `import { checkHistory, type Verdict } from 'causeway-kv/checkers';
      import { readHistory } from 'causeway-kv/histories';
      const read = '"f":"read","key":"x","value":null,"process":0';
      const events = ['invoke', 'ok'].map((type) => '{"type":"' + type + '",' + read + '}');
      const text = events.join('\\n');
      const verdict: Verdict = checkHistory(readHistory(text, 'jepsen-json'), 'linearizable');
      process.stdout.write(verdict.outcome);`,
      });
      const file = join(user, name.replace('ts', 'js'));
      expect(runFile('--no-experimental-require-module', file)).toEqual(['holds', '']);
    },
  );

  it.each(['user.mts', 'user.cts'])('runs scripts for programs, with types, from %s', (name) => {
    const user = createUser(name, {
      text: `import { type LevelVerdict, runScript, type ScriptRun } from 'causeway-kv/sim';
      async function main(): Promise<void> {
        const script = 'joinServer 0\\njoinClient 5 0\\nput 5 x 1\\nget 5 x';
        const run: ScriptRun = await runScript(script);
        const verdict: LevelVerdict = run.check('linearizable');
        process.stdout.write(run.output + verdict.outcome + run.history.length);
      }
      void main();`,
    });
    const file = join(user, name.replace('ts', 'js'));
    // Jest's own loader, for one, has no ES modules for `require`.
    expect(runFile('--no-experimental-require-module', file)).toEqual(['x:1\nholds2', '']);
  });

  const USE = `const run = await runScript('joinServer 0\\njoinClient 5 0\\nget 5 x');
      expect(run).toAnswer('x:ERR_KEY');
      expect(run).toHold('causal');
      expect(run).not.toAnswerAt(3, /1/);`;

  it('has matchers for vitest, with types', () => {
    borrow('vitest');
    const page = readFileSync(join(folder, 'node_modules/causeway-kv/docs/testing.md'), 'utf8');
    const examples = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text]) => text);
    expect(examples).toHaveLength(2);
    const wrong = `it('fails', async () => { expect(await runScript('')).toAnswer('x:1'); });`;
    createUser('user.test.mts', { text: `${examples[0]}\n${wrong}` });
    createUser('own.test.mts', { text: examples[1] ?? '' });
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const words = [vitest, 'run', '--root', folder, 'user.test.mts', 'own.test.mts'];
    const { stdout, stderr } = spawnSync(process.execPath, words, {
      env: { ...process.env, NO_COLOR: '1' },
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/Tests {2}1 failed \| 7 passed/);
    expect(stderr).toContain(
      'expected the run to answer: - is missing, + was answered instead\n- x:1\n',
    );
  });

  it("has matchers for jest's expect, with types", () => {
    borrow('expect');
    const user = createUser('user.cts', {
      types: ['node', 'jest'],
      text: `import { runScript } from 'causeway-kv/sim';
      (globalThis as { expect?: unknown }).expect = require('expect').expect;
      require('causeway-kv/jest');
      import type {} from 'causeway-kv/jest';
      async function main(): Promise<void> { ${USE}
        expect(() => expect(run).toAnswer('x:1')).toThrow('expected the run to answer');
        process.stdout.write('passed');
      }
      void main();`,
    });
    expect(runFile('--no-experimental-require-module', join(user, 'user.cjs'))).toEqual([
      'passed',
      '',
    ]);
  });

  /** A program of a user, compiled without an error; gives its folder. */
  function createUser(
    name: string,
    { text, types = ['node'] }: { text: string; types?: string[] },
  ) {
    const user = mkdtempSync(join(folder, 'user-'));
    writeFileSync(join(user, name), text);
    const compilerOptions = { module: 'nodenext', target: 'es2022', strict: true, types };
    const settings = {
      compilerOptions: { ...compilerOptions, typeRoots: [join(ROOT, 'node_modules/@types')] },
      files: [name],
    };
    writeFileSync(join(user, 'tsconfig.json'), JSON.stringify(settings));
    const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
    const tsc = join(typescript, '../bin/tsc');
    const checked = spawnSync(process.execPath, [tsc, '-p', user], { encoding: 'utf8' });
    expect([checked.stdout, checked.status]).toEqual(['', 0]);
    return user;
  }

  /** What a user has installed beside the package. */
  function borrow(name: string): void {
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }

  function runFile(...words: string[]) {
    const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    return [stdout, stderr];
  }
});

// The types of the libraries, as the compiler of a user sees them, from ES modules and for
// `require`, with the test libraries that there are.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IS_FULL } from './support/extent.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const TSC = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-types-'));
  write('package.json', '{ "type": "module" }');
  // A copy finds what the user has installed, not what this project has.
  const installed = join(folder, 'node_modules/causeway-kv');
  cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'));
  cpSync(join(ROOT, 'dist/types'), join(installed, 'dist/types'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'dist')).filter((file) => file.endsWith('.d.cts'))) {
    cpSync(join(ROOT, 'dist', name), join(installed, 'dist', name));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  // Never through a link into what is installed here.
  writeFileSync(join(folder, name), text, { flag: 'wx' });
}

function link(name: string): void {
  const path = join(folder, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), path);
}

/** What the compiler says of a user's file. */
function compile(name: string, text: string, more: { [option: string]: unknown } = {}): string {
  write(name, text);
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2022', strict: true, noEmit: true, types: [] },
    ...{ exactOptionalPropertyTypes: true, ...more },
  };
  write('tsconfig.json', JSON.stringify({ compilerOptions, files: [name] }));
  const words = [TSC, '-p', folder];
  return spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' }).stdout;
}

const USE = `import { checkHistory, HistoryError, type History } from 'causeway-kv/checkers';
import { FormatError, readHistory } from 'causeway-kv/histories';
import { matchers } from 'causeway-kv/matchers';
import { type Finding, type Level, runScript, type ScriptRun } from 'causeway-kv/sim';
const history: History = readHistory('', 'causeway');
export const told: string = checkHistory(history, 'causal').outcome;
export function why(error: unknown): string {
  const known: HistoryError | FormatError | undefined =
    error instanceof HistoryError || error instanceof FormatError ? error : undefined;
  return known?.message ?? '';
}
export async function use(level: Level, seed: number | undefined): Promise<readonly Finding[]> {
  const run: ScriptRun = await runScript('', { seed, signal: undefined });
  matchers.toHold.call({}, run, level);
  // @ts-expect-error
  void runScript(3);
  return run.findings;
}
`;

const BUNDLER = [
  'a bundler',
  'user.ts',
  { module: 'esnext', moduleResolution: 'bundler' },
] as const;

describe('the types of the libraries', () => {
  it.each([
    ['require', 'user.cts', {}],
    ...(IS_FULL ? [['an ES module', 'user.mts', {}] as const, BUNDLER] : []),
  ] as const)('fit a program with %s', (_what, name, options) => {
    expect(compile(name, USE, options)).toBe('');
  });

  it('are found without the exports of package.json too', () => {
    const { exports, typesVersions } = require('../package.json');
    const names = Object.keys(exports).filter((name) => name !== './package.json');
    const paths: { [name: string]: string[] } = typesVersions['*'];
    expect(Object.keys(paths).map((name) => `./${name}`)).toEqual(names);
    for (const [name, [path = '']] of Object.entries(paths)) {
      expect(path).toBe(exports[`./${name}`].types);
      expect(existsSync(join(ROOT, path))).toBe(true);
    }
  });
});

const SCRIPT = `const run = await runScript('');
expect(run).toPass();
expect(run).toHold('causal', 'pram');
expect(run).not.toAnswer('x:1', /y/);
await expect(runScript('')).resolves.toAnswerAt(3, 'x:1');
expect({ run }).toEqual({ run: expect.toHold('causal') });
expect({ run }).toEqual({ run: expect.not.toHold('causal') });
// @ts-expect-error
expect(run).toHold('casual');
`;
/** The types of the test libraries themselves are not what is tried. */
const OTHERS = { skipLibCheck: true };

describe('the types of the matchers', () => {
  const head = `import { runScript } from 'causeway-kv/sim';
import 'causeway-kv/vitest';
import { expect } from 'vitest';
`;

  it('fit vitest', () => {
    link('vitest');
    expect(compile('user.mts', head + SCRIPT, OTHERS)).toBe('');
  });

  it('fit a vitest whose assertions have two parameters', () => {
    // As vitest 5 declares them, as far as a matcher meets them.
    write('node_modules/vitest/package.json', '{ "name": "vitest", "types": "index.d.ts" }');
    write(
      'node_modules/vitest/index.d.ts',
      `declare global { namespace Chai { interface Assertion { empty: Assertion; } } }
type Made<A, R extends void | Promise<void>> = {
  [K in keyof A]: A[K] extends Chai.Assertion ? Assertion<R>
    : A[K] extends (...args: any[]) => any ? A[K] : never;
};
export interface Matchers<R extends void | Promise<void> = void, T = unknown> {}
// @ts-ignore
export interface Assertion<R extends void | Promise<void> = void, T = unknown>
  extends Made<Chai.Assertion, R>, Matchers<R, T> {
  not: Assertion<R, T>;
  resolves: Assertion<Promise<void>, T>;
  toEqual(other: unknown): R;
}
export interface AsymmetricMatchersContaining extends Matchers<any> {}
interface ExpectStatic extends AsymmetricMatchersContaining {
  <T>(actual: T): Assertion<void, T>;
  not: AsymmetricMatchersContaining;
}
export declare const expect: ExpectStatic;
`,
    );
    expect(compile('user.mts', head + SCRIPT)).toBe('');
  });

  it.each(IS_FULL ? ['user.mts', 'user.cts'] : ['user.cts'])(
    'fit the global expect of jest, from %s',
    (name) => {
      for (const types of ['@types/jest', 'expect', '@jest/expect-utils']) {
        if (existsSync(join(ROOT, 'node_modules', types))) link(types);
      }
      const use = `import { runScript } from 'causeway-kv/sim';
import 'causeway-kv/jest';
export async function test(): Promise<void> { `;
      const options = { types: ['jest'], ...OTHERS };
      expect(compile(name, `${use}${SCRIPT}}`, options)).toBe('');
    },
  );

  it.runIf(IS_FULL)("fit jest's expect if it is imported", () => {
    link('expect');
    const use = `import { runScript } from 'causeway-kv/sim';
import 'causeway-kv/jest';
import { expect } from 'expect';
`;
    expect(compile('user.mts', use + SCRIPT, OTHERS)).toBe('');
  });
});

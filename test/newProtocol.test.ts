// `npm run new-protocol` in a copy of the project: what it writes is short and tidy, and its test
// passes.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const COPIED = ['src', 'test', 'build', 'package.json', 'biome.json', 'vitest.config.mts'];
const WRITTEN = [
  'src/protocols/mystore/index.ts',
  'test/protocols/mystore/mystore.test.ts',
  'docs/protocols/mystore.md',
  'src/protocols/registry.ts',
];

const folder = mkdtempSync(join(tmpdir(), 'causeway-new-protocol-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (file: string, ...args: string[]) => execa(file, args, { cwd: folder, reject: false });
const begin = (...names: string[]) => run('node', 'build/newProtocol.js', ...names);
const textOf = (path: string): string => readFileSync(join(folder, path), 'utf8');
const program = (name: string): string => join(folder, 'node_modules/.bin', name);

beforeAll(() => {
  for (const path of COPIED) cpSync(path, join(folder, path), { recursive: true });
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
});

/** What the build says of the list of protocols. */
async function findMisnamed(): Promise<string> {
  const script = `
    import * as esbuild from 'esbuild';
    import { findMisnamed } from './build/checkProtocols.js';
    console.log(await findMisnamed(esbuild, process.cwd()));`;
  const { stdout, stderr } = await run('node', '--input-type=module', '--eval', script);
  expect(stderr).toBe('');
  return stdout;
}

describe('a new protocol', () => {
  it('is a folder, a test, a page and a line of the list', async () => {
    const { stdout, stderr, exitCode } = await begin('mystore');
    expect([stderr, exitCode]).toEqual(['', 0]);
    expect(
      stdout
        .split('\n\n')[0]
        ?.split('\n')
        .map((line) => line.trim()),
    ).toEqual(WRITTEN);
    const before = readFileSync('src/protocols/registry.ts', 'utf8');
    expect(textOf('src/protocols/registry.ts').split('\n')).toHaveLength(
      before.split('\n').length + 1,
    );
    for (const path of WRITTEN) expect(textOf(path)).not.toMatch(/naive/i);
  });

  it('has its table of messages in its page', () => {
    expect(textOf('docs/protocols/mystore.md')).toMatch(
      /<!-- messages -->\n\n\| method [\s\S]*\n\| `push` \| server \|[\s\S]*\n\n<!-- end/,
    );
  });

  it('has at most a hundred lines', () => {
    const lines = textOf('src/protocols/mystore/index.ts').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(100);
  });

  it('is formatted and without a complaint of the linter', async () => {
    const sources = WRITTEN.filter((path) => path.endsWith('.ts'));
    const { exitCode, stdout } = await run(program('biome'), 'check', ...sources);
    expect(exitCode, stdout).toBe(0);
  });

  it('is registered, and passes its test', async () => {
    const tests = ['test/protocols/mystore', 'test/protocols/load.test.ts'];
    const { stdout, exitCode } = await run(program('vitest'), 'run', ...tests);
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toMatch(/Test Files .*2 passed/);
  });

  it('is not written a second time', async () => {
    const before = textOf('src/protocols/registry.ts');
    const { stderr, exitCode } = await begin('mystore');
    expect(exitCode).toBe(64);
    expect(stderr).toBe("new-protocol: src/protocols/registry.ts has 'mystore' already");
    expect(textOf('src/protocols/registry.ts')).toBe(before);
  });

  it('is refused by the build under a name by which no process would find it', async () => {
    expect(await findMisnamed()).toBe('undefined');
    const path = 'src/protocols/mystore/index.ts';
    const text = textOf(path);
    const rename = (name: string) =>
      writeFileSync(join(folder, path), text.replace("name: 'mystore'", `name: '${name}'`));
    rename('mystor');
    expect(await findMisnamed()).toBe(
      "the protocol 'mystor' is the export mystore of src/protocols/mystore: " +
        'name, export and folder must be the same word',
    );
    rename('nodes');
    expect(await findMisnamed()).toMatch(/^the name of the protocol nodes is that of src\/engines/);
    rename('mystore');
  });

  it('does not take the place of a folder that no list names', async () => {
    cpSync(join(folder, 'src/protocols/mystore'), join(folder, 'src/protocols/draft'), {
      recursive: true,
    });
    const { stderr, exitCode } = await begin('draft');
    expect(exitCode).toBe(64);
    expect(stderr).toBe('new-protocol: src/protocols/draft/index.ts exists already');
  });

  it.each([
    [[], 'needs one name: npm run new-protocol -- mystore'],
    [['one', 'two'], 'needs one name: npm run new-protocol -- mystore'],
    [
      ['My-Store'],
      "'My-Store' is not a name: 2 to 30 letters and digits, the first a small letter",
    ],
    [['../up'], "'../up' is not a name: 2 to 30 letters and digits, the first a small letter"],
    [['delete'], "'delete' is a word of its code: take another"],
    [['messages'], "'messages' is a word of its code: take another"],
    [['causal'], "src/protocols/registry.ts has 'causal' already"],
    [['nodes'], "src/engines/registry.ts has 'nodes' already"],
  ])('is refused for %j', async (names, why) => {
    const { stdout, stderr, exitCode } = await begin(...names);
    expect([stdout, stderr, exitCode]).toEqual(['', `new-protocol: ${why}`, 64]);
  });
});

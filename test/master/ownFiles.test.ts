// The files that a run writes destroy neither its script nor each other.
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Interruption } from '../../src/master/interruption.ts';
import { runProgram } from '../../src/master/program.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { Collector } from '../support/streams.ts';

const SCRIPT = 'joinServer 0\njoinClient 5 0\nput 5 k v\nget 5 k\n';

let folder = '';
let script = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-own-'));
  script = join(folder, 'script.txt');
  writeFileSync(script, SCRIPT);
  mkdirSync(join(folder, 'sub'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(words: string[], fd?: number): Promise<{ status: number; stderr: string }> {
  const stderr = new Collector();
  const stdin = Object.assign(new PassThrough(), fd === undefined ? {} : { fd });
  stdin.end();
  const status = await runProgram({
    words,
    protocols: PROTOCOLS,
    stdin,
    stdout: new Collector(),
    stderr,
    interruption: new Interruption(),
  });
  return { status, stderr: stderr.text };
}

/** Other names of the script, made by the test. */
const ALIASES: readonly (readonly [kind: string, make: () => string])[] = [
  ['its own name', () => script],
  ['a relative path', () => relative(process.cwd(), script)],
  ['a way through another folder', () => `${folder}/sub/../script.txt`],
  ['a hard link', () => link(linkSync)],
  ['a symbolic link', () => link(symlinkSync)],
];

function link(make: (target: string, path: string) => void): string {
  const path = join(folder, 'alias');
  make(script, path);
  return path;
}

describe('a file to write that is the script', () => {
  describe.each(['--trace', '--history', '--endpoints'])('%s', (option) => {
    test.each(ALIASES)('by %s', async (_kind, make) => {
      const alias = make();
      const outcome = await run([option, alias, script]);
      const why = `${option} ${alias} is the same file as the script ${script}`;
      expect(outcome).toEqual({ status: 64, stderr: `causeway: ${why}\n` });
      expect(readFileSync(script, 'utf8')).toBe(SCRIPT);
    });
  });

  test('on stdin', async () => {
    const fd = openSync(script, 'r');
    const outcome = await run(['--sim', '--trace', script], fd);
    closeSync(fd);
    const why = `--trace ${script} is the same file as the script on stdin`;
    expect(outcome).toEqual({ status: 64, stderr: `causeway: ${why}\n` });
    expect(readFileSync(script, 'utf8')).toBe(SCRIPT);
  });
});

describe('two files to write that are one', () => {
  const pairs = [
    ['--trace', '--history'],
    ['--trace', '--endpoints'],
    ['--history', '--endpoints'],
  ] as const;

  test.each(pairs)('%s and %s, not there yet', async (first, second) => {
    const [path, other] = [join(folder, 'out'), `${folder}/sub/../out`];
    const outcome = await run([second, other, first, path, script]);
    const why = `${second} ${other} is the same file as ${first} ${path}`;
    expect(outcome).toEqual({ status: 64, stderr: `causeway: ${why}\n` });
    expect(readdirSync(folder).sort()).toEqual(['script.txt', 'sub']);
  });

  test('by a link to what is not there yet', async () => {
    const [path, alias] = [join(folder, 'out'), join(folder, 'alias')];
    symlinkSync('out', alias);
    const { status } = await run(['--sim', '--trace', path, '--history', alias, script]);
    expect(status).toBe(64);
  });

  test('by a link to what is there', async () => {
    const [path, alias] = [join(folder, 'out'), join(folder, 'alias')];
    writeFileSync(path, 'kept');
    symlinkSync(path, alias);
    const { status } = await run(['--sim', '--trace', path, '--history', alias, script]);
    expect([status, readFileSync(path, 'utf8')]).toEqual([64, 'kept']);
  });
});

describe('files that are apart', () => {
  test('are written, also over those of the last run', async () => {
    const words = ['--sim', '--trace', join(folder, 'a'), '--history', join(folder, 'b'), script];
    expect(await run(words)).toEqual({ status: 0, stderr: '' });
    expect(await run(words)).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(join(folder, 'b'), 'utf8')).toMatch(/"kind":"put"/);
  });

  test('a link that leads nowhere is the fault of the environment, as ever', async () => {
    const loop = join(folder, 'loop');
    symlinkSync('loop', loop);
    const { status, stderr } = await run(['--sim', '--trace', loop, script]);
    expect(status).toBe(71);
    expect(stderr).toMatch(/^causeway: E_IO: .*ELOOP/);
  });

  test('a device is no file to destroy', async () => {
    const words = ['--sim', '--trace', '/dev/null', '--history', '/dev/null', script];
    expect(await run(words)).toEqual({ status: 0, stderr: '' });
  });
});

// The code caches of the built programs: which caches a version of Node uses, where another version
// than the build's stores its own, and which stored caches it does not trust.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findRejected, partOf } from './support/codeCache.ts';

interface Launch {
  nameCache(part: string, hash: string, node: Node): string;
  findStore(environment: { readonly [name: string]: string }, home: string): string | undefined;
  isPrivate(stats: { readonly uid: number; readonly mode: number }, user: number): boolean;
}

interface Node {
  readonly version: string;
  readonly versions: { readonly v8: string };
  readonly arch: string;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SCRIPT = 'joinServer 0\njoinClient 1 0\nput 1 k v\nget 1 k\n';
const launch = createRequire(import.meta.url)(join(ROOT, 'build/launch.cjs')) as Launch;

describe('the name of a cache', () => {
  const node = { version: 'v20.19.0', versions: { v8: '11.3.244.8-node.26' }, arch: 'x64' };
  const name = launch.nameCache('server', '0123456789ab', node);

  it('says the part and all that the cache depends on', () => {
    expect(name).toBe('server-0123456789ab-v20.19.0-11.3.244.8-node.26-x64.cache');
  });

  it.each<[string, Partial<Node>]>([
    ['patch release of Node', { version: 'v20.19.1' }],
    ['last part of the version of V8', { versions: { v8: '11.3.244.8-node.33' } }],
    ['kind of processor', { arch: 'arm64' }],
  ])('is another one for another %s', (_what, change) => {
    expect(launch.nameCache('server', '0123456789ab', { ...node, ...change })).not.toBe(name);
  });
});

describe('the folder of the user', () => {
  it.each([
    ['the one that the environment names', { XDG_CACHE_HOME: '/c' }, '/u', '/c/causeway'],
    ['below the home folder otherwise', {}, '/u', '/u/.cache/causeway'],
    ['not one that depends on where one is', { XDG_CACHE_HOME: 'c' }, '/u', '/u/.cache/causeway'],
    ['none without a home', {}, '', undefined],
  ])('is %s', (_what, environment, home, folder) => {
    expect(launch.findStore(environment, home)).toBe(folder);
  });

  it.each([
    ['only the user can read or write it', 1000, 0o40700, true],
    ['a file is the same', 1000, 0o100600, true],
    ['it belongs to another', 0, 0o40700, false],
    ['its group may write', 1000, 0o40720, false],
    ['all may write', 1000, 0o100602, false],
    ['all may look into it', 1000, 0o40755, false],
  ])('is trusted by user 1000 if %s: uid %i, mode %o: %s', (_what, uid, mode, isTrusted) => {
    expect(launch.isPrivate({ uid, mode }, 1000)).toBe(isTrusted);
  });
});

/** A package as npm installs it: built by some Node, without that one's caches. */
describe('a program whose build has no caches for this Node', () => {
  let folder = '';
  let home = '';
  let parts = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'causeway-caches-'));
    const [, name = ''] = /(parts-\w+)/.exec(readFileSync('dist/master.cjs', 'latin1')) ?? [];
    parts = join('dist', name);
    const programs = ['master', 'server', 'client', 'guard'].map((name) => `dist/${name}.cjs`);
    for (const name of ['master.js', 'package.json', parts, ...programs]) {
      const filter = (path: string): boolean => !path.endsWith('.cache');
      cpSync(join(ROOT, name), join(folder, name), { recursive: true, filter });
    }
    writeFileSync(
      join(folder, 'spy.cjs'),
      `const vm = require('node:vm');
      vm.Script = class extends vm.Script {
        constructor(source, options) {
          super(source, options);
          const { filename, cachedData } = options;
          const how = cachedData === undefined ? 'none' : this.cachedDataRejected ? 'bad' : 'good';
          process.stderr.write(require('node:path').basename(filename, '.js') + ' ' + how + '\\n');
        }
      };`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(() => {
    home = mkdtempSync(join(folder, 'home-'));
  });

  const store = (): string => join(home, 'causeway');
  const kept = (): string[] => readdirSync(store()).sort();

  /** Runs the script; gives the parts of the master with what became of their caches. */
  function start(environment: NodeJS.ProcessEnv = { XDG_CACHE_HOME: home }) {
    const args = ['--require', join(folder, 'spy.cjs'), join(folder, 'master.js')];
    const env = { PATH: process.env.PATH, ...environment };
    const run = spawnSync(process.execPath, args, { env, encoding: 'utf8', input: SCRIPT });
    expect([run.status, run.stdout]).toEqual([0, 'k:v\n']);
    return run.stderr.trim().split('\n');
  }

  it('makes them at its first start, for the second one, and for its user alone', () => {
    const first = start();
    expect(first).toContain('master none');
    expect(first.every((line) => line.endsWith(' none'))).toBe(true);
    const names = kept();
    expect(names).toEqual(
      expect.arrayContaining(
        ['master', 'master-execa', 'server', 'server-causal', 'client', 'client-causal'].map(
          (part) => expect.stringMatching(new RegExp(`^${part}-[0-9a-f]{12}-v`)),
        ),
      ),
    );
    expect(statSync(store()).mode & 0o777).toBe(0o700);
    const modes = names.map((name) => statSync(join(store(), name)).mode & 0o777);
    expect(new Set(modes)).toEqual(new Set([0o600]));
    const cachedParts = names.map(
      (name) => [join(folder, parts, `${partOf(name)}.js`), join(store(), name)] as const,
    );
    expect(findRejected(cachedParts)).toEqual([]);
    const second = start();
    expect(second).toEqual(first.map((line) => line.replace('none', 'good')));
    expect(kept()).toEqual(names);
  });

  it('removes those that nothing has made for a month', () => {
    mkdirSync(store(), { mode: 0o700 });
    const month = Date.now() / 1000 - 31 * 24 * 3600;
    for (const name of ['old.cache', 'new.cache']) writeFileSync(join(store(), name), '');
    utimesSync(join(store(), 'old.cache'), month, month);
    start();
    expect(kept()).toContain('new.cache');
    expect(kept()).not.toContain('old.cache');
  });

  it.each([
    ['a link', () => symlinkSync(mkdtempSync(join(folder, 'other-')), store())],
    ['open to others', () => mkdirSync(store(), { mode: 0o755 })],
    ['a file', () => writeFileSync(store(), '')],
  ])('does without where the folder is %s, and writes nothing there', (_what, prepare) => {
    prepare();
    expect(start().every((line) => line.endsWith(' none'))).toBe(true);
    expect(statSync(store()).isDirectory() ? kept() : []).toEqual([]);
  });

  it('does without where there is no place for one', () => {
    expect(start({ HOME: '/proc' })).toContain('master none');
    expect(start({ HOME: '' })).toContain('master none');
    expect(existsSync('.cache')).toBe(false);
  });

  const spoil: [string, (path: string) => void][] = [
    ['that its group may write', (path) => chmodSync(path, 0o620)],
    [
      'that is a link',
      (path) => {
        renameSync(path, `${path}.moved`);
        symlinkSync(`${path}.moved`, path);
      },
    ],
  ];
  if (process.getuid?.() === 0) spoil.push(['of another user', (path) => chownSync(path, 1, 1)]);
  it.each(spoil)('does not run a cache %s', (_what, change) => {
    start();
    for (const name of kept()) change(join(store(), name));
    expect(start().every((line) => line.endsWith(' none'))).toBe(true);
  });
});

it('no cache is packed', () => {
  const words = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'];
  const { stdout } = spawnSync('npm', words, { cwd: ROOT, encoding: 'utf8' });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);
  expect(paths).toContain('dist/master.cjs');
  expect(paths.filter((path) => path.endsWith('.cache'))).toEqual([]);
});

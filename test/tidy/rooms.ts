// Rules about imports: which rooms may import which, cycles, dead files.
import { builtinModules } from 'node:module';
import { findCycles, findReachable, isRelative, resolveImport } from './imports.ts';
import { importGraph, type Problem, type Rule, type SourceFile } from './project.ts';

/** The rooms that the command line combines: all except the processes that it only starts. */
const EVERYTHING_ELSE = [
  'kernel',
  'log',
  'protocols',
  'checkers',
  'histories',
  'sim',
  'rpc',
  'processes',
  'language',
  'fuzz',
  'evaluate',
  'engines',
  'grading',
  'web',
];

/** The rooms of `src`, and the rooms that each may import besides itself. */
export const ARROWS: ReadonlyMap<string, readonly string[]> = new Map([
  ['kernel', []],
  ['clocks', ['kernel']],
  ['log', ['kernel']],
  ['replication', ['kernel', 'clocks']],
  ['protocols', ['kernel', 'clocks', 'replication']],
  ['checkers', ['kernel']],
  ['histories', ['kernel', 'checkers']],
  ['sim', ['kernel', 'log']],
  ['rpc', ['kernel', 'log']],
  ['processes', ['kernel', 'log', 'rpc']],
  ['language', ['kernel', 'checkers']],
  ['runner', ['kernel', 'language', 'sim', 'protocols', 'engines']],
  ['fuzz', ['kernel', 'language', 'sim', 'protocols', 'checkers']],
  ['evaluate', ['kernel', 'clocks', 'language']],
  ['engines', ['kernel', 'replication', 'rpc', 'processes']],
  ['grading', ['kernel', 'language']],
  [
    'web',
    [
      'kernel',
      'replication',
      'language',
      'sim',
      'protocols',
      'checkers',
      'histories',
      'fuzz',
      'evaluate',
      'runner',
    ],
  ],
  ['server', ['kernel', 'protocols', 'rpc']],
  ['client', ['kernel', 'protocols', 'rpc']],
  ['master', EVERYTHING_ELSE],
]);

/** Rooms whose code runs in both worlds, or in none: they reach the world through Env alone. */
const WORLDLESS = new Set([
  'kernel',
  'clocks',
  'log',
  'replication',
  'protocols',
  'checkers',
  'histories',
  'language',
  'grading',
]);
const WORLDLESS_PACKAGES = new Set(['valibot', 'lodash', 'pure-rand', '@noble/hashes']);
/** Slow to load, so no node may need them; and the room that may import each. */
const MASTER_PACKAGES = new Map([
  ['execa', 'processes'],
  ['commander', 'master'],
]);
const REGISTRY = 'src/protocols/registry.ts';

export const ROOM_RULES: readonly Rule[] = [
  {
    name: 'rooms import only along their arrows',
    check: ({ sources }) =>
      eachImport(sources, (file, specifier) => {
        const from = roomOf(file.path);
        if (from === undefined) return undefined;
        const allowed = ARROWS.get(from);
        if (allowed === undefined) return `no such room: put the file into ${roomList()}`;
        if (!isRelative(specifier)) return undefined;
        const target = resolveImport(file.path, specifier);
        const to = roomOf(target);
        if (to === undefined) return `${target} is outside src: move what is needed into a room`;
        if (to !== from && !allowed.includes(to)) {
          const may = allowed.length === 0 ? 'nothing' : allowed.join(', ');
          return `${from} may import ${may}, not ${to}: let the caller hand it in, or move it down`;
        }
        return undefined;
      }),
  },
  {
    name: 'files of src lie in a room',
    check: ({ sources }) =>
      sources
        .filter(({ path }) => path.startsWith('src/') && !ARROWS.has(roomOf(path) ?? ''))
        .map(({ path }) => ({ where: path, text: `put it into one of ${roomList()}` })),
  },
  {
    name: 'protocols know no sibling, and others know protocols by the registry',
    check: ({ sources }) =>
      eachImport(sources, (file, specifier) => {
        if (!isRelative(specifier) || !file.path.startsWith('src/') || file.path === REGISTRY) {
          return undefined;
        }
        const target = resolveImport(file.path, specifier);
        const to = protocolOf(target);
        const from = protocolOf(file.path);
        if (from !== undefined && target === REGISTRY)
          return 'a protocol does not know the registry';
        if (to === undefined || to === from) return undefined;
        return from === undefined
          ? `${target} belongs to one protocol: ask the registry`
          : `${from} may not import ${to}: move what both need to kernel or clocks`;
      }),
  },
  {
    name: 'code of both worlds sees neither',
    check: ({ sources }) =>
      eachImport(sources, (file, specifier) => {
        if (isRelative(specifier) || !WORLDLESS.has(roomOf(file.path) ?? '')) return undefined;
        if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
          return `${specifier} belongs to one world: ask Env`;
        }
        const words = specifier.split('/');
        const name = words.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
        return WORLDLESS_PACKAGES.has(name) ? undefined : `${name} is for the real world: ask Env`;
      }),
  },
  {
    name: 'nodes start without what only the master needs',
    check: ({ sources }) =>
      eachImport(sources, ({ path }, specifier) => {
        const room = MASTER_PACKAGES.get(specifier);
        return room !== undefined && (roomOf(path) ?? room) !== room
          ? `${specifier} takes its time to load: use it in ${room} only`
          : undefined;
      }),
  },
  {
    name: 'relative imports carry their ending',
    check: ({ sources }) =>
      eachImport(sources, (_file, specifier) =>
        isRelative(specifier) && !/\.(?:tsx?|js|json)$/.test(specifier)
          ? `write '${specifier}.ts', the file that is meant`
          : undefined,
      ),
  },
  {
    name: 'no file imports itself in the end',
    check: ({ sources }) =>
      findCycles(importGraph(sources)).map((cycle) => ({
        where: cycle[0] ?? '',
        text: `${cycle.join(' -> ')}: move what both need into a file of its own`,
      })),
  },
  {
    name: 'no file of src is dead',
    check: ({ sources, textByPath }) => {
      const files = sources.filter(({ path }) => path.startsWith('src/'));
      const alive = findReachable(
        importGraph(files),
        ['build/build.js', 'build/page.js'].flatMap((path) =>
          pathsIn(textByPath.get(path) ?? '', 'src'),
        ),
      );
      return files
        .filter(({ path }) => !alive.has(path))
        .map(({ path }) => ({
          where: path,
          text: 'no entry point of build/ reaches it: import it where needed, or delete it',
        }));
    },
  },
  {
    name: 'no file of test is dead',
    check: ({ sources, textByPath }) => {
      const files = sources.filter(({ path }) => path.startsWith('test/'));
      const tests = files.map(({ path }) => path).filter((path) => path.endsWith('.test.ts'));
      const settings = textByPath.get('vitest.config.mts') ?? '';
      const bundled = [...files.map(({ text }) => text), settings].flatMap((text) =>
        pathsIn(text, 'test'),
      );
      const alive = findReachable(importGraph(files), [...tests, ...bundled]);
      // The types of a program in JavaScript are used with it.
      return files
        .filter(({ path }) => !alive.has(path.replace(/\.d\.ts$/, '.js')))
        .map(({ path }) => ({
          where: path,
          text: 'no test imports or starts it: use it, or delete it',
        }));
    },
  },
];

/** Calls `judge` for every import, and makes a problem of each text that it returns. */
function eachImport(
  sources: readonly SourceFile[],
  judge: (file: SourceFile, specifier: string, isTypeOnly: boolean) => string | undefined,
): Problem[] {
  return sources.flatMap((file) =>
    file.imports.flatMap(({ line, specifier, isTypeOnly }) => {
      const text = judge(file, specifier, isTypeOnly);
      return text === undefined ? [] : [{ where: `${file.path}:${line}`, text }];
    }),
  );
}

function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

function protocolOf(path: string): string | undefined {
  return /^src\/protocols\/([^/]+)\//.exec(path)?.[1];
}

/** The files of a folder that a text names: a build names its entry points. */
function pathsIn(text: string, folder: 'src' | 'test'): string[] {
  const paths = text.match(/\b(?:src|test)\/[\w/.-]+\.tsx?\b/g) ?? [];
  return paths.filter((path) => path.startsWith(`${folder}/`));
}

function roomList(): string {
  return [...ARROWS.keys()].join(', ');
}

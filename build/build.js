// Builds dist: cuts each program into parts that are loaded when they are needed, and runs some
// scripts so that a code cache with the functions that are really used can lie beside each. Start-up
// is what this is for. It writes the types of the libraries, and so shows type errors of all that
// these contain, protocols included; `npm run types`, which `npm test` begins with, checks the rest.
//
//   node build.js           nothing to do if nothing changed
//   node build.js --alone   removes the parts of former builds at once: they are not to be packed
//
// dist/server.cjs is a launcher (launch.cjs). It names a folder of parts by their content, so that a
// build may run while programs start: the launcher is replaced last, in one step.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findMisnamed } from './checkProtocols.js';
import hashCode from './codeHash.cjs';
import { bundlePage } from './page.js';
import { COMMON, cut } from './parts.js';
import { warmUp } from './warmUp.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, 'stamp');

const PROGRAMS = [
  { name: 'server', entry: 'src/server/main.ts' },
  { name: 'client', entry: 'src/client/main.ts' },
  { name: 'guard', entry: 'src/processes/guardMain.ts' },
  { name: 'swarmWorker', entry: 'src/master/subcommands/swarmWorkerMain.ts' },
  { name: 'master', entry: 'src/master/main.ts' },
];

/** For programs of others: `import { check } from 'causeway-kv/checkers'`. */
const LIBRARIES = {
  checkers: 'src/checkers/index.ts',
  histories: 'src/histories/index.ts',
  sim: 'src/runner/index.ts',
  matchers: 'src/runner/matchers.ts',
  vitest: 'src/runner/vitest.ts',
  jest: 'src/runner/jest.ts',
};
/** Those that are also there for `require`, by which jest loads. */
const FOR_REQUIRE = ['checkers', 'histories', 'sim', 'matchers', 'jest'];
/** Their types, which tsc writes into this folder of dist. */
const TYPES = 'types';
const TYPES_CONFIGS = ['tsconfig.library.json', 'tsconfig.runner.json'];

/** `causeway editor` copies it. */
const EXTENSION = 'extension.js';

/** Of these `causeway page` makes a page. */
const PAGE = { script: 'page.js', style: 'page.css', measurements: 'measurements.css' };

/** What a build depends on beside the sources and its own files. */
const SETTINGS = ['package-lock.json', 'tsconfig.json', ...TYPES_CONFIGS];

/** A program that runs may still load parts of its build for so long after the next one. */
const KEPT_MS = 24 * 3_600_000;

const say = (text) => process.stderr.write(`build: ${text}\n`);

async function main() {
  const begun = performance.now();
  const esbuild = await import('esbuild').catch(() => undefined);
  if (esbuild === undefined) {
    say('skipped, the development dependencies are not installed (npm ci without --omit=dev)');
    return;
  }
  const stamp = hashSources();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) {
    removeOthers();
    say('up to date');
    return;
  }
  const misnamed = await findMisnamed(esbuild, ROOT);
  if (misnamed !== undefined) {
    say(misnamed);
    process.exitCode = 1;
    return;
  }
  // Nothing else is said until the end.
  if (process.stderr.isTTY) say('begun, takes about half a minute');
  mkdirSync(DIST, { recursive: true });
  const typesStatus = writeTypes();
  const programs = await cut(esbuild, ROOT, PROGRAMS);
  await bundleLibraries(esbuild);
  await writePage(esbuild);
  replace(join(DIST, EXTENSION), readFileSync(join(ROOT, 'build/editor', EXTENSION)));
  const folder = writeParts(programs);
  const launch = readFileSync(join(ROOT, 'build/launch.cjs'), 'utf8');
  for (const { name, parts } of programs) {
    replace(join(DIST, `${name}.cjs`), `${launch}\n${callLaunch(folder, parts)}`);
  }
  await warmUp(DIST);
  removeOthers();
  if ((await typesStatus) !== 0) {
    rmSync(STAMP, { force: true });
    say('the programs are built and can be run, but with the type errors above');
    process.exitCode = 1;
    return;
  }
  writeFileSync(STAMP, stamp);
  say(`done in ${Math.round(performance.now() - begun)} ms`);
}

/** Whatever the outcome depends on: sources, dependencies, this file, the version of Node. */
function hashSources() {
  const hash = createHash('sha256').update(process.version);
  const sources = ['src', 'build', 'inputs'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .filter((name) => /\.(tsx?|cts|js|cjs|css|txt)$/.test(name))
      .sort()
      .map((name) => join(folder, name)),
  );
  for (const name of [...sources, ...SETTINGS]) {
    hash.update(name).update(readFileSync(join(ROOT, name)));
  }
  return hash.digest('hex');
}

/** Resolves with tsc's exit status: that of the first configuration that does not fit. */
async function writeTypes() {
  const types = join(DIST, TYPES);
  rmSync(types, { recursive: true, force: true });
  const packageFile = createRequire(import.meta.url).resolve('typescript/package.json');
  const tsc = join(packageFile, '..', 'bin', 'tsc');
  const statuses = [];
  for (const config of TYPES_CONFIGS) {
    statuses.push(await run(process.execPath, [tsc, '-p', config]));
  }
  // They are those of an ES module.
  writeFileSync(join(types, 'package.json'), readFileSync(join(ROOT, 'src/package.json')));
  return statuses.find((status) => status !== 0) ?? 0;
}

/** Resolves with the exit status. What is said goes to standard error. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    spawn(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] })
      .on('error', reject)
      .on('close', (status) => resolve(status));
  });
}

async function bundleLibraries(esbuild) {
  const forRequire = Object.fromEntries(FOR_REQUIRE.map((name) => [name, LIBRARIES[name]]));
  const forms = [
    { format: 'esm', extension: '.mjs', entryPoints: LIBRARIES },
    { format: 'cjs', extension: '.cjs', entryPoints: forRequire },
  ];
  for (const { format, extension, entryPoints } of forms) {
    const { outputFiles } = await esbuild.build({
      ...COMMON,
      ...{ absWorkingDir: ROOT, entryPoints, format, outdir: DIST, write: false },
      platform: 'neutral',
      mainFields: ['module', 'main'],
      external: ['vitest'],
      outExtension: { '.js': extension },
    });
    for (const { path, text } of outputFiles) replace(path, text);
  }
  for (const name of FOR_REQUIRE) {
    replace(join(DIST, typesForRequire(name)), await describeForRequire(name));
  }
}

const typesForRequire = (name) => `${name}.d.cts`;

/**
 * The types for programs that `require`. They are those of the ES module, which such a program can
 * name only one by one: a name with a value has to be declared here, or it would be a type alone.
 */
async function describeForRequire(name) {
  const entry = LIBRARIES[name].replace(/^src/, `./${TYPES}`);
  const from = `'${entry}' with { 'resolution-mode': 'import' }`;
  // It has nothing to import, and adds to jest's types, which are the same for all programs.
  if (name === 'jest') return `import type {} from ${from};\n`;
  const values = Object.entries(await import(pathToFileURL(join(DIST, `${name}.mjs`)).href));
  const lines = values.flatMap(([key, value]) => [
    `export declare const ${key}: typeof library.${key};`,
    // A class is a type too.
    ...(/^class\b/.test(value) ? [`export type ${key} = library.${key};`] : []),
  ]);
  const head = [`import type * as library from ${from};`, `export type * from ${from};`];
  return `${[...head, ...lines].join('\n')}\n`;
}

async function writePage(esbuild) {
  for (const [part, text] of Object.entries(await bundlePage(esbuild, ROOT))) {
    replace(join(DIST, PAGE[part]), text);
  }
}

/** Gives the name of the folder in dist, which is new if anything in it is. */
function writeParts(programs) {
  const parts = programs.flatMap(({ parts }) => parts);
  const folder = `parts-${hashCode(...parts.flatMap(({ name, text }) => [name, text]))}`;
  mkdirSync(join(DIST, folder), { recursive: true });
  for (const { name, text, map } of parts) {
    replace(join(DIST, folder, `${name}.js.map`), map);
    replace(join(DIST, folder, `${name}.js`), text);
  }
  return folder;
}

/** The last line of a launcher: begins the program that consists of these parts. */
function callLaunch(folder, parts) {
  const hashByPart = parts.map(({ name, text }) => [name, hashCode(text)]);
  const partByChunk = parts.flatMap(({ name, offers }) => offers.map((offer) => [offer, name]));
  const tables = {
    hashByPart: Object.fromEntries(hashByPart),
    partByChunk: Object.fromEntries(partByChunk),
  };
  const places = `file: __filename, folder: __dirname + '/${folder}'`;
  return `launch({ ${places}, ...${JSON.stringify(tables)} });\n`;
}

/** In one step: a reader has the old text or the new one. */
function replace(path, text) {
  const unfinished = `${path}.${process.pid}`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, text, { flag: 'wx' });
  renameSync(unfinished, path);
}

/** What former builds have left; they are told apart by the folder that the launchers name. */
function removeOthers() {
  const launchers = PROGRAMS.map(({ name }) => `${name}.cjs`);
  const [folder] = /parts-\w+/.exec(readFileSync(join(DIST, launchers[0]), 'latin1'));
  const modules = Object.keys(LIBRARIES).map((name) => `${name}.mjs`);
  const libraries = [
    ...modules,
    ...FOR_REQUIRE.flatMap((name) => [`${name}.cjs`, typesForRequire(name)]),
  ];
  const pages = Object.values(PAGE);
  const kept = new Set([
    ...[...launchers, ...libraries, ...pages],
    ...[folder, TYPES, EXTENSION, basename(STAMP)],
  ]);
  const keptMs = process.argv.includes('--alone') ? 0 : KEPT_MS;
  for (const name of readdirSync(DIST)) {
    const path = join(DIST, name);
    const isRecent = name.startsWith('parts-') && Date.now() - statSync(path).mtimeMs < keptMs;
    if (!kept.has(name) && !isRecent) rmSync(path, { recursive: true });
  }
}

await main();

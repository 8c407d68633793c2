// Builds dist: checks the types, cuts each program into parts that are loaded when they are needed,
// and runs some scripts so that a code cache with the functions that are really used can lie beside
// each. Start-up is what this is for.
//
//   node build.js              nothing to do if nothing changed
//   node build.js --no-types   without the type check
//
// dist/server.cjs is a launcher of a few lines. It names a folder of parts by their content, so that
// a build may run while programs start: the launcher is replaced last, in one step.
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
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeLauncher } from './launcher.js';
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

/** For programs of others: `import { check } from 'causeway/checkers'`, and its types. */
const LIBRARY = {
  source: 'src/checkers/index.ts',
  file: 'checkers.mjs',
  types: 'types',
  typesConfig: 'tsconfig.library.json',
};

/** What a build depends on beside the sources and its own files. */
const SETTINGS = ['package-lock.json', 'tsconfig.json', LIBRARY.typesConfig];

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
    say('up to date');
    return;
  }
  mkdirSync(DIST, { recursive: true });
  const types = process.argv.includes('--no-types') ? Promise.resolve(0) : checkTypes();
  const programs = await cut(esbuild, ROOT, PROGRAMS);
  await bundleLibrary(esbuild);
  const folder = writeParts(programs);
  for (const { name, parts } of programs) {
    replace(join(DIST, `${name}.cjs`), writeLauncher(folder, parts));
  }
  await warmUp(DIST);
  removeOthers(programs, folder);
  if ((await types) !== 0) {
    rmSync(STAMP, { force: true });
    say('the programs are built, but the types do not fit');
    process.exitCode = 1;
    return;
  }
  writeFileSync(STAMP, stamp);
  say(`done in ${Math.round(performance.now() - begun)} ms`);
}

/** Whatever the outcome depends on: sources, dependencies, this file, the version of Node. */
function hashSources() {
  const hash = createHash('sha256').update(process.version);
  const sources = ['src', 'build'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .filter((name) => /\.(ts|js|cjs)$/.test(name))
      .sort()
      .map((name) => join(folder, name)),
  );
  for (const name of [...sources, ...SETTINGS]) {
    hash.update(name).update(readFileSync(join(ROOT, name)));
  }
  return hash.digest('hex');
}

/** The check of all types, and the library's types for those who use it. The worse exit status. */
async function checkTypes() {
  const types = join(DIST, LIBRARY.types);
  rmSync(types, { recursive: true, force: true });
  const statuses = [await runTsc(ROOT), await runTsc(join(ROOT, LIBRARY.typesConfig))];
  // They are those of an ES module.
  writeFileSync(join(types, 'package.json'), readFileSync(join(ROOT, 'src/package.json')));
  return Math.max(...statuses);
}

function runTsc(project) {
  const packageFile = createRequire(import.meta.url).resolve('typescript/package.json');
  const tsc = join(packageFile, '..', 'bin', 'tsc');
  return run(process.execPath, [tsc, '-p', project], { stdio: ['ignore', 2, 2] });
}

/** Resolves with the exit status. */
function run(command, args, options) {
  return new Promise((resolve, reject) => {
    spawn(command, args, { cwd: ROOT, ...options })
      .on('error', reject)
      .on('close', (status) => resolve(status));
  });
}

async function bundleLibrary(esbuild) {
  const outfile = join(DIST, LIBRARY.file);
  const { outputFiles } = await esbuild.build({
    ...COMMON,
    absWorkingDir: ROOT,
    entryPoints: [LIBRARY.source],
    format: 'esm',
    write: false,
  });
  replace(outfile, outputFiles[0].text);
}

/** Gives the name of the folder in dist, which is new if anything in it is. */
function writeParts(programs) {
  const parts = programs.flatMap(({ parts }) => parts);
  const hash = createHash('sha256').update(process.version);
  for (const { name, text } of parts) hash.update(name).update(text);
  const folder = `parts-${hash.digest('hex').slice(0, 12)}`;
  mkdirSync(join(DIST, folder), { recursive: true });
  for (const { name, text } of parts) replace(join(DIST, folder, `${name}.js`), text);
  return folder;
}

/** In one step: whoever reads it has the old text or the new one. */
function replace(path, text) {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** What former builds have left. */
function removeOthers(programs, folder) {
  const launchers = programs.map(({ name }) => `${name}.cjs`);
  const kept = new Set([...launchers, folder, LIBRARY.file, LIBRARY.types]);
  for (const name of readdirSync(DIST)) {
    const path = join(DIST, name);
    const isRecent = name.startsWith('parts-') && Date.now() - statSync(path).mtimeMs < KEPT_MS;
    if (!kept.has(name) && !isRecent) rmSync(path, { recursive: true });
  }
}

await main();

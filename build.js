// Builds dist: checks the types, bundles each program into one file, and runs each once so that a
// code cache with the functions it really uses can lie beside it. Start-up is what this is for.
//
//   node build.js              nothing to do if nothing changed
//   node build.js --no-types   without the type check
//
// dist/server.cjs is a launcher of a few lines. It names the bundle and its cache by their content,
// so that a build may run while programs start: the launcher is replaced last, in one step.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, 'stamp');

/** Each program's entry, and the flags of V8 that it is run with: a cache is good for those only. */
const CHILD_FLAGS = ['--disable-proto=throw'];
const PROGRAMS = [
  { name: 'server', entry: 'src/server/main.ts', flags: CHILD_FLAGS },
  { name: 'client', entry: 'src/client/main.ts', flags: CHILD_FLAGS },
  { name: 'guard', entry: 'src/master/guardMain.ts', flags: CHILD_FLAGS },
  { name: 'swarmWorker', entry: 'src/master/subcommands/swarmWorkerMain.ts', flags: [] },
  { name: 'master', entry: 'src/master/main.ts', flags: [] },
];

/** Loaded by a running server or client with its first HTTP request, so not part of its bundle. */
const HTTP_APP = { source: 'src/rpc/httpApp.ts', file: 'httpApp.cjs' };

/** For programs of others: `import { check } from 'causeway/checkers'`, and its types. */
const LIBRARY = {
  source: 'src/checkers/index.ts',
  file: 'checkers.mjs',
  types: 'types',
  typesConfig: 'tsconfig.library.json',
};

/** What ws would load for secure and compressed links, which we have none of: loaded when used. */
const UNUSED_BY_WS = /^(https|tls|zlib)$/;

/** What a build depends on beside the sources and this file. */
const SETTINGS = ['package-lock.json', 'tsconfig.json', LIBRARY.typesConfig];

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
  const programs = PROGRAMS.filter(({ entry }) => existsSync(join(ROOT, entry)));
  const bundles = await Promise.all(programs.map((program) => bundle(esbuild, program)));
  await bundleHttpApp(esbuild);
  await bundleLibrary(esbuild);
  for (const { name, file } of bundles) launch(name, file);
  await warmNodes(bundles);
  await warmMaster(bundles);
  removeOthers(bundles);
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
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join('src', name));
  for (const name of [...sources, 'build.js', ...SETTINGS]) {
    hash.update(name).update(readFileSync(join(ROOT, name)));
  }
  return hash.digest('hex');
}

/** The check of all types, and the library's types for those who use it. The worse exit status. */
async function checkTypes() {
  rmSync(join(DIST, LIBRARY.types), { recursive: true, force: true });
  const statuses = [await runTsc(ROOT), await runTsc(join(ROOT, LIBRARY.typesConfig))];
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

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['bufferutil', 'utf-8-validate'],
  // The launchers run bundles as vm scripts, in which `import()` fails; `require` does as well.
  supported: { 'dynamic-import': false },
  logLevel: 'error',
};

const leaveOutHttpApp = {
  name: 'leave out the HTTP app',
  setup: ({ onResolve }) => {
    onResolve({ filter: new RegExp(`/${basename(HTTP_APP.source)}$`) }, () => ({
      path: `./${HTTP_APP.file}`,
      external: true,
    }));
  },
};

const loadWhenUsed = {
  name: 'load when used',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: UNUSED_BY_WS }, ({ path, importer }) =>
      importer.includes('/node_modules/ws/') ? { path, namespace: 'when-used' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'when-used' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, {
        get: (_, name) => require('node:${path}')[name],
      });`,
    }));
  },
};

/** One function of the usual five names, so that the launcher can run it as a CommonJS module. */
async function bundle(esbuild, { name, entry, flags }) {
  const result = await esbuild.build({
    ...COMMON,
    entryPoints: [entry],
    write: false,
    define: { 'import.meta.url': 'bundleUrl' },
    plugins: [leaveOutHttpApp, loadWhenUsed],
    banner: {
      js: `(function (exports, require, module, __filename, __dirname) {
const bundleUrl = require('node:url').pathToFileURL(__filename).href;`,
    },
    footer: { js: '})' },
  });
  const [{ contents }] = result.outputFiles;
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 12);
  const file = join(DIST, `${name}-${hash}.js`);
  writeFileSync(file, contents);
  return { name, file, flags };
}

async function bundleHttpApp(esbuild) {
  const outfile = join(DIST, HTTP_APP.file);
  await esbuild.build({ ...COMMON, entryPoints: [HTTP_APP.source], outfile: `${outfile}.new` });
  renameSync(`${outfile}.new`, outfile);
}

async function bundleLibrary(esbuild) {
  const outfile = join(DIST, LIBRARY.file);
  const options = { ...COMMON, format: 'esm', entryPoints: [LIBRARY.source] };
  await esbuild.build({ ...options, outfile: `${outfile}.new` });
  renameSync(`${outfile}.new`, outfile);
}

/** The bundles are ASCII, as esbuild writes them, so that they can be read as latin1, which is quick. */
function launch(name, file) {
  const launcher = `'use strict';
const fs = require('node:fs');
const vm = require('node:vm');
const file = __dirname + '/${basename(file)}';
let cachedData;
try {
  cachedData = fs.readFileSync(file + '.cache');
} catch {
  // Without its cache a program starts more slowly, and that is all.
}
const script = new vm.Script(fs.readFileSync(file, 'latin1'), { filename: file, cachedData });
script.runInThisContext()(exports, require, module, file, __dirname);
`;
  const path = join(DIST, `${name}.cjs`);
  writeFileSync(`${path}.new`, launcher);
  renameSync(`${path}.new`, path);
}

/** Runs as the launcher does, in a process of its own, and writes the cache at the end. */
function runWarm(file, args) {
  const cache = `${file}.cache`;
  const script = new vm.Script(readFileSync(file, 'latin1'), {
    filename: file,
    ...(existsSync(cache) ? { cachedData: readFileSync(cache) } : {}),
  });
  process.on('exit', () => {
    if (args.includes('unkept')) return;
    // A node starts with V8's usual flags, and with others than a cache's own V8 refuses the cache.
    setFlagsFromString('--opt');
    writeFileSync(`${cache}.new`, script.createCachedData());
    renameSync(`${cache}.new`, cache);
  });
  process.argv = [process.argv[0], join(ROOT, 'master.js'), ...args];
  const main = script.runInThisContext();
  main({}, createRequire(file), { exports: {} }, file, DIST);
}

function spawnWarm({ file, flags }, args, stdio) {
  const builder = fileURLToPath(import.meta.url);
  return spawn(process.execPath, [...flags, builder, '--warm', file, ...args], { stdio });
}

const digestOf = (rank) => createHash('sha256').update(rank).digest('hex');

/** Puts until both servers have taken some, whichever the client chooses. */
const WARM_PUTS = 20;

/** Two servers and a client of one run do what a short script would have them do. */
async function warmNodes(bundles) {
  const begin = (name, id) => {
    const program = bundles.find((candidate) => candidate.name === name);
    // Node 2 is the first one's peer; a cache is written once.
    const child = spawnWarm(program, id === 2 ? ['unkept'] : [], ['ignore', 2, 2, 'ipc']);
    return { id, incarnation: 1, role: name, child, ...createCaller(child) };
  };
  const nodes = [begin('server', 0), begin('client', 1), begin('server', 2)];
  const [server, client, peer] = nodes;
  const ranks = ['master', 'server', 'client'];
  const digests = Object.fromEntries(ranks.map((rank) => [rank, digestOf(rank)]));
  const run = { protocol: 'causal', options: { gossip: 'eager' }, seed: 1, guarantees: [] };
  const common = { ...run, incarnation: 1, trace: false, epochMs: 0, digests };
  for (const node of nodes) {
    const { id, role: token } = node;
    node.port = (await node.call('world.assign', { ...common, id, token })).port;
  }
  // As at a join: the first server is on its own, the second hears of the first.
  await server.call('settle', {});
  await joinWarm(server, peer, 1);
  await peer.call('settle', {});
  await joinWarm(server, client, 2);
  await joinWarm(peer, client, 3);
  for (let count = 0; count < WARM_PUTS; count += 1) {
    await client.call('put', { key: `k${count % 7}`, value: `v${count}` });
    await Promise.all([server.call('settle', {}), peer.call('settle', {})]);
  }
  await client.call('get', { key: 'k1' });
  await client.call('delete', { key: 'k1' });
  await server.call('stabilize', { round: 1, avoid: [], known: [0, 2], budgetMs: 5_000 });
  await peer.call('stabilize', { round: 2, avoid: [], known: [0, 2], budgetMs: 5_000 });
  await server.call('printStore', {});
  await Promise.all(nodes.map(({ child, ended }) => child.disconnect() ?? ended));
}

async function joinWarm(one, other, number) {
  for (const [node, { id, incarnation, role, port }] of [
    [one, other],
    [other, one],
  ]) {
    await node.call('world.open', { peer: { id, incarnation, role, port }, number });
    await node.call('connect', { peer: id, role });
  }
}

function createCaller(child) {
  const waiting = new Map();
  child.on('message', (answers) => {
    for (const { id, result, error } of answers) {
      const { resolve, reject } = waiting.get(id) ?? {};
      if (error === undefined) resolve?.(result);
      else reject?.(new Error(`${id}: ${error.message}`));
    }
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error('a program ended too early'));
  });
  const call = (method, params) =>
    new Promise((resolve, reject) => {
      const id = `${method} ${waiting.size}`;
      waiting.set(id, { resolve, reject });
      child.send([{ jsonrpc: '2.0', id, method, params }]);
    });
  return { call, ended };
}

/** A script in both worlds, one after the other: the second run's cache keeps the first one's. */
async function warmMaster(bundles) {
  const master = bundles.find(({ name }) => name === 'master');
  if (master === undefined) return;
  const puts = Array.from({ length: WARM_PUTS }, (_, count) => `put 2 k${count} v\n`).join('');
  const script = `joinServer 0\njoinServer 1\njoinClient 2 0\n${puts}get 2 k1\nstabilize\nprintStore 0\n`;
  for (const args of [[], ['--sim']]) {
    const child = spawnWarm(master, args, ['pipe', 'ignore', 2]);
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin.on('error', () => undefined).end(script);
    await ended;
  }
}

/** What former builds have left. */
function removeOthers(bundles) {
  const kept = new Set([HTTP_APP.file, LIBRARY.file, LIBRARY.types]);
  for (const { name, file } of bundles) kept.add(`${name}.cjs`).add(basename(file));
  for (const name of readdirSync(DIST)) {
    if (!kept.has(name.replace(/\.cache$/, ''))) rmSync(join(DIST, name), { recursive: true });
  }
}

const [, , mode, file, ...args] = process.argv;
if (mode === '--warm') runWarm(file, args);
else await main();

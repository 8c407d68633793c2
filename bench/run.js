// Runs the tables of figures, each in a process of its own:
//
//   npm run bench                    all of them
//   npm run bench -- latency         one, or several
//   npm run bench -- engines --only redis,chain
//                                    the rows of these stores; tables without a choice ignore it
//   npm run bench -- --help          what there is
//
// A table is a file beside this one, bundled on the fly. It measures what `npm run build` has built.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TABLES = new Map([
  [
    'script',
    'a whole run of a script, beside bare processes, and another program where PEER names it',
  ],
  ['startup', "a server's first answer, and ten processes started and ended"],
  ['latency', 'put and get through master, client and server, one at a time and 32 at once'],
  ['stabilize', 'what converging costs: bytes, messages, time'],
  ['simulation', 'deliveries per second in virtual time, and a short script'],
  ['swarm', 'random scripts tried per second on one core, judged and not'],
  ['checkers', 'what a verdict costs as the history grows'],
  ['porcupine', "the verdicts on etcd's logs beside Porcupine's, where it and Go are"],
  ['chain', 'puts and gets in chains of one, three and five servers, and after a crash'],
  ['quorum', 'puts and gets by level and replicas, and the hand-over of many hints'],
  ['replicated', 'durable puts and linearizable gets beside etcd'],
  ['engines', 'stores of others and our designs under the same load, and after a kill'],
  ['sharded', 'puts and gets by groups, a move of many keys, and what clients notice of a join'],
  ['merkle', 'bytes by which two replicas find what differs, and the cost of their trees'],
  ['memory', 'what an idle process takes'],
  ['page', 'the diagram of a long run in Chromium: to open, zoom, pan and step'],
  ['log', 'durable writes, against bare ones, and the recovery of a long log'],
  ['flood', 'a server that strangers flood for a minute: its memory, and what a client waits'],
]);

const words = process.argv.slice(2);
const option = words.indexOf('--only');
const only = option < 0 ? [] : words.splice(option, 2);
const asked = words;
const unknown = asked.filter((name) => !TABLES.has(name));
if (unknown.length > 0 || only.length === 1) {
  for (const [name, about] of TABLES) process.stderr.write(`${name.padEnd(12)}${about}\n`);
  process.exitCode = asked.includes('--help') ? 0 : 64;
} else if (!existsSync(join(ROOT, 'dist/master.cjs'))) {
  process.stderr.write('not built yet: run `npm run build`\n');
  process.exitCode = 70;
} else {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  try {
    for (const name of asked.length > 0 ? asked : TABLES.keys()) await runTable(name, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function runTable(name, folder) {
  process.stdout.write(`\n## ${name}: ${TABLES.get(name)}\n\n`);
  const outfile = join(folder, `${name}.mjs`);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [`bench/${name}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['bufferutil', 'utf-8-validate'],
    // The code that is measured finds the built programs beside itself.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(ROOT, 'dist/x.mjs')).href) },
    // What is not ESM inside the bundle asks for `require`.
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
    },
    logLevel: 'error',
  });
  // The tables find the project by their working folder, and take over our flags (--cpu-prof). Node
  // reads these certificates at every start: where there are any they would be most of the floor.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const child = spawn(process.execPath, [...process.execArgv, '--expose-gc', outfile, ...only], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  if (status !== 0) {
    process.stderr.write(`${name}: ended with ${status}\n`);
    process.exitCode = 1;
  }
}

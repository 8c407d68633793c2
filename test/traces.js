// Whether a change of the simulation left its runs alone: exercises every protocol of this tree and
// of another one, with every fault plan, and compares the traces byte for byte.
//
//   node test/traces.js ../before        three seeds of each plan
//   node test/traces.js ../before 50
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const [, , other, seeds = '3'] = process.argv;

/** Run inside each tree: a line for each exercise, with a hash of its trace. */
const EXERCISES = `
import { createHash } from 'node:crypto';
import { completeOptions } from './src/kernel/protocol.ts';
import { PROTOCOLS } from './src/protocols/registry.ts';
import { runExercise } from './test/conformance/exercise.ts';
import { PLANS } from './test/conformance/plans.ts';

for (const protocol of PROTOCOLS)
  for (const gossip of ['eager', 'off', '200ms'])
    for (const plan of PLANS)
      for (const ending of gossip === '200ms' ? ['stabilize', 'gossip'] : ['stabilize'])
        for (let seed = 1; seed <= ${Number(seeds)}; seed += 1) {
          const hash = createHash('sha256');
          const trace = (event) => hash.update(JSON.stringify(event) + '\\n');
          const options = completeOptions(protocol, { gossip });
          const marks = new Map();
          const how = await runExercise({ protocol, options, plan, seed, ending, trace }, marks)
            .then(() => 'kept', (error) => error.message);
          const name = [protocol.name, gossip, plan.name, ending, seed].join(', ');
          console.log(name, hash.digest('hex').slice(0, 16), JSON.stringify([...marks]), how);
        }
`;

if (other === undefined) {
  process.stderr.write('usage: node test/traces.js TREE [SEEDS]\n');
  process.exitCode = 64;
} else {
  const [theirs, ours] = [resolve(other), ROOT].map(runExercises);
  const different = ours.filter((line, index) => line !== theirs[index]);
  for (const line of different) console.log(`differs: ${line}`);
  console.log(`${ours.length - 1} runs, ${different.length} differ`);
  process.exitCode = different.length === 0 && ours.length === theirs.length ? 0 : 1;
}

function runExercises(tree) {
  const scratch = mkdtempSync(join(tmpdir(), 'causeway-traces-'));
  try {
    const outfile = join(scratch, 'exercises.mjs');
    buildSync({
      stdin: { contents: EXERCISES, resolveDir: tree, loader: 'js' },
      absWorkingDir: tree,
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: {
        js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
      },
      logLevel: 'error',
    });
    const run = spawnSync(process.execPath, [outfile], { maxBuffer: 1 << 28, encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`${tree}: ${run.status} ${run.stderr}`);
    return run.stdout.split('\n');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

// The logs of etcd that Porcupine ships, judged by Porcupine and here in turn: reading them, and
// the verdict on each. Porcupine gives no witness; the second row has ours as well. Every
// measurement is a fresh process, as a user starts it. Wants Go, and in PORCUPINE a checkout of
// https://github.com/anishathalye/porcupine.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkHistory } from '../src/checkers/checkHistory.ts';
import { judgeCalls } from '../src/checkers/linearizability.ts';
import { readHistory } from '../src/histories/index.ts';
import { interleave, showTable } from './measure.ts';

const ROUNDS = 11;
const LOGS = 'test_data/jepsen';

const [, program = '', pass] = process.argv;
const checkout = process.env.PORCUPINE;
if (checkout === undefined || spawnSync('go', ['version']).error !== undefined) {
  process.stdout.write('left out: it wants Go, and in PORCUPINE a checkout of Porcupine\n');
} else if (pass === 'verdicts') {
  for (const text of readLogs(checkout)) judgeCalls(readHistory(text, 'jepsen-etcd').operations);
} else if (pass === 'witnesses') {
  for (const text of readLogs(checkout)) {
    checkHistory(readHistory(text, 'jepsen-etcd'), 'linearizable');
  }
} else {
  await compare(checkout);
}

function* readLogs(folder: string): Generator<string> {
  for (const name of readdirSync(join(folder, LOGS)).sort()) {
    yield readFileSync(join(folder, LOGS, name), 'utf8');
  }
}

async function compare(folder: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'causeway-porcupine-'));
  try {
    const binary = join(scratch, 'porcupine.test');
    run('go', ['test', '-c', '-o', binary, '.'], folder);
    const samples = await interleave(ROUNDS, {
      porcupine: () => run(binary, ['-test.run', 'TestEtcdJepsen'], folder),
      verdicts: () => run(process.execPath, [program, 'verdicts'], process.cwd()),
      witnesses: () => run(process.execPath, [program, 'witnesses'], process.cwd()),
    });
    const row = { floor: samples.porcupine, unit: 'ms' };
    const count = readdirSync(join(folder, LOGS)).length;
    showTable('Porcupine', [
      { ...row, what: `verdicts on ${count} logs`, measured: samples.verdicts, most: 1 },
      { ...row, what: 'the same, with small witnesses', measured: samples.witnesses },
    ]);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** How long the program takes. */
function run(command: string, args: readonly string[], cwd: string): number {
  const begin = performance.now();
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return performance.now() - begin;
}

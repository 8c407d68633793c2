// Runs the whole program on a script: in this process over virtual time, or as a user does, with
// real processes. Both return the output that the user would see.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Operation } from '../../src/kernel/history.ts';
import type { Protocol } from '../../src/kernel/protocol.ts';
import { Interruption } from '../../src/master/interruption.ts';
import { runProgram } from '../../src/master/program.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';

const MASTER = fileURLToPath(new URL('../../master.js', import.meta.url));

export interface Seen {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WithHistory extends Seen {
  readonly history: readonly Operation[];
}

export interface WithTrace extends WithHistory {
  /** The file's text. */
  readonly trace: string;
}

/** The simulation, by the code path of the command line. `words` are more options. */
export async function simulate(
  script: Uint8Array,
  words: readonly string[] = [],
  protocols: readonly Protocol[] = PROTOCOLS,
): Promise<Seen> {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const status = await runProgram({
    words: ['--sim', ...words],
    protocols,
    stdin: Readable.from([Buffer.from(script)]),
    stdout,
    stderr,
    interruption: new Interruption(),
  });
  return { status, stdout: stdout.text(), stderr: stderr.text() };
}

/** Scripts that ask for logs; with a folder for them there is no note that they have their own. */
const NEEDS_FOLDER = /^protocol .*\bstorage=log\b/m;

/** The built program with a process for every node. */
export function launch(script: Uint8Array, words: readonly string[] = []): Promise<Seen> {
  const isPlaced = words.includes('--data');
  if (isPlaced || !NEEDS_FOLDER.test(Buffer.from(script).toString())) {
    return launchWith(script, words);
  }
  return inNewFolder((data) => launchWith(script, [...words, '--data', data]));
}

/** The built program on one script after the other, with the same logs. */
export function launchInTurn(scripts: readonly string[]): Promise<Seen[]> {
  return inNewFolder(async (data) => {
    const seen: Seen[] = [];
    for (const script of scripts) {
      seen.push(await launchWith(Buffer.from(script), ['--data', data]));
    }
    return seen;
  });
}

async function launchWith(script: Uint8Array, words: readonly string[]): Promise<Seen> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [MASTER, ...words], {
    input: script,
    reject: false,
    stripFinalNewline: false,
  });
  return { status: exitCode, stdout, stderr };
}

/** Runs and keeps the history. */
export function withHistory(
  run: typeof simulate,
  script: Uint8Array,
  words: readonly string[] = [],
): Promise<WithHistory> {
  return inNewFolder(async (folder) => {
    const path = join(folder, 'history');
    const seen = await run(script, [...words, '--history', path]);
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
    return { ...seen, history: lines.map((line) => JSON.parse(line) as Operation) };
  });
}

/** Runs and keeps the history and the trace. */
export function withTrace(
  run: typeof simulate,
  script: Uint8Array,
  words: readonly string[] = [],
): Promise<WithTrace> {
  return inNewFolder(async (folder) => {
    const path = join(folder, 'trace');
    const seen = await withHistory(run, script, [...words, '--trace', path]);
    return { ...seen, trace: readFileSync(path, 'utf8') };
  });
}

export async function inNewFolder<T>(task: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-test-'));
  try {
    return await task(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Starts the tasks in their order, so many at a time. Gives the promise of each at once. */
export function runInLanes<T>(lanes: number, tasks: readonly (() => Promise<T>)[]): Promise<T>[] {
  const starts: (() => void)[] = [];
  const runs = tasks.map((task) =>
    new Promise<void>((resolve) => {
      starts.push(resolve);
    }).then(task),
  );
  const startNext = (): void => starts.shift()?.();
  // The caller that awaits a result learns of its failure; the other runs continue.
  for (const run of runs) run.then(startNext, startNext);
  for (let lane = 0; lane < lanes; lane += 1) startNext();
  return runs;
}

class Collector extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

// Runs a submitted master on one script: in a session of its own, with limits, and ends whatever is
// left of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MasterRun, RunEnd } from '../../grading/result.ts';
import type { Limits } from '../../grading/suite.ts';
import { EnvironmentError } from '../../kernel/cluster.ts';
import { createPipes, type MasterPipes } from './pipes.ts';
import { hasProcessTable, MARK, memoryOf, ProcessTable, signal } from './processTable.ts';

export interface MasterOrder {
  /** For the shell. */
  readonly command: string;
  readonly folder: string;
  readonly input: string;
  readonly limits: Limits;
  readonly environment: Readonly<Record<string, string>>;
}

/** How often memory is measured, and descendants are looked for. */
const LOOK_MS = 200;
/** After SIGTERM, before SIGKILL. */
const GRACE_MS = 1_000;
/** For its children to end by themselves after the master has. */
const CHILDREN_MS = 1_000;
const STEP_MS = 25;
/** Of stderr, the end is kept. */
const STDERR_BYTES = 16 * 1024;
const STDERR_LINES = 5;

/**
 * Resolves when no process of the run that can be found lives any more. If `interrupted` resolves
 * before, all are ended at once. Throws EnvironmentError E_SPAWN if a folder or shell is missing.
 */
export async function runMaster(
  order: MasterOrder,
  interrupted: Promise<unknown>,
): Promise<MasterRun> {
  const temporary = mkdtempSync(join(tmpdir(), 'causeway-grade-'));
  // Its own files are not in the way of the master's.
  const own = mkdtempSync(join(tmpdir(), 'causeway-grade-'));
  try {
    const pipes = createPipes(own, order.input);
    return await new MasterProcess(order, temporary, pipes).run(interrupted);
  } finally {
    for (const path of [temporary, own]) rmSync(path, { recursive: true, force: true });
  }
}

/** A shell gives 128 and the number of the signal if its command was ended by one. */
function endOf(status: number): RunEnd {
  const signals = Object.entries(constants.signals);
  const [name] = signals.find(([, number]) => status === 128 + number) ?? [];
  return name === undefined ? { kind: 'exit', status } : { kind: 'signal', signal: name };
}

class MasterProcess {
  readonly #order: MasterOrder;
  readonly #child: ChildProcess;
  readonly #pipes: MasterPipes;
  readonly #table: ProcessTable | undefined;
  readonly #startedAt = performance.now();
  readonly #stdout: Buffer[] = [];
  #stdoutBytes = 0;
  #stderr = Buffer.alloc(0);
  /** The limit that was reached first. */
  #limit: RunEnd | undefined;
  #onLimit: () => void = () => undefined;

  constructor(order: MasterOrder, temporary: string, pipes: MasterPipes) {
    this.#order = order;
    this.#pipes = pipes;
    const id = randomUUID();
    const env = { ...order.environment, TMPDIR: temporary, [MARK]: id };
    this.#child = spawn('/bin/sh', ['-c', order.command], {
      cwd: order.folder,
      env,
      detached: true,
      stdio: [...pipes.descriptors],
    });
    pipes.closeEnds();
    const { pid } = this.#child;
    this.#table = pid !== undefined && hasProcessTable() ? new ProcessTable(id, pid) : undefined;
  }

  async run(interrupted: Promise<unknown>): Promise<MasterRun> {
    const ended = this.#watchEnd();
    const limited = new Promise<void>((resolve) => {
      this.#onLimit = resolve;
    });
    this.#watchStreams();
    const { timeMs } = this.#order.limits;
    const timer = setTimeout(() => this.#reach({ kind: 'time' }), timeMs);
    const looking = setInterval(() => this.#look(), LOOK_MS);
    try {
      const end = await Promise.race([ended, limited, interrupted.then(() => undefined)]);
      const ms = performance.now() - this.#startedAt;
      clearTimeout(timer);
      const orphans = end === undefined ? [] : await this.#findOrphans();
      if (end === undefined) await this.#terminate(ended, this.#limit?.kind === 'time');
      else this.#endOrphans(orphans.length);
      const final = this.#limit ?? end ?? { kind: 'time' };
      return { end: final, ms, orphans, stdout: this.#text(), stderr: this.#lastLines() };
    } finally {
      clearTimeout(timer);
      clearInterval(looking);
      this.#pipes.stdout.destroy();
      this.#pipes.stderr.destroy();
    }
  }

  /** The end of the first process; its output may still be under way. */
  #watchEnd(): Promise<RunEnd> {
    return new Promise((resolve, reject) => {
      this.#child.once('error', (error) => {
        const what = `${this.#order.folder}: ${error.message}`;
        reject(new EnvironmentError('E_SPAWN', what));
      });
      this.#child.once('exit', (status, name) => {
        resolve(name === null ? endOf(status ?? 0) : { kind: 'signal', signal: name });
      });
    });
  }

  #watchStreams(): void {
    const { stdout, stderr } = this.#pipes;
    stdout.on('error', () => undefined);
    stderr.on('error', () => undefined);
    stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    stderr.on('data', (chunk: Buffer) => {
      this.#stderr = Buffer.concat([this.#stderr, chunk]).subarray(-STDERR_BYTES);
    });
  }

  #take(chunk: Buffer): void {
    const room = this.#order.limits.stdoutBytes - this.#stdoutBytes;
    this.#stdoutBytes += chunk.length;
    if (room > 0) this.#stdout.push(chunk.subarray(0, room));
    if (chunk.length > room) this.#reach({ kind: 'stdout' });
  }

  #look(): void {
    const found = this.#table?.look() ?? [];
    if (memoryOf(found) > this.#order.limits.memoryMiB) this.#reach({ kind: 'memory' });
  }

  #reach(limit: RunEnd): void {
    this.#limit ??= limit;
    this.#onLimit();
  }

  /** What the master left behind, after its children had time to end. Takes its last output. */
  async #findOrphans(): Promise<string[]> {
    const isDrained = (): boolean => this.#pipes.stdout.readableEnded;
    const until = performance.now() + CHILDREN_MS;
    for (;;) {
      const found = this.#table?.look() ?? this.#groupLeft();
      if ((found.length === 0 && isDrained()) || performance.now() > until) {
        return found.map(({ command }) => command);
      }
      await delay(STEP_MS);
    }
  }

  /** Without a process table only the group is known, and not who is in it. */
  #groupLeft(): { command: string }[] {
    try {
      process.kill(-(this.#child.pid as number), 0);
      return [{ command: 'processes of its group' }];
    } catch {
      return [];
    }
  }

  #endOrphans(count: number): void {
    if (this.#table !== undefined) this.#table.killAll();
    else if (count > 0) signal(-(this.#child.pid as number), 'SIGKILL');
  }

  /** Ends the group, gently at first if it may have something to clean up. */
  async #terminate(ended: Promise<unknown>, isGently: boolean): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (isGently) {
      signal(-pid, 'SIGTERM');
      await Promise.race([ended, delay(GRACE_MS)]);
    }
    // The first process may have ended, but then the table finds the others.
    if (this.#child.exitCode === null && this.#child.signalCode === null) signal(-pid, 'SIGKILL');
    this.#table?.killAll();
    await ended;
  }

  #text(): string {
    return Buffer.concat(this.#stdout).toString('utf8');
  }

  #lastLines(): string[] {
    const lines = this.#stderr
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    return lines.slice(-STDERR_LINES);
  }
}

// Runs a submitted master on one script: in a session of its own, with limits, and ends whatever is
// left of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MasterRun, RunEnd } from '../../grading/result.ts';
import type { Limits } from '../../grading/suite.ts';
import { EnvironmentError } from '../../kernel/cluster.ts';
import { createPipes, type MasterPipes } from './pipes.ts';
import {
  type FoundProcess,
  hasProcessTable,
  type Killed,
  MARK,
  memoryOf,
  ProcessTable,
  signal,
} from './processTable.ts';
import { removeFolder } from './removeFolder.ts';

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
/** For output that is still under way. */
const DRAIN_MS = 2_000;
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
  const notes: string[] = [];
  try {
    const pipes = createPipes(own, order.input);
    const run = await new MasterProcess(order, temporary, pipes).run(interrupted);
    return { ...run, notes };
  } finally {
    for (const path of [temporary, own]) {
      const why = removeFolder(path);
      if (why !== undefined) notes.push(`${path} was left behind: ${why}`);
    }
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
  readonly #table: ProcessTable | undefined = undefined;
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
    try {
      const stdio = [...pipes.descriptors];
      const options = { cwd: order.folder, env, detached: true, stdio };
      this.#child = spawn('/bin/sh', ['-c', order.command], options);
    } catch (error) {
      pipes.stdout.destroy();
      pipes.stderr.destroy();
      throw error;
    } finally {
      pipes.closeEnds();
    }
    const { pid } = this.#child;
    if (pid !== undefined && hasProcessTable()) {
      this.#table = new ProcessTable(id, pid, pipes.paths);
    }
  }

  async run(interrupted: Promise<unknown>): Promise<Omit<MasterRun, 'notes'>> {
    const ended = this.#watchEnd();
    const limited = new Promise<void>((resolve) => {
      this.#onLimit = resolve;
    });
    this.#watchStreams();
    const { timeMs } = this.#order.limits;
    const timer = setTimeout(() => this.#reach({ kind: 'time' }), timeMs);
    const looking = setInterval(() => this.#look(), LOOK_MS);
    let isInterrupted = false;
    const over = interrupted.then(() => {
      isInterrupted = true;
    });
    try {
      const end = await Promise.race([ended, limited, over.then(() => undefined)]);
      const ms = performance.now() - this.#startedAt;
      clearTimeout(timer);
      const left = end === undefined ? [] : await this.#findOrphans();
      if (end === undefined) await this.#terminate(ended, this.#limit?.kind === 'time');
      const killed = this.#killAll(left.length);
      if (end === undefined) await ended;
      const isDrained = isInterrupted || (await this.#isDrainedSoon());
      const isEscaped = !killed.isComplete || !isDrained;
      const orphans = end === undefined ? [] : commandsOf([...left, ...killed.found]);
      const final = this.#limit ?? end ?? { kind: 'time' };
      const [stdout, stderr] = [this.#text(), this.#lastLines()];
      return { end: final, ms, orphans, isEscaped, stdout, stderr };
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
  async #findOrphans(): Promise<FoundProcess[]> {
    const until = performance.now() + CHILDREN_MS;
    for (;;) {
      const found = this.#table?.look() ?? this.#groupLeft();
      if ((found.length === 0 && this.#isDrained) || performance.now() > until) return found;
      await delay(STEP_MS);
    }
  }

  /** Without a process table only the group is known, and not who is in it. */
  #groupLeft(): FoundProcess[] {
    const pid = this.#child.pid as number;
    try {
      process.kill(-pid, 0);
      return [{ pid, command: 'processes of its group' }];
    } catch {
      return [];
    }
  }

  #killAll(count: number): Killed {
    if (this.#table !== undefined) return this.#table.killAll();
    if (count > 0) signal(-(this.#child.pid as number), 'SIGKILL');
    return { found: [], isComplete: true };
  }

  /** Whether no process has the output open any more, and all of it has been read. */
  get #isDrained(): boolean {
    const { stdout } = this.#pipes;
    return stdout.readableEnded || stdout.destroyed;
  }

  /** Output may still be under way after the last process has ended. */
  async #isDrainedSoon(): Promise<boolean> {
    const until = performance.now() + DRAIN_MS;
    while (!this.#isDrained && performance.now() < until) await delay(STEP_MS);
    return this.#isDrained;
  }

  /** Ends the group, gently at first if it may have something to clean up. */
  async #terminate(ended: Promise<unknown>, isGently: boolean): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (isGently) {
      signal(-pid, 'SIGTERM');
      await Promise.race([ended, delay(GRACE_MS)]);
    }
    // The first process may have ended already. The table finds the others.
    if (this.#child.exitCode === null && this.#child.signalCode === null) signal(-pid, 'SIGKILL');
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

function commandsOf(processes: readonly FoundProcess[]): string[] {
  const commands = new Map(processes.map(({ pid, command }) => [pid, command]));
  return [...commands.values()];
}

// A program of others that the master runs: started in a process group of its own, talked to over
// stdin and stdout, ended with all that it has started.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { EnvironmentError } from '../kernel/cluster.ts';
import { isScarcity } from '../rpc/scarcity.ts';
import type { Guard } from './guard.ts';
import { continueTree, killStopped, killTree, stopTree, whenEnded } from './processTree.ts';
import { killQuietly, killStrays, MARK_VARIABLE } from './strays.ts';
import { Tail } from './tail.ts';

/** A user of the system, and its group. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface ForeignSetup {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Whose program it is, in messages: `server 3`. */
  readonly name: string;
  /** Ends the program if the master cannot. */
  readonly guard: Guard;
  /** The mark of the program, which no mark of another begins with (strays.ts). */
  readonly mark: string;
  /** Instead of the environment of the master. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Where it starts, instead of the folder of the master. */
  readonly folder?: string;
  /** The user that it runs as, instead of the master's; only root can give another one. */
  readonly owner?: Owner | undefined;
  /** What to do if there is no such program, in a clause. */
  readonly advice?: string;
  onOutput(chunk: Buffer): void;
  /** Gets each line of stderr; they are kept in any case. */
  onLog?(line: string): void;
}

/** After the end of a program its last output may take so long to arrive. */
const LAST_OUTPUT_MS = 200;
/** A killed process ends at once, unless the system is busy with it. */
const END_MS = 10_000;

export class ForeignProgram {
  /** Resolves with the reason when the program has ended, for whatever cause. */
  readonly gone: Promise<string>;
  readonly pid: number;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #guard: Guard;
  readonly #mark: string;
  readonly #log: Tail;
  #isGone = false;
  /** Its processes, while they are stopped. */
  #stopped: readonly number[] = [];

  private constructor(child: ChildProcessWithoutNullStreams, setup: ForeignSetup) {
    this.#child = child;
    this.#guard = setup.guard;
    this.#mark = setup.mark;
    this.pid = child.pid as number;
    this.#log = new Tail((line) => setup.onLog?.(line));
    child.stdout.on('data', (chunk: Buffer) => setup.onOutput(chunk));
    child.stderr.on('data', (chunk: Buffer) => this.#log.add(chunk));
    // The end of the program is reported by its exit; a pipe that breaks before says no more.
    for (const stream of [child, child.stdin, child.stdout, child.stderr]) {
      stream.on('error', () => undefined);
    }
    this.gone = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        const why = signal === null ? `exit status ${code}` : `signal ${signal}`;
        void this.#wentAway().then(() => resolve(why));
      });
    });
  }

  /** Rejects with an EnvironmentError if the system refuses. */
  static async start(setup: ForeignSetup): Promise<ForeignProgram> {
    const [file = '', ...args] = setup.command;
    try {
      const child = spawn(file, args, {
        detached: true,
        stdio: 'pipe',
        ...(setup.folder !== undefined && { cwd: setup.folder }),
        ...setup.owner,
        env: { ...(setup.environment ?? process.env), [MARK_VARIABLE]: setup.mark },
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      const program = new ForeignProgram(child, setup);
      await setup.guard.add(-program.pid);
      return program;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why =
        code === 'ENOENT'
          ? ['there is no such program', ...(setup.advice ? [setup.advice] : [])].join('; ')
          : code === 'EACCES'
            ? 'it is not executable'
            : message;
      const kind = isScarcity(error) ? 'E_LIMIT' : 'E_SPAWN';
      throw new EnvironmentError(kind, `cannot start ${setup.name}: ${file}: ${why}`);
    }
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** The last lines of its stderr. */
  get lastLines(): readonly string[] {
    return this.#log.lines;
  }

  /** How many bytes it was sent and has not taken yet. */
  get waitingBytes(): number {
    return this.#child.stdin.writableLength;
  }

  send(text: string): void {
    if (!this.#isGone && this.#child.stdin.writable) this.#child.stdin.write(text);
  }

  /** Leaves its output in the pipe, so that it has to wait when that is full. */
  holdOutput(isHeld: boolean): void {
    if (isHeld) this.#child.stdout.pause();
    else this.#child.stdout.resume();
  }

  /** To all processes of its group, and all that it has started. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.#isGone) return;
    killQuietly(-this.pid, signal);
    this.#stopped = signal === 'SIGSTOP' ? stopTree(this.pid) : [];
    if (signal === 'SIGCONT') continueTree(this.pid);
  }

  /** Ends it at once, with its group and all that it has started. Resolves when they are gone. */
  async kill(): Promise<void> {
    // Its output is of no interest any more, and may be endless.
    this.#child.stdout.destroy();
    const tree = this.#isGone ? [] : killTree(this.pid);
    if (!this.#isGone) killQuietly(-this.pid);
    await this.gone;
    await whenEnded(tree, END_MS);
  }

  /** What it has started must not outlive it, and its last words must have arrived. */
  async #wentAway(): Promise<void> {
    this.#isGone = true;
    killQuietly(-this.pid);
    killStopped(this.#stopped);
    killStrays(this.#mark);
    const timer = new AbortController();
    const closed = new Promise<void>((resolve) => {
      this.#child.once('close', () => resolve());
    });
    const late = new Promise<void>((resolve) => {
      const timeout = setTimeout(resolve, LAST_OUTPUT_MS);
      timer.signal.addEventListener('abort', () => clearTimeout(timeout));
    });
    await Promise.race([closed, late]);
    timer.abort();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      stream.destroy();
    }
    await this.#guard.remove(-this.pid).catch(() => undefined);
  }
}

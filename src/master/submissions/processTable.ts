// Finds the processes of a run in Linux's /proc: those that have its mark in their environment,
// belong to its session or have one of its pipes open, and the descendants of these. A process
// escapes only if it clears its environment, closes its streams, begins a session of its own and
// loses its parent, all between two looks.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** The variable that marks the processes of a run. */
export const MARK = 'CAUSEWAY_GRADE_RUN';

const PROC = '/proc';
const SHOWN_CHARACTERS = 80;
const KIB_PER_MIB = 1024;
/** For the newest processes, which can be gone before a list of all is read. */
const CHASE_MS = 5;
const CHASED_PIDS = 4;
/** More new processes while a list is read are left to the next look. */
const MOST_LISTS = 4;
/** For all processes to end. */
const KILL_MS = 2_000;
/** So many looks have to find nothing. */
const EMPTY_LOOKS = 3;

/** What the system says of a process; it is named by `start` too, as pids are used again. */
interface Stat {
  readonly pid: number;
  readonly isZombie: boolean;
  readonly parent: number;
  readonly session: number;
  readonly start: string;
}

/** Whether the system has what a ProcessTable needs. */
export function hasProcessTable(): boolean {
  return readStat(process.pid) !== undefined;
}

/** What the end of all processes found. */
export interface Killed {
  /** Those that still lived. */
  readonly found: readonly FoundProcess[];
  /** Whether none is left. */
  readonly isComplete: boolean;
}

export class ProcessTable {
  readonly #mark: string;
  readonly #session: number;
  readonly #pipes: readonly string[];
  /** Processes that started before the run are none of it. */
  readonly #startedAt: number;
  /** Whether the process belongs to the run, by pid and start. */
  readonly #known = new Map<string, boolean>();

  /**
   * `session` is the pid of the run's first process, which leads its session and has just started;
   * `pipes` are the real paths of its named pipes.
   */
  constructor(id: string, session: number, pipes: readonly string[]) {
    this.#mark = `${MARK}=${id}`;
    this.#session = session;
    this.#pipes = pipes;
    this.#startedAt = Number(readStat(session)?.start ?? 0);
  }

  /** The live processes of the run. */
  look(): FoundProcess[] {
    return this.#list(() => undefined);
  }

  /** Ends them, and those that they start meanwhile. All are stopped before the first one ends. */
  killAll(): Killed {
    const found = new Map<number, FoundProcess>();
    const stop = (pid: number): void => {
      signal(pid, 'SIGSTOP');
      if (!found.has(pid)) found.set(pid, { pid, command: commandOf(pid) });
    };
    const until = performance.now() + KILL_MS;
    for (let empty = 0; empty < EMPTY_LOOKS; ) {
      if (performance.now() > until) return { found: [...found.values()], isComplete: false };
      const chased = this.#chase(stop);
      const living = this.#list(stop);
      for (const { pid } of living) signal(pid, 'SIGKILL');
      empty = chased || living.length > 0 ? 0 : empty + 1;
    }
    return { found: [...found.values()], isComplete: true };
  }

  /**
   * Looks at the newest pids, again and again: a process that forks and ends at once is seldom in
   * a list. Returns whether one belonged to the run.
   */
  #chase(take: (pid: number) => void): boolean {
    const until = performance.now() + CHASE_MS;
    while (performance.now() < until) {
      const newest = Number(readText('loadavg').trim().split(' ').at(-1));
      for (let pid = newest; pid > newest - CHASED_PIDS; pid -= 1) {
        const stat = readStat(pid);
        if (stat === undefined || stat.isZombie || !this.#isOwn(stat)) continue;
        if (!hasMemory(pid)) continue;
        take(pid);
        return true;
      }
    }
    return false;
  }

  /** Calls `take` with each as soon as it is found. */
  #list(take: (pid: number) => void): FoundProcess[] {
    const stats = new Map<number, Stat>();
    const own = new Set<number>();
    const add = (stat: Stat): void => {
      own.add(stat.pid);
      if (!stat.isZombie && hasMemory(stat.pid)) take(stat.pid);
    };
    for (let count = 0, size = -1; count < MOST_LISTS && size !== stats.size; count += 1) {
      size = stats.size;
      // The newest first: they may be gone soonest.
      for (const pid of listPids().reverse()) {
        const stat = stats.has(pid) ? undefined : readStat(pid);
        if (stat === undefined) continue;
        stats.set(pid, stat);
        if (this.#isOwn(stat)) add(stat);
      }
    }
    // A parent may come after its child in the list.
    for (let size = -1; size !== own.size; ) {
      size = own.size;
      for (const stat of stats.values()) {
        if (own.has(stat.pid) || !own.has(stat.parent)) continue;
        this.#known.set(nameOf(stat), true);
        add(stat);
      }
    }
    return [...own]
      .filter((pid) => stats.get(pid)?.isZombie === false && hasMemory(pid))
      .sort((a, b) => a - b)
      .map((pid) => ({ pid, command: commandOf(pid) }));
  }

  #isOwn(stat: Stat): boolean {
    if (Number(stat.start) < this.#startedAt || stat.pid === process.pid) return false;
    // Others of its children are other runs; before they start, they have all pipes open.
    if (stat.parent === process.pid) return stat.pid === this.#session;
    const name = nameOf(stat);
    const known = this.#known.get(name);
    if (known === true) return true;
    if (stat.session === this.#session) return true;
    // A process that has just been forked may still get the mark, with its new program.
    const hasMark = readText(`${stat.pid}/environ`).split('\0').includes(this.#mark);
    const isOwn = hasMark || this.#hasPipe(stat.pid);
    this.#known.set(name, isOwn);
    return isOwn;
  }

  #hasPipe(pid: number): boolean {
    return openFilesOf(pid).some((file) => this.#pipes.some((pipe) => file.startsWith(pipe)));
  }
}

/** The memory that is private to these processes. */
export function memoryOf(processes: readonly FoundProcess[]): number {
  const kib = processes.map(({ pid }) => {
    const [, digits = '0'] = /^RssAnon:\s+([0-9]+) kB$/m.exec(readText(`${pid}/status`)) ?? [];
    return Number(digits);
  });
  return kib.reduce((a, b) => a + b, 0) / KIB_PER_MIB;
}

/** Does nothing if the process has ended. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function nameOf({ pid, start }: Stat): string {
  return `${pid} ${start}`;
}

function listPids(): number[] {
  return readdirSync(PROC)
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number);
}

/** Empty if the process has ended, or belongs to another user. */
function readText(name: string): string {
  try {
    return readFileSync(`${PROC}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

/** None if the process has ended, or belongs to another user. */
function openFilesOf(pid: number): string[] {
  try {
    const folder = `${PROC}/${pid}/fd`;
    return readdirSync(folder).map((name) => readlinkSync(`${folder}/${name}`));
  } catch {
    return [];
  }
}

function readStat(pid: number): Stat | undefined {
  const text = readText(`${pid}/stat`);
  // The name of the program is in brackets, and may contain brackets and blanks.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, , session] = fields;
  if (state === undefined || session === undefined) return undefined;
  const start = fields[19] ?? '';
  const isZombie = state === 'Z' || state === 'X';
  return { pid, isZombie, parent: Number(parent), session: Number(session), start };
}

/** False for a process that is about to end. */
function hasMemory(pid: number): boolean {
  return !/^(?:0 |$)/.test(readText(`${pid}/statm`));
}

function commandOf(pid: number): string {
  const words = readText(`${pid}/cmdline`)
    .split('\0')
    .filter((word) => word !== '');
  const command = words.join(' ') || `process ${pid}`;
  return command.length > SHOWN_CHARACTERS ? `${command.slice(0, SHOWN_CHARACTERS)}...` : command;
}

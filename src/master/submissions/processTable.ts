// Finds the processes of a run in Linux's /proc: those that have its mark in their environment or
// belong to its session, and the descendants of these. A process escapes only if it clears its
// environment, begins a session of its own and loses its parent, all between two looks.
import { readdirSync, readFileSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** The variable that marks the processes of a run. */
export const MARK = 'CAUSEWAY_GRADE_RUN';

const PROC = '/proc';
const SHOWN_CHARACTERS = 80;
const KIB_PER_MIB = 1024;

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

export class ProcessTable {
  readonly #mark: string;
  readonly #session: number;
  /** Whether the process belongs to the run, by pid and start. */
  readonly #known = new Map<string, boolean>();

  /** `session` is the pid of the run's first process, which leads its session. */
  constructor(id: string, session: number) {
    this.#mark = `${MARK}=${id}`;
    this.#session = session;
  }

  /** The live processes of the run. */
  look(): FoundProcess[] {
    const stats = listPids().flatMap((pid) => readStat(pid) ?? []);
    const own = new Set<number>();
    for (const stat of stats) if (this.#isOwn(stat)) own.add(stat.pid);
    // A parent may come after its child in the list.
    for (let size = -1; size !== own.size; ) {
      size = own.size;
      for (const stat of stats) {
        if (own.has(stat.pid) || !own.has(stat.parent)) continue;
        own.add(stat.pid);
        this.#known.set(nameOf(stat), true);
      }
    }
    return stats
      .filter(({ pid, isZombie }) => own.has(pid) && !isZombie && hasMemory(pid))
      .map(({ pid }) => ({ pid, command: commandOf(pid) }));
  }

  /** Ends them at once, and those that they start meanwhile. */
  killAll(): void {
    for (let found = this.look(), count = 0; found.length > 0 && count < 100; count += 1) {
      for (const { pid } of found) signal(pid, 'SIGKILL');
      found = this.look();
    }
  }

  #isOwn(stat: Stat): boolean {
    const name = nameOf(stat);
    const known = this.#known.get(name);
    if (known === true) return true;
    if (stat.session === this.#session) return true;
    // A process that has just been forked may still get the mark, with its new program.
    const isOwn = readText(`${stat.pid}/environ`).split('\0').includes(this.#mark);
    this.#known.set(name, isOwn);
    return isOwn;
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

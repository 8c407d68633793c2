// Asks the operating system about processes, for tests.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Whether the process runs; false for one that has ended and waits to be reaped. */
export function isAlive(pid: number): boolean {
  const [state] = statOf(pid);
  return state !== undefined && state !== 'Z';
}

/** Whether the process was stopped by a signal and has not continued. */
export function isStopped(pid: number): boolean {
  return statOf(pid)[0] === 'T';
}

/** The processes whose command line holds `text`. */
export function findProcesses(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => read(`/proc/${pid}/cmdline`).includes(text) && isAlive(pid));
}

export function commandLineAndEnvironment(pid: number): string {
  return read(`/proc/${pid}/cmdline`) + read(`/proc/${pid}/environ`);
}

/** The environment with which the process was started. */
export function environmentOf(pid: number): Map<string, string> {
  const entries = read(`/proc/${pid}/environ`).split('\0').filter(Boolean);
  return new Map(
    entries.map((entry): [string, string] => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

/** The addresses that a process listens on, as the kernel writes them: `0100007F:1F90`. */
export function listeningAddresses(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return /^socket:\[([0-9]+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      } catch {
        return undefined;
      }
    }),
  );
  const listening = '0A';
  return ['tcp', 'tcp6']
    .flatMap((table) => read(`/proc/${pid}/net/${table}`).split('\n').slice(1))
    .map((line) => line.trim().split(/ +/))
    .filter((fields) => fields[3] === listening && inodes.has(fields[9]))
    .map((fields) => fields[1] ?? '');
}

/**
 * The processes of a master that leads a process group: its group, and its guard, which is in a
 * group of its own.
 */
export function findFamily(master: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid).slice(1, 3).includes(String(master)) && isAlive(pid));
}

/** Resolves when no process is left whose command line holds `text`; rejects after `ms`. */
export async function nothingLeft(text: string, ms: number): Promise<void> {
  await noneLeft(() => findProcesses(text), ms);
}

/** Resolves when none of the processes is left; rejects after `ms`. */
export async function noneOfThemLeft(pids: readonly number[], ms: number): Promise<void> {
  await noneLeft(() => pids.filter(isAlive), ms);
}

async function noneLeft(find: () => number[], ms: number): Promise<void> {
  const deadline = performance.now() + ms;
  for (;;) {
    const left = find();
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`still there: ${left.map(describe)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function describe(pid: number): string {
  const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
  const state = /State:.*/.exec(read(`/proc/${pid}/status`))?.[0] ?? '';
  return `${pid} ${command}${state}`;
}

/** The state, the parent, the process group and so on; empty when the process is gone. */
function statOf(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`);
  // These follow the program's name, which is in brackets and may contain anything.
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

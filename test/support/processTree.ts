// What the tests ask the operating system about processes.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Whether the process runs; one that has ended and waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  // The state follows the program's name, which stands in brackets and may hold anything.
  const state = stat[stat.lastIndexOf(')') + 2];
  return state !== undefined && state !== 'Z';
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

/** Resolves when no process whose command line holds `text` is left; rejects after `ms`. */
export async function nothingLeft(text: string, ms: number): Promise<void> {
  const deadline = performance.now() + ms;
  for (;;) {
    const left = findProcesses(text);
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

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

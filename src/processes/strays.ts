// Processes that programs of others have started and left: they may have left the program's group,
// but they inherit its environment, which has a mark of the run and of the program.
import { readdirSync, readFileSync } from 'node:fs';

/** The variable that holds the mark. */
export const MARK_VARIABLE = 'CAUSEWAY_RUN';

/**
 * Kills every process whose mark begins so. Only where the system shows environments as files
 * (Linux); elsewhere it does nothing. A process that has overwritten its environment is not found.
 */
export function killStrays(beginning: string): void {
  const entry = `${MARK_VARIABLE}=${beginning}`;
  // A process that is found may have started another one in the meantime.
  for (let round = 0; round < 3; round += 1) {
    const found = listProcesses().filter((pid) => hasEntry(pid, entry));
    if (found.length === 0) return;
    for (const pid of found) killQuietly(pid);
  }
}

/** Ends a process, or with a negative number a group. One that is gone already is ignored. */
export function killQuietly(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is already gone, which is the goal.
  }
}

/** All but this one; empty where the system does not show them. */
export function listProcesses(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^[0-9]+$/.test(name))
      .map(Number)
      .filter((pid) => pid !== process.pid);
  } catch {
    return [];
  }
}

function hasEntry(pid: number, beginning: string): boolean {
  return environmentOf(pid).some((entry) => entry.startsWith(beginning));
}

/** Empty for the process of another user, and for one that is gone. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

// What somebody typed in former consoles, kept for the next one.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

export const HISTORY_LINES = 1000;

/** Where the XDG Base Directory Specification puts a program's state. */
export function findHistoryFile(environment: NodeJS.ProcessEnv): string {
  const state = environment.XDG_STATE_HOME;
  // The specification: a path that is not absolute counts as none.
  const folder = state && isAbsolute(state) ? state : join(homedir(), '.local', 'state');
  return join(folder, 'causeway', 'history');
}

/** The lines, the last one first; none when there is no such file. */
export function readHistory(path: string): string[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines
      .filter((line) => line !== '')
      .slice(-HISTORY_LINES)
      .reverse();
  } catch {
    return [];
  }
}

/** `lines` has the last one first. Only its owner may read it. A failure costs the history only. */
export function writeHistory(path: string, lines: readonly string[]): string | undefined {
  const unfinished = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const kept = lines.slice(0, HISTORY_LINES).reverse();
    writeFileSync(unfinished, kept.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    renameSync(unfinished, path);
    return undefined;
  } catch (error) {
    return `the history is not kept: ${(error as Error).message}`;
  }
}

// The lines typed in earlier consoles, kept for the next one.
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { makePrivateFolders, replacePrivateFile } from './privateFile.ts';

export const HISTORY_LINES = 1000;

/** The place for a program's state in the XDG Base Directory Specification. */
export function findHistoryFile(environment: NodeJS.ProcessEnv): string {
  const state = environment.XDG_STATE_HOME;
  // The specification: a path that is not absolute is ignored.
  const folder = state && isAbsolute(state) ? state : join(homedir(), '.local', 'state');
  return join(folder, 'causeway', 'history');
}

/** The lines, the last one first; none when there is no such file. */
export function readHistory(path: string): string[] {
  try {
    if (!statSync(path).isFile()) return [];
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines
      .filter((line) => line !== '')
      .slice(-HISTORY_LINES)
      .reverse();
  } catch {
    return [];
  }
}

/**
 * `lines` has the last one first. Only the owner may read the file. Returns the reason of a
 * failure; a failure loses only the history.
 */
export function writeHistory(path: string, lines: readonly string[]): string | undefined {
  try {
    if (!isAbsolute(path)) throw new Error('there is no home folder');
    makePrivateFolders(dirname(path));
    const kept = lines.slice(0, HISTORY_LINES).reverse();
    replacePrivateFile(path, kept.map((line) => `${line}\n`).join(''));
    return undefined;
  } catch (error) {
    return `the history is not kept: ${(error as Error).message}`;
  }
}

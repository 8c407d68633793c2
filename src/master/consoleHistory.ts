// What was typed in former consoles, kept for the next one.
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { makePrivateFolders, replacePrivateFile } from './privateFile.ts';

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

/** `lines` has the last one first. Only its owner may read it. A failure costs the history only. */
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

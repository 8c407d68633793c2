// Files that only their owner may read, and that exist whole or not at all: the addresses of the
// nodes, and the lines typed at the console.
import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { inWords, replaceAtOnce } from './replaceFile.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * Replaces a file. It is written under a new name, which no other file or link has, and then
 * renamed; a link of the final name is replaced, not followed. On failure throws EnvironmentError
 * E_IO, and leaves the old file.
 */
export function replacePrivateFile(path: string, text: string): void {
  inWords(path, () => {
    const former = lstatSync(path, { throwIfNoEntry: false });
    if (former !== undefined && !former.isFile() && !former.isSymbolicLink()) {
      throw new Error('not a plain file');
    }
    replaceAtOnce(path, text, FILE_MODE);
  });
}

/**
 * Makes a folder, and the missing ones above it, for their owner only. Node's own `recursive` tries
 * for ever where the system refuses every folder, as below /proc. Throws EnvironmentError E_IO.
 */
export function makePrivateFolders(path: string): void {
  inWords(path, () => makeFolders(path));
}

function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  try {
    mkdirSync(path, FOLDER_MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

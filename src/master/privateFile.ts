// Files that only their owner may read, and that exist whole or not at all: the addresses of the
// nodes, and the lines typed at the console.
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { EnvironmentError } from '../kernel/cluster.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/**
 * A name may be taken, by a process that was killed or by an attacker: then another one is tried.
 */
const MOST_NAMES = 100;

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
    const { unfinished, descriptor } = createBeside(path);
    try {
      writeAndClose(descriptor, text);
      renameSync(unfinished, path);
    } catch (error) {
      unlinkSync(unfinished);
      throw error;
    }
  });
}

function createBeside(path: string): { unfinished: string; descriptor: number } {
  for (let count = 1; ; count += 1) {
    const unfinished = `${path}.${process.pid}.${count}`;
    try {
      return { unfinished, descriptor: openSync(unfinished, CREATE, FILE_MODE) };
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EEXIST';
      if (!isTaken || count === MOST_NAMES) throw error;
    }
  }
}

function writeAndClose(descriptor: number, text: string): void {
  try {
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
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

function inWords(path: string, task: () => void): void {
  try {
    task();
  } catch (error) {
    throw new EnvironmentError('E_IO', `${path}: ${(error as Error).message}`);
  }
}

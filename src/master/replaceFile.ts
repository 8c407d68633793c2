// Replaces a file so that it has the old text or the new one, whole, whatever happens.
import {
  accessSync,
  closeSync,
  constants,
  openSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { EnvironmentError } from '../kernel/cluster.ts';
import { futurePath } from './namedFile.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const USUAL_MODE = 0o666;
const PERMISSIONS = 0o777;
/**
 * A name may be taken, by a process that was killed or by an attacker: then another one is tried.
 */
const MOST_NAMES = 100;

/** Throws EnvironmentError E_IO if `replaceFile` would fail. Changes no file. */
export function assertReplaceable(path: string): void {
  inWords(path, () => {
    const former = statsOf(path);
    if (former?.isDirectory()) throw new Error('a folder');
    if (former !== undefined) accessSync(path, constants.W_OK);
    if (isPlain(former)) accessSync(dirname(targetOf(path)), constants.W_OK);
  });
}

/**
 * Follows links, and writes into a pipe or a device as it is. On failure throws EnvironmentError
 * E_IO, and leaves the old file.
 */
export function replaceFile(path: string, text: string): void {
  inWords(path, () => {
    const former = statsOf(path);
    if (!isPlain(former)) writeFileSync(path, text);
    else replaceAtOnce(targetOf(path), text, (former?.mode ?? USUAL_MODE) & PERMISSIONS);
  });
}

/**
 * Writes under a new name, which no other file or link has, and renames that. A link of the final
 * name is replaced, not followed. Throws the error of the system, and then leaves the old file.
 */
export function replaceAtOnce(path: string, text: string, mode: number): void {
  const { unfinished, descriptor } = createBeside(path, mode);
  try {
    writeAndClose(descriptor, text);
    renameSync(unfinished, path);
  } catch (error) {
    unlinkSync(unfinished);
    throw error;
  }
}

function createBeside(path: string, mode: number): { unfinished: string; descriptor: number } {
  for (let count = 1; ; count += 1) {
    const unfinished = `${path}.${process.pid}.${count}`;
    try {
      return { unfinished, descriptor: openSync(unfinished, CREATE, mode) };
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

function statsOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** Whether a file can be renamed to it. */
function isPlain(former: Stats | undefined): boolean {
  return former === undefined || former.isFile();
}

/** The file at the end of all links. */
function targetOf(path: string): string {
  return statsOf(path) === undefined ? (futurePath(path) ?? path) : realpathSync(path);
}

/** Makes an error of the system one that names the file. */
export function inWords(path: string, task: () => void): void {
  try {
    task();
  } catch (error) {
    throw new EnvironmentError('E_IO', `${path}: ${(error as Error).message}`);
  }
}

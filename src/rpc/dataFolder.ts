// Where the real world keeps logs: the folder of --data for a run, and in it one for each server.
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Dataset, isServerFolder, openDataset, serverFolder } from '../log/dataset.ts';
import { type Disk, DiskError } from '../log/disk.ts';
import { LogError, toLogError } from '../log/logError.ts';
import { MANIFEST } from '../log/manifest.ts';
import { UNFINISHED } from '../log/wholeFile.ts';
import { clearStaleLocks, isLock, lockFolder } from './folderLock.ts';
import { createNodeDisk, syncFolder, toDiskError } from './nodeDisk.ts';

/** Only for its owner's eyes: values are in it. */
const FOLDER_MODE = 0o700;
const RUN_BYTES = 16;

export interface DataFolder extends Dataset {
  readonly path: string;
  /** Gives the folder back, when its servers are gone; another run may use it then. */
  close(): void;
}

/**
 * What keeps a folder, by the names in it, from becoming a data folder; undefined where it is empty
 * or one already. It is one by its manifest, and by servers' folders whose manifest is lost. What a
 * run has left that was killed before it had one counts as nothing.
 */
export function findForeign(names: readonly string[]): string | undefined {
  if (names.includes(MANIFEST)) return undefined;
  const isOurs = (name: string): boolean =>
    isLock(name) || isServerFolder(name) || name === MANIFEST + UNFINISHED;
  return names.find((name) => !isOurs(name));
}

/**
 * Takes the folder for this process, and makes it if need be. Rejects with a LogError; nothing is
 * written then into a folder of another purpose.
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const parent = dirname(resolve(path));
  if (makeFolder(path, () => statSync(path).isDirectory())) await syncNames(parent);
  const foreign = inWords(path, () => findForeign(readdirSync(path)));
  if (foreign !== undefined) {
    const why = `it has ${foreign} in it: name an empty folder, or one that is not there`;
    throw new LogError('E_LOG_FOREIGN', `${path} is no data folder: ${why}`);
  }
  const release = inWords(path, () => lockFolder(path));
  try {
    const run = randomBytes(RUN_BYTES).toString('hex');
    const dataset = await openDataset(createNodeDisk(path), run);
    const close = (): void => {
      clearServerLocks(path);
      release();
    };
    return { ...dataset, path, close };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * The folder of one server, for this process alone and as long as it lives. Throws or rejects with
 * a LogError.
 */
export async function openServerDisk(dataPath: string, id: number): Promise<Disk> {
  const path = join(dataPath, serverFolder(id));
  // A link could lead anywhere, so here none will do.
  if (makeFolder(path, () => lstatSync(path).isDirectory())) await syncNames(dataPath);
  inWords(path, () => lockFolder(path));
  return createNodeDisk(path);
}

/**
 * Servers are killed, and cannot take their locks along. A run in another pid namespace would have
 * to take those for held.
 */
function clearServerLocks(path: string): void {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const isFolder = entry.isDirectory() && isServerFolder(entry.name);
      if (isFolder) clearStaleLocks(join(path, entry.name));
    }
  } catch {
    // The run is over, and was not harmed: what is left there, the next one meets and judges.
  }
}

/** True if it was not there. */
function makeFolder(path: string, isFolder: () => boolean): boolean {
  return inWords(path, () => {
    try {
      mkdirSync(path, { mode: FOLDER_MODE });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isFolder()) return false;
      throw new LogError('E_LOG_NOT_FILE', `${path}: not a folder`);
    }
  });
}

async function syncNames(path: string): Promise<void> {
  try {
    await syncFolder(path);
  } catch (error) {
    throw error instanceof DiskError ? toLogError(error) : error;
  }
}

/** Puts what the system refuses into the words of a log. */
function inWords<T>(path: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (error instanceof LogError) throw error;
    throw toLogError(toDiskError(error as NodeJS.ErrnoException, path));
  }
}

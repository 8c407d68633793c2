// Where the real world keeps logs: the folder of --data for a run, and in it one folder per server.
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

/** Accessible only to its owner, since it contains values. */
const FOLDER_MODE = 0o700;
const RUN_BYTES = 16;

export interface DataFolder extends Dataset {
  readonly path: string;
  /** Releases the folder when its servers are gone; another run may then use it. */
  close(): void;
}

/**
 * Decides by the names in a folder whether it may be used as a data folder. Returns a name that
 * prevents this; undefined if the folder is empty or already a data folder. A manifest, or server
 * folders whose manifest is lost, make it a data folder. Remains of a run that was killed before it
 * wrote a manifest do not count.
 */
export function findForeign(names: readonly string[]): string | undefined {
  if (names.includes(MANIFEST)) return undefined;
  const isOurs = (name: string): boolean =>
    isLock(name) || isServerFolder(name) || name === MANIFEST + UNFINISHED;
  return names.find((name) => !isOurs(name));
}

/**
 * Locks the folder for this process, and creates it if needed. Rejects with a LogError; then
 * nothing is written to a folder of another purpose.
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

/** Opens and locks a server's folder for this process. Throws or rejects with a LogError. */
export async function openServerDisk(dataPath: string, id: number): Promise<Disk> {
  const path = join(dataPath, serverFolder(id));
  // A link could lead to any folder, so links are refused here.
  if (makeFolder(path, () => lstatSync(path).isDirectory())) await syncNames(dataPath);
  inWords(path, () => lockFolder(path));
  return createNodeDisk(path);
}

/**
 * Removes the locks of killed servers. Otherwise a run in another pid namespace would have to
 * assume that they are held.
 */
function clearServerLocks(path: string): void {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const isFolder = entry.isDirectory() && isServerFolder(entry.name);
      if (isFolder) clearStaleLocks(join(path, entry.name));
    }
  } catch {
    // The run has ended and is not affected; the next run finds and judges what remains.
  }
}

/** Returns true if the folder did not exist. */
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

/** Converts errors of the system to errors of the log. */
function inWords<T>(path: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (error instanceof LogError) throw error;
    throw toLogError(toDiskError(error as NodeJS.ErrnoException, path));
  }
}

// A data folder as a whole: its name, and the greatest incarnation of a node on it. The master
// maintains it, so that a life of a later run, of a server or a client, never has the same number
// as one of an earlier run.
import * as v from 'valibot';
import type { NodeId } from '../kernel/ids.ts';
import { countSchema } from '../kernel/messages.ts';
import { type Disk, DiskError } from './disk.ts';
import { LogError, toLogError } from './logError.ts';
import { MANIFEST } from './manifest.ts';
import { readRecord, UNFINISHED, writeRecord } from './wholeFile.ts';

const schema = v.strictObject({ run: v.string(), lives: countSchema });

/** A server's folder in a data folder. Takes a number: no other text can enter a path. */
export function serverFolder(id: number): string {
  return `server-${id}`;
}
const SERVER_FOLDER = /^server-(0|[1-9][0-9]*)$/;

export function isServerFolder(name: string): boolean {
  return SERVER_FOLDER.test(name);
}

export interface Dataset {
  /** Chosen at random when the folder was first used. */
  readonly run: string;
  /** The greatest incarnation of earlier runs. */
  readonly formerLives: number;
  /** The servers that had a folder here before this run. */
  readonly servers: readonly NodeId[];
  /** Resolves when this incarnation is durably reserved. */
  reserve(incarnation: number): Promise<void>;
}

/**
 * Reads the manifest of the folder, or creates one with the name `run`. Rejects with a LogError.
 */
export async function openDataset(disk: Disk, run: string): Promise<Dataset> {
  try {
    const names = await disk.list();
    if (names.includes(MANIFEST + UNFINISHED)) await disk.remove(MANIFEST + UNFINISHED);
    const isThere = names.includes(MANIFEST);
    if (!isThere && names.some(isServerFolder)) {
      throw new LogError(
        'E_LOG_MISSING',
        `${disk.path}/${MANIFEST}: gone, servers' logs are there`,
      );
    }
    if (!isThere) await writeRecord(disk, MANIFEST, { run, lives: 0 });
    const servers = names.flatMap((name) => SERVER_FOLDER.exec(name)?.slice(1).map(Number) ?? []);
    return createDataset(disk, servers, await readRecord(disk, MANIFEST, schema));
  } catch (error) {
    throw error instanceof DiskError ? toLogError(error) : error;
  }
}

function createDataset(
  disk: Disk,
  servers: readonly NodeId[],
  found: v.InferOutput<typeof schema>,
): Dataset {
  const { run, lives: formerLives } = found;
  let lives = formerLives;
  let written = Promise.resolve();
  return {
    run,
    formerLives,
    servers,
    reserve: (incarnation) => {
      if (incarnation > lives) {
        lives = incarnation;
        const record = { run, lives };
        written = written
          .then(() => writeRecord(disk, MANIFEST, record))
          .catch((error) => {
            throw error instanceof DiskError ? toLogError(error) : error;
          });
        // The caller of `reserve` handles the failure; this prevents an unhandled rejection.
        written.catch(() => undefined);
      }
      return written;
    },
  };
}

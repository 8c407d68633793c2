// A data folder as a whole: its name, and how many lives nodes have had on it. The master keeps it,
// so that no life of a later run is taken for one of an earlier run, a client's included.
import * as v from 'valibot';
import type { NodeId } from '../kernel/ids.ts';
import { countSchema } from '../kernel/messages.ts';
import { type Disk, DiskError } from './disk.ts';
import { LogError, toLogError } from './logError.ts';
import { MANIFEST } from './manifest.ts';
import { readRecord, UNFINISHED, writeRecord } from './wholeFile.ts';

const schema = v.strictObject({ run: v.string(), lives: countSchema });

/** The folder of one server within a data folder. Only a number becomes part of a path. */
export function serverFolder(id: number): string {
  return `server-${id}`;
}
const SERVER_FOLDER = /^server-(0|[1-9][0-9]*)$/;

export function isServerFolder(name: string): boolean {
  return SERVER_FOLDER.test(name);
}

export interface Dataset {
  /** Drawn by lot when the folder was first used. */
  readonly run: string;
  /** The greatest incarnation of earlier runs. */
  readonly formerLives: number;
  /** The servers that had a folder here before this run. */
  readonly servers: readonly NodeId[];
  /** Returns when it is durable that there is a life with this incarnation. */
  reserve(incarnation: number): Promise<void>;
}

/** Reads the folder's manifest, or makes one that names it `run`. Rejects with a LogError. */
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
        // Whoever waits for it hears of a failure.
        written.catch(() => undefined);
      }
      return written;
    },
  };
}

// The manifest of a folder: which server owns the log in it, and the incarnation of its latest
// life. It is written when a life begins, and replaced atomically by a rename.
import * as v from 'valibot';
import { nodeIdSchema } from '../kernel/control.ts';
import type { Life } from '../kernel/ids.ts';
import { countSchema } from '../kernel/messages.ts';
import type { Disk } from './disk.ts';
import { LogError } from './logError.ts';
import { readRecord, writeRecord } from './wholeFile.ts';

export const MANIFEST = 'manifest';

/** The owner of the records. Every file of a server names it. */
export interface LogOwner {
  /** The name of the data folder, chosen at random when it was created. */
  readonly run: string;
  readonly protocol: string;
  readonly server: number;
}

/**
 * Identifies a file of an owner; no two files are equal. The links of all frames depend on the
 * head, so no frame fits into another file.
 */
export interface LogFile extends LogOwner {
  /** The incarnation of the life that created it. */
  readonly life: number;
  /** How many files that life had created before. */
  readonly file: number;
}

const ownerFields = { run: v.string(), protocol: v.string(), server: nodeIdSchema };
const manifestSchema = v.strictObject({ ...ownerFields, incarnation: countSchema });
export const headSchema = v.strictObject({
  ...ownerFields,
  life: countSchema,
  file: countSchema,
  compacted: countSchema,
});

/**
 * The incarnation of the latest life in this folder. Throws a LogError if the folder has another
 * owner, or if a life with this or a greater incarnation has begun on it.
 */
export async function readManifest(
  disk: Disk,
  owner: LogOwner,
  { incarnation }: Life,
): Promise<number> {
  const path = `${disk.path}/${MANIFEST}`;
  const found = await readRecord(disk, MANIFEST, manifestSchema);
  assertOwner(found, owner, path);
  const last = found.incarnation;
  if (last >= incarnation) {
    const lives = `its life ${last} has begun, this would be its life ${incarnation}`;
    throw new LogError('E_LOG_FOREIGN', `${path}: ${lives}`);
  }
  return last;
}

/** Throws E_LOG_FOREIGN if the owner found is another one. */
export function assertOwner(found: LogOwner, owner: LogOwner, path: string): void {
  const { run, protocol, server } = found;
  if (server !== owner.server) {
    throw new LogError('E_LOG_FOREIGN', `${path}: of server ${server}, not ${owner.server}`);
  }
  if (protocol !== owner.protocol) {
    const why = `of protocol ${protocol}, not ${owner.protocol}`;
    throw new LogError('E_LOG_FOREIGN', `${path}: ${why}`);
  }
  if (run !== owner.run) throw new LogError('E_LOG_FOREIGN', `${path}: of another data folder`);
}

/** Resolves when the beginning of this life is durable. */
export async function writeManifest(disk: Disk, owner: LogOwner, life: Life): Promise<void> {
  const { run, protocol, server } = owner;
  await writeRecord(disk, MANIFEST, { run, protocol, server, incarnation: life.incarnation });
}

// The manifest of a folder: whose log lies there, and how many lives it has served. It is written
// anew when a life begins, and is never half there: a new file takes the old one's name.
import * as v from 'valibot';
import { nodeIdSchema } from '../kernel/control.ts';
import type { Life } from '../kernel/ids.ts';
import { countSchema } from '../kernel/messages.ts';
import type { Disk } from './disk.ts';
import { LogError } from './logError.ts';
import { readRecord, writeRecord } from './wholeFile.ts';

export const MANIFEST = 'manifest';

/** Whose records these are. Every file of a server says it. */
export interface LogOwner {
  /** The data folder's own name, drawn by lot when it was made. */
  readonly run: string;
  readonly protocol: string;
  readonly server: number;
}

/**
 * Which file of an owner it is: no two have the same. Since every frame links to the head in the
 * end, none fits into another file.
 */
export interface LogFile extends LogOwner {
  /** The incarnation of the life that began it. */
  readonly life: number;
  /** How many files that life had begun before. */
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
 * The incarnation of the last life that was here; undefined without a manifest. Throws a LogError
 * unless the folder is the owner's, and free for a life with this incarnation.
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

/** Throws E_LOG_FOREIGN for what says that it is somebody else's. */
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

/** Returns when it is durable that this life has begun. */
export async function writeManifest(disk: Disk, owner: LogOwner, life: Life): Promise<void> {
  const { run, protocol, server } = owner;
  await writeRecord(disk, MANIFEST, { run, protocol, server, incarnation: life.incarnation });
}

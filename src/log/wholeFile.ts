// Writes files atomically: a new file is prepared under a temporary name, and then renamed over the
// old one.
import * as v from 'valibot';
import type { Json } from '../kernel/json.ts';
import type { Disk } from './disk.ts';
import { encodeFrame, FORMAT_LINE } from './frame.ts';
import { LogError } from './logError.ts';
import { readFrames } from './reading.ts';

/** The suffix of a file that is not renamed yet. After a crash such a file is ignored. */
export const UNFINISHED = '.new';

/** Writes and syncs a file under the temporary name. A failure leaves no file. */
export async function prepareFile(
  disk: Disk,
  name: string,
  pieces: Iterable<Uint8Array>,
): Promise<void> {
  const file = await disk.create(name + UNFINISHED);
  try {
    let size = 0;
    for (const piece of pieces) {
      await file.write(size, piece);
      size += piece.length;
    }
    await file.sync();
    await file.close();
  } catch (error) {
    await file.close().catch(() => undefined);
    await disk.remove(name + UNFINISHED).catch(() => undefined);
    throw error;
  }
}

/** Renames the prepared file. A failure leaves the old file in place and no other. */
export async function nameFile(disk: Disk, name: string): Promise<void> {
  try {
    await disk.rename(name + UNFINISHED, name);
  } catch (error) {
    await disk.remove(name + UNFINISHED).catch(() => undefined);
    throw error;
  }
}

/** As `nameFile`, but durable: a crash leaves either the old file or the new one. */
export async function publishFile(disk: Disk, name: string): Promise<void> {
  await nameFile(disk, name);
  await disk.syncFolder();
}

/** Replaces a file that holds one record. Resolves when the new one is durable. */
export async function writeRecord(disk: Disk, name: string, record: Json): Promise<void> {
  await prepareFile(disk, name, [FORMAT_LINE, encodeFrame([JSON.stringify(record)])]);
  await publishFile(disk, name);
}

/**
 * Reads the record of such a file. Throws E_LOG_CORRUPT for anything else. The file was complete
 * when it was renamed, so a torn tail is not possible.
 */
export async function readRecord<S extends v.GenericSchema>(
  disk: Disk,
  name: string,
  schema: S,
): Promise<v.InferOutput<S>> {
  const path = `${disk.path}/${name}`;
  const file = await disk.open(name);
  try {
    const frames = readFrames(file, path);
    const first = await frames.next();
    const second = await frames.next();
    const isAlone = !first.done && second.done && second.value.torn === 0;
    const records = isAlone ? first.value.records : [];
    const found = v.safeParse(schema, records[0]);
    if (found.success && records.length === 1) return found.output;
    throw new LogError('E_LOG_CORRUPT', `${path}: at byte ${FORMAT_LINE.length}: not a ${name}`);
  } finally {
    await file.close();
  }
}

// Files that are written whole or not at all: a new one is prepared beside the old one, and then
// takes its name.
import * as v from 'valibot';
import type { Json } from '../kernel/json.ts';
import type { Disk } from './disk.ts';
import { encodeFrame, FORMAT_LINE } from './frame.ts';
import { LogError } from './logError.ts';
import { readFrames } from './reading.ts';

/** A file that has not got its name yet; one that a crash left behind means nothing. */
export const UNFINISHED = '.new';

/** Writes a file beside the one that has the name, and syncs it. A failure leaves no trace. */
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

/** Gives the name to what was prepared. A failure leaves the name where it was, and no trace. */
export async function nameFile(disk: Disk, name: string): Promise<void> {
  try {
    await disk.rename(name + UNFINISHED, name);
  } catch (error) {
    await disk.remove(name + UNFINISHED).catch(() => undefined);
    throw error;
  }
}

/** Names it for good: a crash at any moment leaves what had the name before, or this. */
export async function publishFile(disk: Disk, name: string): Promise<void> {
  await nameFile(disk, name);
  await disk.syncFolder();
}

/** Replaces a file that holds one record. Returns when the new one is durable. */
export async function writeRecord(disk: Disk, name: string, record: Json): Promise<void> {
  await prepareFile(disk, name, [FORMAT_LINE, encodeFrame([JSON.stringify(record)])]);
  await publishFile(disk, name);
}

/**
 * The record of such a file. Throws E_LOG_CORRUPT for anything else: it got its name when it was
 * whole, so there is no torn tail here.
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

// Opens a log after a crash or a normal end: checks the files, restores the records, cuts off a
// torn tail, and makes everything durable before the new life begins.
import * as v from 'valibot';
import { Bug } from '../kernel/errors.ts';
import type { Life } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import type { Disk, DiskFile } from './disk.ts';
import { encodeFrame, FORMAT_LINE, GROUP_LENGTH, type Link, linkAfterFrame } from './frame.ts';
import { LogError } from './logError.ts';
import {
  assertOwner,
  headSchema,
  type LogFile,
  type LogOwner,
  MANIFEST,
  readManifest,
  writeManifest,
} from './manifest.ts';
import { type Ending, type FrameRead, readFrames } from './reading.ts';
import { prepareFile, publishFile, UNFINISHED } from './wholeFile.ts';

export const LOG = 'log';

export interface RecoverySetup {
  readonly disk: Disk;
  readonly owner: LogOwner;
  readonly life: Life;
  /** Called once if a torn tail was cut off, or if a log is empty that should have records. */
  readonly warn: (text: string) => void;
}

export interface Recovered {
  readonly file: DiskFile;
  /** The position of the next frame. */
  readonly end: number;
  /** The link of the next frame. */
  readonly link: Link;
  /** How many records were appended since the last compaction. */
  readonly length: number;
}

/**
 * Restores the records of the folder's log, or creates a log. The manifest is written last: if the
 * log cannot be opened, the life has not begun. Throws a LogError or a DiskError.
 */
export async function recover(
  setup: RecoverySetup,
  restore: (record: Json) => void,
): Promise<Recovered> {
  const { disk, owner, life } = setup;
  const names = await disk.list();
  const hasManifest = names.includes(MANIFEST);
  if (hasManifest) await readManifest(disk, owner, life);
  if (hasManifest && !names.includes(LOG)) {
    throw new LogError('E_LOG_MISSING', `${disk.path}/${LOG}: gone, its manifest is there`);
  }
  if (names.includes(LOG + UNFINISHED)) await disk.remove(LOG + UNFINISHED);
  if (names.includes(MANIFEST + UNFINISHED)) await disk.remove(MANIFEST + UNFINISHED);
  if (!names.includes(LOG)) await beginLog(setup);
  const recovered = await openLog(setup, hasManifest, restore);
  await writeManifest(disk, owner, life);
  return recovered;
}

/** Creates a log. Returns the link of the first frame after its head. */
async function beginLog({ disk, owner, life }: RecoverySetup): Promise<Link> {
  const pieces = [...encodeLog({ ...owner, life: life.incarnation, file: 0 }, [])];
  await prepareFile(disk, LOG, pieces);
  await publishFile(disk, LOG);
  return linkAfterFrame(pieces.at(-1) as Uint8Array);
}

async function openLog(
  setup: RecoverySetup,
  hasManifest: boolean,
  restore: (record: Json) => void,
): Promise<Recovered> {
  const { disk, owner, warn } = setup;
  const path = `${disk.path}/${LOG}`;
  const file = await disk.open(LOG);
  try {
    const replay = new Replay(path, owner, (record) => {
      if (hasManifest) return restore(record);
      throw new LogError('E_LOG_MISSING', `${disk.path}/${MANIFEST}: gone, its log has records`);
    });
    const { end, link, torn } = await replay.run(file);
    if (torn > 0) warn(`${path}: a torn tail was cut off, ${torn} B at byte ${end}`);
    else if (replay.isEmpty && hasManifest) {
      warn(`${path}: empty, with a manifest: the server begins without what it kept`);
    }
    if (replay.isEmpty) {
      await file.close();
      const first = await beginLog(setup);
      const begun = await disk.open(LOG);
      return { file: begun, end: begun.size, link: first, length: 0 };
    }
    await secureTail(file, replay.lastOffset, end);
    return { file, end, link, length: replay.length };
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

/**
 * Cuts off the torn tail, and makes the last frame durable. That frame may have been read from the
 * page cache without ever reaching the disk; after a failed sync, only a new write makes it
 * durable.
 */
async function secureTail(file: DiskFile, lastOffset: number, end: number): Promise<void> {
  if (file.size > end) await file.truncate(end);
  await file.write(lastOffset, await file.read(lastOffset, end - lastOffset));
  await file.sync();
}

/** One pass over a log: first its head, which names the owner, then its records. */
class Replay {
  readonly #path: string;
  readonly #owner: LogOwner;
  readonly #restore: (record: Json) => void;
  #compacted: number | undefined;
  #records = 0;
  /** The position of the last whole frame. */
  lastOffset = 0;

  constructor(path: string, owner: LogOwner, restore: (record: Json) => void) {
    this.#path = path;
    this.#owner = owner;
    this.#restore = restore;
  }

  /** Whether even the head is incomplete. */
  get isEmpty(): boolean {
    return this.#compacted === undefined;
  }

  get length(): number {
    return this.#records - (this.#compacted ?? 0);
  }

  async run(file: DiskFile): Promise<Ending> {
    const frames = readFrames(file, this.#path);
    for (;;) {
      const { done, value } = await frames.next();
      if (done) {
        if (this.length >= 0) return value;
        throw this.#damaged(value.end, 'the records that a compaction wrote are not all there');
      }
      this.lastOffset = value.offset;
      if (this.isEmpty) this.#readHead(value);
      else this.#readRecords(value);
    }
  }

  #readHead({ offset, records }: FrameRead): void {
    const head = v.safeParse(headSchema, records[0]);
    if (!head.success || records.length !== 1) throw this.#damaged(offset, 'not the head of a log');
    assertOwner(head.output, this.#owner, this.#path);
    this.#compacted = head.output.compacted;
  }

  #readRecords({ offset, records }: FrameRead): void {
    for (const record of records) {
      this.#records += 1;
      try {
        this.#restore(record);
      } catch (error) {
        if (error instanceof Bug || error instanceof LogError) throw error;
        throw this.#damaged(offset, (error as Error).message);
      }
    }
  }

  #damaged(offset: number, why: string): LogError {
    return new LogError('E_LOG_CORRUPT', `${this.#path}: at byte ${offset}: ${why}`);
  }
}

/**
 * The bytes of a log that begins with these records, and whose head has their count: the format
 * line, then one frame at a time.
 */
export function* encodeLog(
  { run, protocol, server, life, file }: LogFile,
  texts: readonly string[],
): Iterable<Uint8Array> {
  yield FORMAT_LINE;
  const head = { run, protocol, server, life, file, compacted: texts.length };
  let frame = encodeFrame([JSON.stringify(head)]);
  yield frame;
  for (const group of groupsOf(texts)) {
    frame = encodeFrame(group, linkAfterFrame(frame));
    yield frame;
  }
}

/** Groups the texts into frames. */
function* groupsOf(texts: readonly string[]): Iterable<readonly string[]> {
  let group: string[] = [];
  let length = 0;
  for (const text of texts) {
    if (length > 0 && length + text.length > GROUP_LENGTH) {
      yield group;
      group = [];
      length = 0;
    }
    group.push(text);
    length += text.length;
  }
  if (group.length > 0) yield group;
}

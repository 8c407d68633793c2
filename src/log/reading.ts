// Reads a file of frames from its beginning, in pieces, and distinguishes a torn tail from damage.
//
// Only one frame at a time is written but not synced; the next one begins after the sync. So after
// a crash, only the last frame can be incomplete. A frame with another frame after it was durable
// once, so if it is bad now, it was damaged later. A header counts as a frame:
//    bad, and no header anywhere after it     a torn tail, never confirmed to any caller
//    bad, and a header somewhere after it     damage: what follows is not trusted either
// A whole header with a wrong link is damage too: an unfinished write does not leave one.
import type { Json } from '../kernel/json.ts';
import type { DiskFile } from './disk.ts';
import {
  decodeHeader,
  decodePayload,
  FIRST_LINK,
  FORMAT,
  FORMAT_LINE,
  FORMAT_LINE_BYTES,
  type FrameHeader,
  findHeader,
  HEADER_BYTES,
  hasLink,
  isWhole,
  type Link,
  linkAfter,
  readFormat,
} from './frame.ts';
import { LogError } from './logError.ts';

/** How much is read at once, unless a single frame is larger. */
const WINDOW_BYTES = 256 * 1024;

export interface FrameRead {
  /** The position of the frame in the file. */
  readonly offset: number;
  readonly records: readonly Json[];
}

/** What follows the last whole frame. */
export interface Ending {
  /** The position of the next frame; 0 if even the format line is incomplete. */
  readonly end: number;
  /** The link of the next frame. */
  readonly link: Link;
  /** The length of the torn tail in bytes. */
  readonly torn: number;
}

/**
 * Yields the frames in order, and returns where they end. Throws a LogError: E_LOG_VERSION, or
 * E_LOG_CORRUPT with the offset of the damage. `path` is for messages.
 */
export async function* readFrames(
  file: DiskFile,
  path: string,
): AsyncGenerator<FrameRead, Ending, void> {
  const { size } = file;
  const window = new Window(file);
  const first = await readFormatLine(window, size, path);
  if (first !== undefined) return first;
  let offset = FORMAT_LINE.length;
  let link = FIRST_LINK;
  while (offset < size) {
    const header = decodeHeader(await window.at(offset, HEADER_BYTES));
    if (header !== undefined && !hasLink(header, link)) throw notLinked(header, link, offset, path);
    const begin = offset + HEADER_BYTES;
    // A length beyond the end of the file is not read, so a damaged length allocates no memory.
    const isInside = header !== undefined && header.length <= size - begin;
    const payload = isInside ? await window.at(begin, header.length) : undefined;
    if (header === undefined || payload === undefined || !isWhole(header, payload)) break;
    yield { offset, records: decodeAt(payload, offset, path) };
    offset = begin + header.length;
    link = linkAfter(header);
  }
  if (offset < size) await assertTorn(window, offset, size, path);
  return { end: offset, link, torn: size - offset };
}

/** Returns undefined if the line is complete; the ending if the file was cut within it. */
async function readFormatLine(
  window: Window,
  size: number,
  path: string,
): Promise<Ending | undefined> {
  const start = await window.at(0, Math.min(size, FORMAT_LINE_BYTES));
  const version = readFormat(start);
  if (version === FORMAT) return undefined;
  if (version !== undefined) {
    const age = version < FORMAT ? 'an earlier' : 'a later';
    const known = `of ${age} version of this program; this one reads format ${FORMAT}`;
    throw new LogError('E_LOG_VERSION', `${path}: format ${version}, ${known}`);
  }
  if (!isCutLine(start)) throw new LogError('E_LOG_CORRUPT', `${path}: not a log, at byte 0`);
  await assertTorn(window, 0, size, path);
  return { end: 0, link: FIRST_LINK, torn: size };
}

function notLinked(
  { number }: FrameHeader,
  expected: Link,
  offset: number,
  path: string,
): LogError {
  const why =
    number === expected.number
      ? `frame ${number} does not follow on the one before: one of them is of another file`
      : `frame ${number} in the place of frame ${expected.number}`;
  return new LogError('E_LOG_CORRUPT', `${path}: at byte ${offset}: ${why}`);
}

/** Whether `start` is a prefix of the format line, followed only by zeros. */
function isCutLine(start: Uint8Array): boolean {
  let at = 0;
  while (at < start.length && start[at] === FORMAT_LINE[at]) at += 1;
  return start.subarray(at).every((byte) => byte === 0);
}

function decodeAt(payload: Uint8Array, offset: number, path: string): readonly Json[] {
  try {
    return decodePayload(payload);
  } catch (error) {
    const why = (error as Error).message;
    throw new LogError('E_LOG_CORRUPT', `${path}: no records at byte ${offset}: ${why}`);
  }
}

/** Throws E_LOG_CORRUPT if a frame begins anywhere after `bad`. */
async function assertTorn(window: Window, bad: number, size: number, path: string): Promise<void> {
  let from = bad + 1;
  while (from + HEADER_BYTES <= size) {
    const bytes = await window.at(from, Math.min(WINDOW_BYTES, size - from));
    const found = findHeader(bytes);
    if (found >= 0) {
      const where = `at byte ${bad}, before a record at byte ${from + found}`;
      throw new LogError('E_LOG_CORRUPT', `${path}: damaged ${where}`);
    }
    // Overlaps the next piece, in case a header crosses the boundary.
    from += Math.max(1, bytes.length - HEADER_BYTES + 1);
  }
}

/** Reads a file through a buffer that holds one piece of it. */
class Window {
  readonly #file: DiskFile;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(file: DiskFile) {
    this.#file = file;
  }

  /** Returns `length` bytes; fewer only at the end of the file. Valid until the next call. */
  async at(position: number, length: number): Promise<Uint8Array> {
    const isHere = position >= this.#start && position + length <= this.#start + this.#bytes.length;
    if (!isHere) {
      this.#bytes = await this.#file.read(position, Math.max(length, WINDOW_BYTES));
      this.#start = position;
    }
    return this.#bytes.subarray(position - this.#start, position - this.#start + length);
  }
}

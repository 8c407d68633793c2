// Reads a file of frames from its beginning, a piece at a time, and tells a torn tail from damage.
//
// Only one frame at a time is written and not yet synced: the next one is not begun before. So
// after a crash at most the last frame can be less than whole; whatever has a frame behind it was
// once durable, and if it is bad now, it was damaged later. A header is enough to be a frame:
//   bad, and no header anywhere behind it     a torn tail, which nobody was told of
//   bad, and a header somewhere behind it     damage: what follows may not be believed either
// A whole header that does not link to the frame before it is damage, too: no unfinished write
// leaves one.
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

/** How much is read at a time, unless a single frame is larger. */
const WINDOW_BYTES = 256 * 1024;

export interface FrameRead {
  /** Where the frame begins. */
  readonly offset: number;
  readonly records: readonly Json[];
}

/** What was found behind the last whole frame. */
export interface Ending {
  /** Where the next frame belongs: 0 if not even the format's line is whole. */
  readonly end: number;
  /** The link that it must have. */
  readonly link: Link;
  /** How many bytes of a torn tail follow. */
  readonly torn: number;
}

/**
 * Gives the frames in order, and at last where they end. Throws a LogError: E_LOG_VERSION, or
 * E_LOG_CORRUPT with the offset of what is damaged. `path` is for messages.
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
    // A length beyond the file's end is not read, however large: nothing is allocated for it.
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

/** Undefined if the line is there; the ending of a file that was cut within it. */
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

/** A beginning of the line, and zeros behind it. */
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

/** Throws E_LOG_CORRUPT if a frame begins anywhere behind `bad`. */
async function assertTorn(window: Window, bad: number, size: number, path: string): Promise<void> {
  let from = bad + 1;
  while (from + HEADER_BYTES <= size) {
    const bytes = await window.at(from, Math.min(WINDOW_BYTES, size - from));
    const found = findHeader(bytes);
    if (found >= 0) {
      const where = `at byte ${bad}, before a record at byte ${from + found}`;
      throw new LogError('E_LOG_CORRUPT', `${path}: damaged ${where}`);
    }
    // A header may lie across the end of what was looked at.
    from += Math.max(1, bytes.length - HEADER_BYTES + 1);
  }
}

/** A file seen through a piece of it that is in memory. */
class Window {
  readonly #file: DiskFile;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(file: DiskFile) {
    this.#file = file;
  }

  /** `length` bytes, fewer only at the file's end. Good until the next call. */
  async at(position: number, length: number): Promise<Uint8Array> {
    const isHere = position >= this.#start && position + length <= this.#start + this.#bytes.length;
    if (!isHere) {
      this.#bytes = await this.#file.read(position, Math.max(length, WINDOW_BYTES));
      this.#start = position;
    }
    return this.#bytes.subarray(position - this.#start, position - this.#start + length);
  }
}

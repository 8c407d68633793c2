// How records lie in a file. A file begins with a line that names the format; then come frames,
// each one group of records that were written and synced together.
//
//   causeway log 2\n | header 24 | payload | header 24 | payload | ...
//   header: mark 4 | length 4 | number 4 | link 4 | sum of the payload 4 | sum of the 20 before 4
//
// Numbers are unsigned, the lowest byte first; sums are CRC-32C. The payload is a JSON array in
// UTF-8. The mark has bytes that UTF-8 never has, so it is in no payload.
//
// The frames of a file are a chain: each has its number, counted from 0, and links to the header
// before it by that one's sum, which covers its payload and its link. So a frame that was removed,
// repeated or moved is noticed, and one that comes from another file.
import type { Json } from '../kernel/json.ts';
import { crc32c } from './crc32c.ts';

export const FORMAT = 2;
export const FORMAT_LINE: Uint8Array = Buffer.from(`causeway log ${FORMAT}\n`, 'latin1');
/** The most bytes that the line has in any version. */
export const FORMAT_LINE_BYTES = 32;
const ANY_FORMAT_LINE = /^causeway log ([1-9][0-9]*)\n/;

export const HEADER_BYTES = 24;
/** Records are written together up to this many characters; a single one may be longer. */
export const GROUP_LENGTH = 1024 * 1024;

const MARK = Buffer.of(0xff, 0x63, 0x77, 0xfe);

/** What ties a frame to the one before it. */
export interface Link {
  readonly number: number;
  /** The sum of the header before; 0 for the first frame. */
  readonly before: number;
}

export const FIRST_LINK: Link = { number: 0, before: 0 };

export interface FrameHeader extends Link {
  /** Of the payload, in bytes. */
  readonly length: number;
  readonly checksum: number;
  /** Of the header. */
  readonly sum: number;
}

/** The version that a file's first bytes name, or undefined. */
export function readFormat(bytes: Uint8Array): number | undefined {
  const line = ANY_FORMAT_LINE.exec(Buffer.from(bytes).toString('latin1'));
  return line === null ? undefined : Number(line[1]);
}

/** One frame with these records, each given as its JSON. */
export function encodeFrame(texts: readonly string[], link: Link = FIRST_LINK): Uint8Array {
  const payload = `[${texts.join(',')}]`;
  const length = Buffer.byteLength(payload);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  MARK.copy(frame);
  frame.writeUInt32LE(length, 4);
  frame.writeUInt32LE(link.number, 8);
  frame.writeUInt32LE(link.before, 12);
  frame.write(payload, HEADER_BYTES, 'utf8');
  frame.writeUInt32LE(crc32c(frame.subarray(HEADER_BYTES)), 16);
  frame.writeUInt32LE(crc32c(frame.subarray(0, 20)), 20);
  return frame;
}

/** The header at the beginning of `bytes`, or undefined if there is none that is whole. */
export function decodeHeader(bytes: Uint8Array): FrameHeader | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (!view.subarray(0, 4).equals(MARK)) return undefined;
  if (view.readUInt32LE(20) !== crc32c(view.subarray(0, 20))) return undefined;
  return {
    length: view.readUInt32LE(4),
    number: view.readUInt32LE(8),
    before: view.readUInt32LE(12),
    checksum: view.readUInt32LE(16),
    sum: view.readUInt32LE(20),
  };
}

/** The link of the frame that follows on one with this header. */
export function linkAfter({ number, sum }: Pick<FrameHeader, 'number' | 'sum'>): Link {
  return { number: (number + 1) >>> 0, before: sum };
}

/** The same, for one that `encodeFrame` has made. */
export function linkAfterFrame(frame: Uint8Array): Link {
  const view = Buffer.from(frame.buffer, frame.byteOffset, HEADER_BYTES);
  return linkAfter({ number: view.readUInt32LE(8), sum: view.readUInt32LE(20) });
}

export function hasLink(header: FrameHeader, { number, before }: Link): boolean {
  return header.number === number && header.before === before;
}

export function isWhole({ length, checksum }: FrameHeader, payload: Uint8Array): boolean {
  return payload.length === length && crc32c(payload) === checksum;
}

/** The records of a payload. Throws an Error if it holds something else. */
export function decodePayload(payload: Uint8Array): readonly Json[] {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8');
  const records: unknown = JSON.parse(text);
  if (!Array.isArray(records)) throw new Error('not a list of records');
  return records;
}

/** Where a whole header begins in `bytes`, or -1. What is cut off at the end is not found. */
export function findHeader(bytes: Uint8Array): number {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = view.indexOf(MARK); at >= 0; at = view.indexOf(MARK, at + 1)) {
    if (decodeHeader(bytes.subarray(at)) !== undefined) return at;
  }
  return -1;
}

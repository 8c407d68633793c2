// The file format of records. A file begins with a line that names the format. Frames follow; each
// one is a group of records that were written and synced together.
//
//   causeway log 2\n | header 24 | payload | header 24 | payload | ...
//   header: mark 4 | length 4 | number 4 | link 4 | sum of the payload 4 | sum of the 20 before 4
//
// Numbers are unsigned and little-endian; sums are CRC-32C. The payload is a JSON array in UTF-8.
// The mark has bytes that never occur in UTF-8, so no payload contains it.
//
// The frames of a file form a chain. Each has a number, counted from 0, and the sum of the header
// before it, which covers that frame's payload and link. This detects frames that were removed,
// repeated, moved, or copied from another file.
import type { Json } from '../kernel/json.ts';
import { utf8BytesOf } from '../kernel/limits.ts';
import { crc32c } from './crc32c.ts';

export const FORMAT = 2;
const ENCODER = new TextEncoder();
/** Invalid UTF-8 becomes U+FFFD; the checksum has detected it before. */
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

export const FORMAT_LINE: Uint8Array = ENCODER.encode(`causeway log ${FORMAT}\n`);
/** The maximum length of the format line in any version. */
export const FORMAT_LINE_BYTES = 32;
const ANY_FORMAT_LINE = /^causeway log ([1-9][0-9]*)\n/;

export const HEADER_BYTES = 24;
/** A group has at most this many characters; a single record may be longer. */
export const GROUP_LENGTH = 1024 * 1024;

const MARK = Uint8Array.of(0xff, 0x63, 0x77, 0xfe);
const MARK_BEGINS = 0xff;

/** Connects a frame to the frame before it. */
export interface Link {
  readonly number: number;
  /** The sum of the previous header; 0 for the first frame. */
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

/** The format version in the first bytes of a file, or undefined. */
export function readFormat(bytes: Uint8Array): number | undefined {
  const line = ANY_FORMAT_LINE.exec(DECODER.decode(bytes.subarray(0, FORMAT_LINE_BYTES)));
  return line === null ? undefined : Number(line[1]);
}

/** Encodes one frame with these records; each record is given as its JSON text. */
export function encodeFrame(texts: readonly string[], link: Link = FIRST_LINK): Uint8Array {
  const payload = `[${texts.join(',')}]`;
  const length = utf8BytesOf(payload);
  const frame = new Uint8Array(HEADER_BYTES + length);
  frame.set(MARK);
  const view = viewOf(frame);
  view.setUint32(4, length, true);
  view.setUint32(8, link.number, true);
  view.setUint32(12, link.before, true);
  ENCODER.encodeInto(payload, frame.subarray(HEADER_BYTES));
  view.setUint32(16, crc32c(frame.subarray(HEADER_BYTES)), true);
  view.setUint32(20, crc32c(frame.subarray(0, 20)), true);
  return frame;
}

/** Decodes the header at the beginning of `bytes`; undefined if there is no valid one. */
export function decodeHeader(bytes: Uint8Array): FrameHeader | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  if (!MARK.every((byte, index) => bytes[index] === byte)) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(20, true) !== crc32c(bytes.subarray(0, 20))) return undefined;
  return {
    length: view.getUint32(4, true),
    number: view.getUint32(8, true),
    before: view.getUint32(12, true),
    checksum: view.getUint32(16, true),
    sum: view.getUint32(20, true),
  };
}

/** The link of the frame that follows a frame with this header. */
export function linkAfter({ number, sum }: Pick<FrameHeader, 'number' | 'sum'>): Link {
  return { number: (number + 1) >>> 0, before: sum };
}

/** As `linkAfter`, for a frame made by `encodeFrame`. */
export function linkAfterFrame(frame: Uint8Array): Link {
  const view = viewOf(frame);
  return linkAfter({ number: view.getUint32(8, true), sum: view.getUint32(20, true) });
}

export function hasLink(header: FrameHeader, { number, before }: Link): boolean {
  return header.number === number && header.before === before;
}

export function isWhole({ length, checksum }: FrameHeader, payload: Uint8Array): boolean {
  return payload.length === length && crc32c(payload) === checksum;
}

/** The records of a payload. Throws an Error if it is not an array of records. */
export function decodePayload(payload: Uint8Array): readonly Json[] {
  const records: unknown = JSON.parse(DECODER.decode(payload));
  if (!Array.isArray(records)) throw new Error('not a list of records');
  return records;
}

/** The position of the first header, or -1. One cut off at the end is not found. */
export function findHeader(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(MARK_BEGINS); at >= 0; at = bytes.indexOf(MARK_BEGINS, at + 1)) {
    if (decodeHeader(bytes.subarray(at)) !== undefined) return at;
  }
  return -1;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

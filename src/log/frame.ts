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
import { utf8BytesOf } from '../kernel/limits.ts';
import { crc32c } from './crc32c.ts';

export const FORMAT = 2;
const ENCODER = new TextEncoder();
/** What is no UTF-8 becomes U+FFFD: a checksum has found it before. */
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

export const FORMAT_LINE: Uint8Array = ENCODER.encode(`causeway log ${FORMAT}\n`);
/** The most bytes that the line has in any version. */
export const FORMAT_LINE_BYTES = 32;
const ANY_FORMAT_LINE = /^causeway log ([1-9][0-9]*)\n/;

export const HEADER_BYTES = 24;
/** Records are written together up to this many characters; a single one may be longer. */
export const GROUP_LENGTH = 1024 * 1024;

const MARK = Uint8Array.of(0xff, 0x63, 0x77, 0xfe);
const MARK_BEGINS = 0xff;

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
  const line = ANY_FORMAT_LINE.exec(DECODER.decode(bytes.subarray(0, FORMAT_LINE_BYTES)));
  return line === null ? undefined : Number(line[1]);
}

/** One frame with these records, each given as its JSON. */
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

/** The header at the beginning of `bytes`, or undefined if there is none that is whole. */
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

/** The link of the frame that follows on one with this header. */
export function linkAfter({ number, sum }: Pick<FrameHeader, 'number' | 'sum'>): Link {
  return { number: (number + 1) >>> 0, before: sum };
}

/** The same, for one that `encodeFrame` has made. */
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

/** The records of a payload. Throws an Error if it holds something else. */
export function decodePayload(payload: Uint8Array): readonly Json[] {
  const records: unknown = JSON.parse(DECODER.decode(payload));
  if (!Array.isArray(records)) throw new Error('not a list of records');
  return records;
}

/** Where a whole header begins in `bytes`, or -1. What is cut off at the end is not found. */
export function findHeader(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(MARK_BEGINS); at >= 0; at = bytes.indexOf(MARK_BEGINS, at + 1)) {
    if (decodeHeader(bytes.subarray(at)) !== undefined) return at;
  }
  return -1;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

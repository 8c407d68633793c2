// How records lie in a file. A file begins with a line that names the format; then come frames,
// each one group of records that were written and synced together.
//
//   causeway log 1\n | mark 4 | length 4 | sum of the payload 4 | sum of the 12 before 4 | payload
//
// Numbers are unsigned, the lowest byte first; sums are CRC-32C. The payload is a JSON array in
// UTF-8. The mark has bytes that UTF-8 never has, so it is in no payload.
import type { Json } from '../kernel/json.ts';
import { crc32c } from './crc32c.ts';

export const FORMAT = 1;
export const FORMAT_LINE: Uint8Array = Buffer.from(`causeway log ${FORMAT}\n`, 'latin1');
/** The most bytes that the line has in any version. */
export const FORMAT_LINE_BYTES = 32;
const ANY_FORMAT_LINE = /^causeway log ([1-9][0-9]*)\n/;

export const HEADER_BYTES = 16;
/** Records are written together up to this many characters; a single one may be longer. */
export const GROUP_LENGTH = 1024 * 1024;

const MARK = Buffer.of(0xff, 0x63, 0x77, 0xfe);

export interface FrameHeader {
  /** Of the payload, in bytes. */
  readonly length: number;
  readonly checksum: number;
}

/** The version that a file's first bytes name, or undefined. */
export function readFormat(bytes: Uint8Array): number | undefined {
  const line = ANY_FORMAT_LINE.exec(Buffer.from(bytes).toString('latin1'));
  return line === null ? undefined : Number(line[1]);
}

/** One frame with these records, each given as its JSON. */
export function encodeFrame(texts: readonly string[]): Uint8Array {
  const payload = `[${texts.join(',')}]`;
  const length = Buffer.byteLength(payload);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  MARK.copy(frame);
  frame.writeUInt32LE(length, 4);
  frame.write(payload, HEADER_BYTES, 'utf8');
  frame.writeUInt32LE(crc32c(frame.subarray(HEADER_BYTES)), 8);
  frame.writeUInt32LE(crc32c(frame.subarray(0, 12)), 12);
  return frame;
}

/** The header at the beginning of `bytes`, or undefined if there is none that is whole. */
export function decodeHeader(bytes: Uint8Array): FrameHeader | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (!view.subarray(0, 4).equals(MARK)) return undefined;
  if (view.readUInt32LE(12) !== crc32c(view.subarray(0, 12))) return undefined;
  return { length: view.readUInt32LE(4), checksum: view.readUInt32LE(8) };
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

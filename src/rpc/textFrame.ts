// The frames of most messages: one text in one piece (RFC 6455, section 5.2). The ws library writes
// header and text separately, and reads through a stream of its own. This does the part of its work
// that is needed for each message, at a fraction of the cost. ws does everything else, and sends
// nothing of its own in between.
import { isAscii } from 'node:buffer';

/** The only or last frame of a message, of type text. */
const FINAL_TEXT = 0x81;
const MASKED = 0x80;
/** The codes for a length that follows in two bytes, or in eight. */
const [IN_TWO, IN_EIGHT] = [126, 127];
/**
 * The dialing end must mask. A mask of zeros changes nothing and is enough: masks protect proxies,
 * which could read a frame as a request (section 10.3), and there are none on the way to 127.0.0.1.
 */
const MASK = '\0\0\0\0';

/** To be written as latin1: Node writes a string without a buffer, but that has to be ASCII. */
export function writeTextFrame(text: string, isMasked: boolean): string | Buffer {
  const length = Buffer.byteLength(text);
  const head = writeHead(length, isMasked ? MASKED : 0) + (isMasked ? MASK : '');
  if (length === text.length) return head + text;
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(text)]);
}

/** Of a frame of less than 4 GiB, a character for each byte. */
function writeHead(length: number, masked: number): string {
  if (length < IN_TWO) return String.fromCharCode(FINAL_TEXT, masked | length);
  const [high, low] = [(length >>> 8) & 0xff, length & 0xff];
  if (length < 2 ** 16) return String.fromCharCode(FINAL_TEXT, masked | IN_TWO, high, low);
  const [first, second] = [length >>> 24, (length >>> 16) & 0xff];
  return String.fromCharCode(FINAL_TEXT, masked | IN_EIGHT, 0, 0, 0, 0, first, second, high, low);
}

/**
 * The texts of a chunk that begins where a frame does, if it has nothing but whole frames of at
 * most `mostBytes`, each with one ASCII text of less than 64 KiB, masked as `writeTextFrame` does
 * it. Otherwise undefined.
 */
export function readTextFrames(
  chunk: Buffer,
  isMasked: boolean,
  mostBytes: number,
): string[] | undefined {
  const texts: string[] = [];
  const mask = isMasked ? MASKED : 0;
  for (let at = 0; at < chunk.length; ) {
    const short = (chunk[at + 1] ?? 0) ^ mask;
    if (chunk[at] !== FINAL_TEXT || short > IN_TWO) return undefined;
    let begin = at + (short === IN_TWO ? 4 : 2);
    if (isMasked) begin += MASK.length;
    if (begin > chunk.length) return undefined;
    if (isMasked && chunk.readUInt32BE(begin - MASK.length) !== 0) return undefined;
    const length = short === IN_TWO ? chunk.readUInt16BE(at + 2) : short;
    const isMinimal = short < IN_TWO || length >= IN_TWO;
    const text = chunk.subarray(begin, begin + length);
    if (text.length < length || length > mostBytes || !isMinimal) return undefined;
    if (!isAscii(text)) return undefined;
    texts.push(text.toString('latin1'));
    at = begin + length;
  }
  return texts;
}

// A message's WebSocket frame in one piece (RFC 6455, section 5.2). ws hands header and text to the
// system apart, which costs a tenth of a put: this is the half of its work that is done for each
// message that we send. All else is left to ws, which sends nothing of its own in between.

/** The last frame of a message, which is text. */
const FINAL_TEXT = 0x81;
const MASKED = 0x80;
/** What stands for a length that follows in two bytes, or in eight. */
const [IN_TWO, IN_EIGHT] = [126, 127];

/**
 * Whoever dials has to mask. A mask of zeros changes nothing, and is enough: masks protect proxies
 * on the way, which could take a frame for a request (section 10.3); to 127.0.0.1 there are none.
 */
export function writeTextFrame(text: string, isMasked: boolean): Buffer {
  const length = Buffer.byteLength(text);
  const extra = length < IN_TWO ? 0 : length < 2 ** 16 ? 2 : 8;
  const begin = 2 + extra + (isMasked ? 4 : 0);
  const frame = Buffer.allocUnsafe(begin + length);
  const short = extra === 0 ? length : extra === 2 ? IN_TWO : IN_EIGHT;
  frame[0] = FINAL_TEXT;
  frame[1] = isMasked ? short | MASKED : short;
  if (extra === 2) frame.writeUInt16BE(length, 2);
  if (extra === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  if (isMasked) frame.fill(0, begin - 4, begin);
  frame.write(text, begin);
  return frame;
}

// SHA-1 (FIPS 180-4, section 6.1), for the tokens of servers and keys on the ring. Written out
// because code of both worlds must not use Node's modules, and the web's digest is asynchronous.
// Not used for security: it spreads keys, as in the design that the protocol follows.
const BLOCK_BYTES = 64;
const INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const;

const encoder = new TextEncoder();

/** The digest of the text's UTF-8 bytes: 40 hexadecimal digits. */
export function sha1(text: string): string {
  const words = new DataView(pad(encoder.encode(text)).buffer);
  const schedule = new Uint32Array(80);
  let hash: Hash = INITIAL;
  for (let offset = 0; offset < words.byteLength; offset += BLOCK_BYTES) {
    for (let t = 0; t < 16; t += 1) schedule[t] = words.getUint32(offset + 4 * t);
    hash = digestBlock(hash, schedule);
  }
  return hash.map((word) => word.toString(16).padStart(8, '0')).join('');
}

type Hash = readonly [number, number, number, number, number];

/** Section 5.1.1: appends a one, zeros, and the length in bits, up to a whole number of blocks. */
function pad(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil((bytes.length + 9) / BLOCK_BYTES);
  const padded = new Uint8Array(blocks * BLOCK_BYTES);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, (bytes.length * 8) >>> 0);
  return padded;
}

/** The first 16 words of `w` are the block; the others are computed here. */
function digestBlock(hash: Hash, w: Uint32Array): Hash {
  const word = (t: number): number => w[t] as number;
  for (let t = 16; t < 80; t += 1) {
    w[t] = rotate(word(t - 3) ^ word(t - 8) ^ word(t - 14) ^ word(t - 16), 1);
  }
  let [a, b, c, d, e] = hash;
  for (let t = 0; t < 80; t += 1) {
    const next = (rotate(a, 5) + mix(t, b, c, d) + e + word(t)) >>> 0;
    [a, b, c, d, e] = [next, a, rotate(b, 30), c, d];
  }
  const [h0, h1, h2, h3, h4] = hash;
  return [(h0 + a) >>> 0, (h1 + b) >>> 0, (h2 + c) >>> 0, (h3 + d) >>> 0, (h4 + e) >>> 0];
}

/** The function of section 4.1.1 and the constant of section 4.2.1, added. */
function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return ((b & c) ^ (~b & d)) + 0x5a827999;
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (t < 60) return ((b & c) ^ (b & d) ^ (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function rotate(word: number, bits: number): number {
  return ((word << bits) | (word >>> (32 - bits))) >>> 0;
}

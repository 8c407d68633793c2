// Digests of 64 bits, as two words of 32. A node's digest is the exclusive or of those of its
// entries, so that a write changes it in one step, whatever else the node has.
//
// That needs entry digests that look random. With a linear one, such as a CRC, two entries that
// change in the same way would cancel each other. MurmurHash3's mixing (Appleby, 2011) is not
// linear. Two sets of entries then have equal digests with a probability of 2^-64 for each pair of
// nodes that is compared; a server that lies can make them equal, so this is not for peers that are
// not trusted (Bellare & Micciancio, "A New Paradigm for Collision-Free Hashing", EUROCRYPT 1997).

export interface Digest {
  readonly high: number;
  readonly low: number;
}

export const NO_DIGEST: Digest = { high: 0, low: 0 };

/** The place of a key in the tree: 32 bits, the highest first. */
export function placeOf(key: string): number {
  return mix(key, 0x2f0b4a47);
}

/** Of a key with its content. */
export function digestOf(key: string, content: string): Digest {
  const text = `${key.length} ${key}${content}`;
  return { high: mix(text, 0x51ed270b), low: mix(text, 0x1b873593) };
}

export function combine(a: Digest, b: Digest): Digest {
  return { high: (a.high ^ b.high) >>> 0, low: (a.low ^ b.low) >>> 0 };
}

/** MurmurHash3_x86_32 over UTF-16 code units, a block each. */
function mix(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    const block = Math.imul(rotate(Math.imul(text.charCodeAt(index), 0xcc9e2d51), 15), 0x1b873593);
    hash = (Math.imul(rotate(hash ^ block, 13), 5) + 0xe6546b64) | 0;
  }
  hash ^= text.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

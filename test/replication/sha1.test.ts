import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha1 } from '../../src/replication/sha1.ts';

describe('SHA-1', () => {
  it.each([
    ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '84983e441c3bd26ebaae4aa1f95129e5e54670f1',
    ],
    ['a'.repeat(1_000_000), '34aa973cd4c4daa4f61eeb2bdbad27316534016f'],
  ])('gives the digests of FIPS 180: %.20s', (text, digest) => {
    expect(sha1(text)).toBe(digest);
  });

  it('agrees with another implementation at every length around a block, beyond ASCII too', () => {
    for (let length = 0; length < 200; length += 1) {
      const text = 'é€x𝄞'
        .repeat(length)
        .slice(0, length)
        .replace(/[\ud800-\udfff]/g, '?');
      expect(sha1(text)).toBe(createHash('sha1').update(text).digest('hex'));
    }
  });
});

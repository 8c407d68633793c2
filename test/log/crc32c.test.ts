// The table-driven checksum, compared with the definition, bit by bit.
import { expect, it } from 'vitest';
import { createRandomStream } from '../../src/kernel/random.ts';
import { crc32c } from '../../src/log/crc32c.ts';

/** The definition, bit by bit. */
function slow(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

it.each([
  ['nothing', Buffer.alloc(0), 0],
  ['the check value of the catalogues', Buffer.from('123456789'), 0xe3069283],
  ['32 zeros (RFC 3720, B.4)', Buffer.alloc(32), 0x8a9136aa],
  ['32 ones (RFC 3720, B.4)', Buffer.alloc(32, 0xff), 0x62a8ab43],
  [
    'rising bytes (RFC 3720, B.4)',
    Buffer.from(Array.from({ length: 32 }, (_, i) => i)),
    0x46dd794e,
  ],
])('sums up %s', (_what, bytes, sum) => {
  expect(crc32c(bytes)).toBe(sum);
});

it('is what the definition says, for every length and place in memory', () => {
  const random = createRandomStream(1, 'crc');
  const memory = Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)));
  for (let begin = 0; begin < 9; begin += 1) {
    for (let length = 0; length < 100; length += 1) {
      const bytes = memory.subarray(begin, begin + length);
      expect(crc32c(bytes)).toBe(slow(bytes));
    }
  }
});

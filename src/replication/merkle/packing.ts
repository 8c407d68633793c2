// Numbers of fixed size as one text of JSON: base64 of their bytes, the highest first.
import type { Digest } from './digest.ts';

export const WORD_BYTES = 4;
export const DIGEST_BYTES = 2 * WORD_BYTES;

export function packWords(words: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(WORD_BYTES * words.length));
  for (const [index, word] of words.entries()) view.setUint32(WORD_BYTES * index, word);
  return packBytes(new Uint8Array(view.buffer));
}

export function unpackWords(text: string): number[] {
  const { buffer } = unpackBytes(text);
  const view = new DataView(buffer);
  const count = view.byteLength / WORD_BYTES;
  return Array.from({ length: count }, (_, index) => view.getUint32(WORD_BYTES * index));
}

export function packDigests(digests: readonly Digest[]): string {
  return packWords(digests.flatMap(({ high, low }) => [high, low]));
}

export function unpackDigests(text: string): Digest[] {
  const words = unpackWords(text);
  return Array.from({ length: words.length / 2 }, (_, index) => {
    return { high: words[2 * index] as number, low: words[2 * index + 1] as number };
  });
}

export function packBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export function unpackBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Whether the text is so many bytes, or a multiple of `unit` of them. */
export function isPacked(x: unknown, unit: number): x is string {
  if (typeof x !== 'string' || x.length % 4 !== 0 || !BASE64.test(x)) return false;
  return packedBytes(x) % unit === 0;
}

/** How many bytes a packed text has. */
export function packedBytes(text: string): number {
  return (text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
}

// Which texts are keys: any with partitioner=hash, otherwise the first whole numbers in decimal.
import type { Options } from '../../kernel/protocol.ts';
import { readSettings, type Settings } from './options.ts';

/** With byteOrdered: the number of keys. */
export const ORDERED_KEYS = 256;
const NUMBER = /^(?:0|[1-9][0-9]{0,6})$/;

/** Why a text is not a key, or undefined. */
export function refuseKey(key: string, chosen: Options): string | undefined {
  const settings = readSettings(chosen);
  const keys = keysOf(settings);
  if (isKeyBelow(keys, key)) return undefined;
  return `with partitioner=${settings.partitioner} keys are the numbers 0 to ${keys - 1}`;
}

/** Keys of different ranges. */
export function sampleKeys(chosen: Options): readonly string[] | undefined {
  if (chosen.partitioner === 'byteOrdered') return ['137', '5', '70', '255'];
  const last = Number(chosen.keys) - 1;
  const spread = [0, 0.4, 0.7, 1].map((share) => String(Math.floor(share * last)));
  return chosen.partitioner === 'tokens' ? [...new Set(spread)] : undefined;
}

/** Where keys are the first whole numbers: how many. Infinity where any text is a key. */
export function keysOf({ partitioner, tokens }: Pick<Settings, 'partitioner' | 'tokens'>): number {
  if (partitioner === 'byteOrdered') return ORDERED_KEYS;
  return tokens === undefined ? Number.POSITIVE_INFINITY : tokens.q * tokens.owners.length;
}

/** Whether a text is one of so many keys (`keysOf`). */
export function isKeyBelow(keys: number, key: string): boolean {
  return keys === Number.POSITIVE_INFINITY || (NUMBER.test(key) && Number(key) < keys);
}

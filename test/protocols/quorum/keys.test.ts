import { describe, expect, it } from 'vitest';
import { completeOptions } from '../../../src/kernel/protocol.ts';
import { quorum } from '../../../src/protocols/quorum/index.ts';
import { refuseKey, sampleKeys } from '../../../src/protocols/quorum/keys.ts';

const withDefaults = (given: Record<string, string>) => completeOptions(quorum, given);

describe('a key', () => {
  it('is any text with partitioner=hash', () => {
    expect(['x', '', '256', '-1'].map((key) => refuseKey(key, withDefaults({})))).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('is a number from 0 to 255 in decimal with byteOrdered', () => {
    const ordered = withDefaults({ partitioner: 'byteOrdered' });
    const refused = ['', 'x', '256', '-1', '01', '1.0', '1e2', ' 1', '1000'];
    for (const key of refused) expect(refuseKey(key, ordered), key).toMatch(/0 to 255/);
    for (const key of ['0', '9', '63', '255']) expect(refuseKey(key, ordered), key).toBe(undefined);
  });
});

describe('a key of partitioner=tokens', () => {
  const given = withDefaults({ partitioner: 'tokens' });

  it('is a number below `keys`', () => {
    for (const key of ['', 'x', '8', '-1', '01']) expect(refuseKey(key, given)).toMatch(/0 to 7/);
    for (const key of ['0', '7']) expect(refuseKey(key, given)).toBe(undefined);
  });

  it('has samples that are keys, of several tokens', () => {
    expect(sampleKeys(given)).toEqual(['0', '2', '4', '7']);
    expect(sampleKeys(withDefaults({ partitioner: 'tokens', keys: '1' }))).toEqual(['0']);
  });
});

// The limits of the real world: their values, and an immediate error for an invalid one.
import { describe, expect, it } from 'vitest';
import { completeLimits, RPC_LIMITS } from '../../src/rpc/limits.ts';

describe('limits', () => {
  it('are those of the documentation', () => {
    expect(RPC_LIMITS).toMatchObject({
      messageBytes: 1024 * 1024,
      jsonDepth: 32,
      batchItems: 100,
      sockets: 128,
      headerTimeoutMs: 5_000,
      requestTimeoutMs: 10_000,
    });
  });

  it('can be changed one by one', () => {
    expect(completeLimits({ sockets: 3 })).toEqual({ ...RPC_LIMITS, sockets: 3 });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 1.5, '5', null, undefined])(
    'are never %j',
    (value) => {
      expect(() => completeLimits({ sockets: value as number })).toThrow(RangeError);
    },
  );

  it.each(['socket', '__proto__', 'constructor'])('do not know %s', (name) => {
    expect(() => completeLimits(JSON.parse(`{"${name}":5}`))).toThrow(RangeError);
  });
});

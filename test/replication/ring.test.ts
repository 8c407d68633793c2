import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isInArc, Ring, tokenOfKey, tokenOfServer } from '../../src/replication/ring.ts';

const FIVE = new Ring([0, 1, 2, 3, 4]);

describe('the ring', () => {
  it('orders servers by the SHA-1 of their ids, whatever order they come in', () => {
    expect(FIVE.ids).toEqual([4, 1, 3, 0, 2]);
    expect(new Ring([2, 0, 4, 3, 1]).ids).toEqual(FIVE.ids);
    expect(tokenOfServer(4)).toMatch(/^1b645389/);
  });

  it('gives a key to the first server at or behind its place, round the end too', () => {
    for (const key of ['apple', 'banana', 'cherry', '', '@', 'é']) {
      const place = tokenOfKey(key);
      const behind = FIVE.ids.find((id) => tokenOfServer(id) >= place) ?? FIVE.ids[0];
      expect(FIVE.ownerAt(place)).toBe(behind);
    }
    expect(FIVE.ownerAt(tokenOfServer(3))).toBe(3);
    expect(FIVE.ownerAt('f'.repeat(40))).toBe(4);
  });

  it('knows the place of a key, however many others came before', () => {
    const keys = Array.from({ length: 10_000 }, (_, at) => `k${at}`);
    const places = keys.map(tokenOfKey);
    expect(new Set(places).size).toBe(keys.length);
    expect([...keys].reverse().map(tokenOfKey).reverse()).toEqual(places);
    for (const key of ['k0', '', 'é', '\u{1f600}', 'long '.repeat(100), 'k1']) {
      expect(tokenOfKey(key)).toBe(createHash('sha1').update(key).digest('hex'));
    }
  });

  it('gives each arc the next three servers, or all there are', () => {
    expect(FIVE.holdersOf(0)).toEqual([0, 2, 4]);
    expect(FIVE.holdersOf(2)).toEqual([2, 4, 1]);
    expect(new Ring([7]).holdersOf(7)).toEqual([7]);
    expect(new Ring([0, 1]).holdersOf(0)).toEqual([0, 1]);
  });

  it('cuts itself into arcs: every key is in exactly one, that of its owner', () => {
    for (const ring of [FIVE, new Ring([7]), new Ring([0, 1])]) {
      for (let count = 0; count < 200; count += 1) {
        const place = tokenOfKey(`k${count}`);
        const owners = ring.ids.filter((id) => isInArc(ring.arcOf(id), place));
        expect(owners).toEqual([ring.ownerAt(place)]);
      }
    }
  });

  it('grows by cutting one arc in two: every other key stays', () => {
    const six = FIVE.with(5);
    expect(six.ids).toHaveLength(6);
    expect(FIVE.with(3)).toBe(FIVE);
    for (let count = 0; count < 200; count += 1) {
      const place = tokenOfKey(`k${count}`);
      const owner = six.ownerAt(place);
      if (owner !== 5) expect(owner).toBe(FIVE.ownerAt(place));
      else expect(six.holdersOf(5)[1]).toBe(FIVE.ownerAt(place));
    }
  });

  it('gives a server several tokens, and a walk each server once', () => {
    const ring = new Ring([0, 1, 2, 3], 16);
    expect(ring.tokens).toHaveLength(64);
    expect([...ring.ids].sort()).toEqual([0, 1, 2, 3]);
    const tokens = ring.tokens.map(({ token }) => token);
    expect([...tokens].sort()).toEqual(tokens);
    expect(ring.tokens.filter(({ owner }) => owner === 2)).toContainEqual({
      owner: 2,
      token: tokenOfServer(2),
    });
    for (let count = 0; count < 200; count += 1) {
      const place = tokenOfKey(`k${count}`);
      const clockwise = [
        ...ring.tokens.filter(({ token }) => token >= place),
        ...ring.tokens.filter(({ token }) => token < place),
      ];
      const walk = ring.walkFrom(place);
      expect(walk).toEqual([...new Set(clockwise.map(({ owner }) => owner))]);
      expect(walk[0]).toBe(ring.ownerAt(place));
    }
  });

  it('spreads keys over servers with several tokens more evenly than with one', () => {
    const spread = (ring: Ring): number => {
      const counts = new Map<number, number>();
      for (let count = 0; count < 4_000; count += 1) {
        const owner = ring.ownerAt(tokenOfKey(`k${count}`));
        counts.set(owner, (counts.get(owner) ?? 0) + 1);
      }
      return Math.max(...counts.values()) / Math.min(...counts.values());
    };
    const ids = [0, 1, 2, 3, 4, 5, 6, 7];
    expect(spread(new Ring(ids, 128))).toBeLessThan(spread(new Ring(ids)) / 2);
  });
});

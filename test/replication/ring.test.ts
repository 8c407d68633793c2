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
    expect(places[0]).toBe(createHash('sha1').update('k0').digest('hex'));
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
});

import { describe, expect, it } from 'vitest';
import { HashPlacement, RangePlacement, TokenPlacement } from '../../src/replication/placement.ts';
import { Ring, tokenOfKey } from '../../src/replication/ring.ts';

describe('placement by ranges', () => {
  const four = new RangePlacement([3, 1, 0, 2], 256);

  it('gives each member one range, in the order of ids', () => {
    expect(four.members).toEqual([0, 1, 2, 3]);
    const owners = ['0', '63', '64', '127', '128', '191', '192', '255'].map(
      (key) => four.preferenceOf(key)[0],
    );
    expect(owners).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });

  it('prefers the next members after the owner, round the end too', () => {
    expect(four.preferenceOf('137')).toEqual([2, 3, 0, 1]);
    expect(four.preferenceOf('255')).toEqual([3, 0, 1, 2]);
  });

  it('divides keys among any number of members', () => {
    const three = new RangePlacement([10, 20, 30], 256);
    const counts = new Map<number, number>();
    for (let key = 0; key < 256; key += 1) {
      const [owner = -1] = three.preferenceOf(String(key));
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    expect([...counts]).toEqual([
      [10, 86],
      [20, 85],
      [30, 85],
    ]);
  });

  it('lists every preference list', () => {
    expect([...four.lists()]).toEqual([
      [0, 1, 2, 3],
      [1, 2, 3, 0],
      [2, 3, 0, 1],
      [3, 0, 1, 2],
    ]);
  });
});

describe('placement by tokens', () => {
  const four = new TokenPlacement([3, 0, 1, 2], 2);

  it('begins at the owner of the token, and walks from token to token', () => {
    const lists = ['0', '1', '2', '3', '4', '5', '6', '7'].map((key) => four.preferenceOf(key));
    const [first, second, third, fourth] = [
      [3, 0, 1, 2],
      [0, 1, 2, 3],
      [1, 2, 3, 0],
      [2, 3, 0, 1],
    ];
    expect(lists).toEqual([first, first, second, second, third, third, fourth, fourth]);
    expect([...four.lists()]).toEqual([first, second, third, fourth]);
    expect(four.members).toEqual([0, 1, 2, 3]);
  });

  it('counts a server with several tokens once', () => {
    const two = new TokenPlacement([5, 5, 1, 5], 1);
    expect(two.members).toEqual([1, 5]);
    expect(['0', '1', '2', '3'].map((key) => two.preferenceOf(key))).toEqual([
      [5, 1],
      [5, 1],
      [1, 5],
      [5, 1],
    ]);
  });

  it('names each token by its last key, so that names are in order', () => {
    expect(four.tokens.map(({ owner, token }) => [owner, token])).toEqual([
      [3, '1'],
      [0, '3'],
      [1, '5'],
      [2, '7'],
    ]);
    const names = new TokenPlacement([0, 1, 0], 4).tokens.map(({ token }) => token);
    expect(names).toEqual(['03', '07', '11']);
  });
});

describe('placement by hash', () => {
  const five = new HashPlacement([4, 3, 2, 1, 0], 16);
  const ring = new Ring([0, 1, 2, 3, 4], 16);

  it('walks the ring from the token of the key', () => {
    for (const key of ['x', 'y', 'z', '', 'é']) {
      expect(five.preferenceOf(key)).toEqual(ring.walkFrom(tokenOfKey(key)));
      expect([...five.preferenceOf(key)].sort()).toEqual([0, 1, 2, 3, 4]);
    }
  });

  it('lists every preference list that a key has', () => {
    const lists = new Set(Array.from(five.lists(), String));
    for (let count = 0; count < 500; count += 1) {
      expect(lists).toContain(String(five.preferenceOf(`k${count}`)));
    }
  });

  it('is the same whatever the order of the members', () => {
    const other = new HashPlacement([0, 1, 2, 3, 4], 16);
    expect(other.preferenceOf('x')).toEqual(five.preferenceOf('x'));
  });
});

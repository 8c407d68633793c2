import { describe, expect, it } from 'vitest';
import { CausalContext } from '../../../src/clocks/causalContext.ts';
import { QuorumRing } from '../../../src/protocols/quorum/ring.ts';
import { Store } from '../../../src/protocols/quorum/store.ts';
import { at, ORDERED, put } from './writes.ts';

describe('the store of a replica', () => {
  it('keeps the newest write of each key, in whatever order they come', () => {
    for (const order of [
      [1, 2, 3],
      [3, 2, 1],
      [2, 3, 1],
    ]) {
      const store = new Store();
      for (const timestamp of order) store.merge(put('x', timestamp));
      expect(store.find('x')).toEqual([put('x', 3)]);
    }
  });

  it('orders equal timestamps by server, then by incarnation', () => {
    const store = new Store();
    const write = (id: number, incarnation: number) => ({
      ...{ key: 'x', value: `${id}.${incarnation}` },
      version: at(1, id, incarnation),
      context: null,
    });
    store.merge(write(1, 1));
    store.merge(write(0, 2));
    expect(store.find('x')[0]?.value).toBe('1.1');
    store.merge(write(1, 2));
    expect(store.find('x')[0]?.value).toBe('1.2');
  });

  it('shows no deleted key, and keeps its tombstone', () => {
    const store = new Store();
    store.merge(put('x', 1));
    store.merge(put('y', 1));
    store.merge(put('x', 2, null));
    expect([...store.values()]).toEqual([['y', 'v1']]);
    expect(store.find('x')).toEqual([put('x', 2, null)]);
    expect(store.size).toBe(2);
  });

  it('has a write when it has a later one', () => {
    const store = new Store();
    store.merge(put('x', 2));
    expect([1, 2, 3].map((timestamp) => store.has(put('x', timestamp)))).toEqual([
      ...[true, true, false],
    ]);
    expect(store.has(put('y', 1))).toBe(false);
  });

  it('collects tombstones up to the floor, and refuses what they superseded', () => {
    const store = new Store();
    store.merge(put('x', 2, null));
    store.merge(put('y', 1));
    store.merge(put('z', 4, null));
    expect(store.collect(3)).toBe(1);
    expect(store.floor).toBe(3);
    expect(Array.from(store.writes(), ({ key }) => key)).toEqual(['y', 'z']);
    expect(store.isBelowFloor(put('x', 1))).toBe(true);
    expect(store.isBelowFloor(put('x', 3))).toBe(true);
    expect(store.isBelowFloor(put('x', 4))).toBe(false);
    // The key is there, so versions decide.
    expect(store.isBelowFloor(put('y', 2))).toBe(false);
    expect(store.collect(1)).toBe(0);
    expect(store.floor).toBe(3);
  });
});

/** Counts how often it is asked where a key belongs. */
class CountingRing extends QuorumRing {
  count = 0;

  override holdersOf(key: string): readonly number[] {
    this.count += 1;
    return super.holdersOf(key);
  }
}

describe('the trees of a store', () => {
  const ring = new CountingRing(ORDERED);
  const keys = Array.from({ length: 256 }, (_, key) => String(key));

  it('follow each change, so that a comparison has to place no key', () => {
    const [grown, moved] = [new Store(), new Store()];
    grown.place(ring, 0);
    for (const store of [grown, moved]) {
      for (const key of keys.slice(0, 64)) {
        store.merge(put(key, 1));
        store.merge(put(key, 2, Number(key) % 2 === 0 ? null : 'v'));
      }
      store.collect(2);
    }
    moved.place(ring, 0);
    ring.count = 0;
    const roots = grown.forest.rootsWith(1);
    expect(roots).toHaveLength(1);
    expect(moved.forest.rootsWith(1)).toEqual(roots);
    expect(moved.forest.differing(1, roots)).toEqual([]);
    expect(ring.count).toBe(0);
    grown.merge(put('0', 3));
    expect(moved.forest.differing(1, grown.forest.rootsWith(1))).toEqual(['0,1,2']);
  });

  it('are of the keys that the server holds; the others are dropped', () => {
    const store = new Store();
    for (const key of keys) store.merge(put(key, 1));
    store.place(ring, 0);
    // All but 64 to 127, which belong to 1, 2 and 3.
    expect([...store.keys()]).toEqual([...keys.slice(0, 64), ...keys.slice(128)]);
    expect(store.forest.rootsWith(1).map(([tree]) => tree)).toEqual(['0,1,2', '0,1,3']);
  });
});

describe('the values of a store', () => {
  it('are each shown once for a key, and none for a tombstone beside them', () => {
    const store = new Store();
    const values = ['same', null, 'other', 'same'];
    for (const [id, value] of values.entries()) {
      const version = at(1, id);
      store.merge({ key: 'x', value, version, context: CausalContext.EMPTY.with(version, 0) });
    }
    store.merge(put('y', 1, null));
    store.merge(put('z', 1, 'alone'));
    expect(store.find('x')).toHaveLength(4);
    expect([...store.values()]).toEqual([
      ['x', 'same'],
      ['x', 'other'],
      ['z', 'alone'],
    ]);
  });
});

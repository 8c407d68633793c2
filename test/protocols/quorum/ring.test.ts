// Which servers hold a key under a ring.
import { describe, expect, it, vi } from 'vitest';
import { QuorumRing, type RingSpec } from '../../../src/protocols/quorum/ring.ts';
import { HashPlacement } from '../../../src/replication/placement.ts';

const KEYS = Array.from({ length: 500 }, (_, at) => `k${at}`);

function byHash(members: number, n: number, newcomer?: RingSpec['newcomer']): QuorumRing {
  return new QuorumRing({
    ...{ number: 1, partitioner: 'hash', n, vnodes: 8, versions: 'lww' },
    members: Array.from({ length: members }, (_, id) => [id, 1]),
    ...(newcomer && { newcomer }),
  });
}

function sorted(ids: Iterable<number>): number[] {
  return [...new Set(ids)].sort((a, b) => a - b);
}

describe('the holders of a key', () => {
  it('are all servers of its write lists, whatever the ring', () => {
    const newcomer = (hasCopied: boolean) => ({ life: [9, 1] as const, hasCopied });
    for (const members of [1, 2, 3, 4, 6]) {
      const rings = [undefined, newcomer(false), newcomer(true)].map((one) => {
        return byHash(members, 3, one);
      });
      for (const ring of rings) {
        for (const key of KEYS) {
          expect(sorted(ring.holdersOf(key))).toEqual(sorted(ring.writeListsOf(key).flat()));
        }
      }
    }
  });

  it('are one list for all keys of a range', () => {
    const lists = (ring: QuorumRing) => new Set(KEYS.map((key) => ring.holdersOf(key)));
    expect(lists(byHash(3, 3)).size).toBe(1);
    expect(lists(byHash(5, 3)).size).toBeLessThanOrEqual(5 * 8);
  });

  it('are known without its hash if every member holds every key', () => {
    const placed = vi.spyOn(HashPlacement.prototype, 'preferenceOf');
    const three = byHash(3, 3);
    for (const key of KEYS) expect(three.holdersOf(key)).toEqual([0, 1, 2]);
    expect(placed).not.toHaveBeenCalled();
    byHash(4, 3).holdersOf('k');
    expect(placed).toHaveBeenCalled();
    placed.mockRestore();
  });
});

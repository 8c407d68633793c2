import { describe, expect, it } from 'vitest';
import { VersionVector } from '../../../src/clocks/versionVector.ts';
import type { Life } from '../../../src/kernel/ids.ts';
import { TombstoneCollection } from '../../../src/protocols/causal/tombstoneCollection.ts';

const life = (id: number, incarnation = 1): Life => ({ id, incarnation });
const held = (timestamp: number) => VersionVector.fromTuples([[0, 1, timestamp]]);

describe('tombstones may be collected', () => {
  it('up to what the whole round before has brought, never up to what this one has', () => {
    const collection = new TombstoneCollection();
    expect(collection.conclude([life(0), life(1)], held(5))).toBeUndefined();
    expect(collection.conclude([life(1), life(0)], held(9))?.toTuples()).toEqual([[0, 1, 5]]);
    expect(collection.conclude([life(0), life(1)], held(9))?.toTuples()).toEqual([[0, 1, 9]]);
  });

  it('also when some of the servers that were reached are dead', () => {
    const collection = new TombstoneCollection();
    collection.conclude([life(0), life(1), life(2)], held(5));
    expect(collection.conclude([life(0), life(2)], held(6))).toBeDefined();
    expect(collection.conclude([life(0), life(2)], held(6))).toBeDefined();
  });

  it.each([
    ['another server', [life(0), life(1), life(2)]],
    ['another life', [life(0), life(1, 2)]],
  ])('not when %s has come, but with the round after', (_what, reached) => {
    const collection = new TombstoneCollection();
    collection.conclude([life(0), life(1)], held(5));
    expect(collection.conclude(reached, held(6))).toBeUndefined();
    expect(collection.conclude(reached, held(7))?.toTuples()).toEqual([[0, 1, 6]]);
  });
});

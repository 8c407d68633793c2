import { describe, expect, it } from 'vitest';
import { VersionVector } from '../../../src/clocks/versionVector.ts';
import type { Life } from '../../../src/kernel/ids.ts';
import { Forgetting } from '../../../src/protocols/causal/forgetting.ts';

const life = (id: number, incarnation = 1): Life => ({ id, incarnation });
const held = (timestamp: number) => VersionVector.fromTuples([[0, 1, timestamp]]);

describe('deletions may be forgotten', () => {
  it('up to what the whole round before has brought, never up to what this one has', () => {
    const forgetting = new Forgetting();
    expect(forgetting.conclude([life(0), life(1)], held(5))).toBeUndefined();
    expect(forgetting.conclude([life(1), life(0)], held(9))?.toTuples()).toEqual([[0, 1, 5]]);
    expect(forgetting.conclude([life(0), life(1)], held(9))?.toTuples()).toEqual([[0, 1, 9]]);
  });

  it('also when some of those that were reached are gone', () => {
    const forgetting = new Forgetting();
    forgetting.conclude([life(0), life(1), life(2)], held(5));
    expect(forgetting.conclude([life(0), life(2)], held(6))).toBeDefined();
    expect(forgetting.conclude([life(0), life(2)], held(6))).toBeDefined();
  });

  it.each([
    ['another server', [life(0), life(1), life(2)]],
    ['another life', [life(0), life(1, 2)]],
  ])('not when %s has come, but with the round after', (_what, reached) => {
    const forgetting = new Forgetting();
    forgetting.conclude([life(0), life(1)], held(5));
    expect(forgetting.conclude(reached, held(6))).toBeUndefined();
    expect(forgetting.conclude(reached, held(7))?.toTuples()).toEqual([[0, 1, 6]]);
  });
});

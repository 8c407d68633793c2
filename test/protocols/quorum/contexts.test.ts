// The contexts of new writes: exactly what a session knows, and the write itself.
import { describe, expect, it } from 'vitest';
import { CausalContext } from '../../../src/clocks/causalContext.ts';
import { Contexts } from '../../../src/protocols/quorum/contexts.ts';
import { at } from './writes.ts';

const { EMPTY } = CausalContext;

describe('the contexts of one coordinator', () => {
  it('have none of its earlier writes of the key that the session does not know', () => {
    const contexts = new Contexts();
    const first = contexts.of('k', at(3), EMPTY);
    expect(contexts.of('k', at(5), EMPTY).toTuples()).toEqual([[0, 1, 3, 5]]);
    expect(first.toTuples()).toEqual([[0, 1, 0, 3]]);
    expect(contexts.of('k', at(7), first).toTuples()).toEqual([
      [0, 1, 0, 3],
      [0, 1, 5, 7],
    ]);
  });

  it('remember no keys that are gone, however many there were', () => {
    const contexts = new Contexts();
    for (let time = 1; time <= 1_000; time += 1) {
      contexts.of(`k${time}`, at(time), EMPTY);
      if (time % 10 === 0) contexts.forget(time, () => false);
    }
    expect(contexts.size).toBe(0);
  });

  it('keep apart from writes before the floor, forgotten or not', () => {
    const contexts = new Contexts();
    for (const key of ['gone', 'kept', 'late']) contexts.of(key, at(3), EMPTY);
    contexts.of('late', at(8), EMPTY);
    contexts.forget(6, (key) => key === 'kept');
    expect(contexts.size).toBe(2);
    const spans = ['gone', 'kept', 'late'].map((key) => contexts.of(key, at(9), EMPTY).toTuples());
    expect(spans).toEqual([[[0, 1, 6, 9]], [[0, 1, 3, 9]], [[0, 1, 8, 9]]]);
  });
});

import { describe, expect, it } from 'vitest';
import { findCutOff } from '../../src/replication/reachability.ts';

/** Servers 0 to `count - 1`, all linked but for the pairs; the silent answer nothing. */
function reach(count: number, cut: readonly string[], silent: readonly number[] = []) {
  const ids = Array.from({ length: count }, (_, id) => id);
  const isCut = (a: number, b: number) => cut.includes(`${Math.min(a, b)}-${Math.max(a, b)}`);
  return new Map(
    ids.map((id) => [
      id,
      silent.includes(id) ? undefined : ids.filter((o) => o !== id && !isCut(id, o)),
    ]),
  );
}

describe('who has to be left out', () => {
  it('is empty while all that answer reach each other', () => {
    expect(findCutOff(reach(5, []), [3])).toEqual([]);
    expect(findCutOff(new Map(), [])).toEqual([]);
    expect(findCutOff(new Map([[0, []]]), [0])).toEqual([]);
  });

  it('are the silent, and they first', () => {
    expect(findCutOff(reach(5, ['0-1'], [4]), [1])).toEqual([4, 1]);
  });

  it('is the suspected of two with a cut link between them, or else the greater', () => {
    expect(findCutOff(reach(5, ['1-3']), [1])).toEqual([1]);
    expect(findCutOff(reach(5, ['1-3']), [3])).toEqual([3]);
    expect(findCutOff(reach(5, ['1-3']), [0])).toEqual([3]);
  });

  it('is the smaller side of a partition, whichever server complained', () => {
    const cut = ['0-2', '0-3', '0-4', '1-2', '1-3', '1-4'];
    for (const suspect of [0, 1, 2, 3, 4]) {
      expect(findCutOff(reach(5, cut), [suspect]).sort()).toEqual([0, 1]);
    }
  });

  it('takes one call that was answered for a link that works', () => {
    expect(
      findCutOff(
        new Map([
          [0, [1]],
          [1, []],
        ]),
        [1],
      ),
    ).toEqual([]);
  });
});

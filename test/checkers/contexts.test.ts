// Contexts as sets: against sets of writes, each with a span of its own.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, singleton, unite, without } from '../../src/checkers/contexts.ts';
import type { ContextTuples } from '../../src/kernel/history.ts';
import { extent } from '../support/extent.ts';

const RUNS = extent({ full: 2_000, quick: 200 });
/** Writes of three lives, with gaps between their timestamps: other keys have those. */
const WRITES = [0, 1, 2].flatMap((life) =>
  [2, 3, 7, 8, 12].map((timestamp, place, all) => ({
    version: [timestamp, Math.floor(life / 2), life % 2] as const,
    span: [Math.floor(life / 2), life % 2, all[place - 1] ?? 0, timestamp] as const,
  })),
);
const subset = fc.array(fc.boolean(), { minLength: WRITES.length, maxLength: WRITES.length });

function contextOf(isIn: readonly boolean[]): ContextTuples {
  return WRITES.filter((_, place) => isIn[place]).reduce<ContextTuples>(
    (all, { span }) => unite(all, [span]),
    [],
  );
}

function contentOf(context: ContextTuples): boolean[] {
  return WRITES.map(({ version }) => covers(context, version));
}

describe('a context', () => {
  it('has the writes that were united in it, and no others', () => {
    fc.assert(
      fc.property(subset, subset, (a, b) => {
        expect(contentOf(contextOf(a))).toEqual(a);
        const both = a.map((isIn, place) => isIn || b[place] === true);
        expect(contentOf(unite(contextOf(a), contextOf(b)))).toEqual(both);
        expect(unite(contextOf(a), contextOf(b))).toEqual(contextOf(both));
      }),
      { numRuns: RUNS },
    );
  });

  it('without another has the rest, and ends where a write does', () => {
    fc.assert(
      fc.property(subset, subset, (a, b) => {
        const left = without(contextOf(a), contextOf(b));
        const rest = a.map((isIn, place) => isIn && b[place] !== true);
        expect(contentOf(left)).toEqual(rest);
        expect(left.length > 0).toBe(rest.includes(true));
        const stamps = WRITES.map(({ version }) => String(version));
        for (const [id, life, , upTo] of left) expect(stamps).toContain(`${upTo},${id},${life}`);
      }),
      { numRuns: RUNS },
    );
  });

  it('of one write is within each that has the write', () => {
    fc.assert(
      fc.property(subset, fc.nat({ max: WRITES.length - 1 }), (a, place) => {
        const one = singleton((WRITES[place] as (typeof WRITES)[number]).version);
        expect(without(one, contextOf(a)).length === 0).toBe(a[place]);
      }),
      { numRuns: RUNS },
    );
  });
});

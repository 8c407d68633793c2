import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PART_BYTES } from '../../src/kernel/limits.ts';
import { cutParts, firstPart, largestSize, PartIntake } from '../../src/replication/parts.ts';
import { extent } from '../support/extent.ts';

const RUNS = extent({ full: 5_000, quick: 400 });

function take(
  intake: PartIntake<string>,
  transfer: number,
  part: number,
  isLast: boolean,
  content: string,
) {
  return intake.take({ transfer, part, isLast }, content);
}

const sizeOf = (bytes: number): number => bytes;

describe('items that are cut into parts', () => {
  it('are none for nothing', () => {
    expect(cutParts([], sizeOf)).toEqual([]);
    expect(firstPart([], sizeOf)).toEqual([]);
  });

  it('stay in order, fill each part, and travel alone where one is too large', () => {
    const items = fc.array(fc.integer({ min: 1, max: PART_BYTES + PART_BYTES / 4 }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(items, (sizes) => {
        const parts = cutParts(sizes, sizeOf);
        expect(parts.flat()).toEqual(sizes);
        expect(parts[0] ?? []).toEqual(firstPart(sizes, sizeOf));
        const sums = parts.map((part) => part.reduce((sum, size) => sum + size, 0));
        for (const [index, part] of parts.entries()) {
          if (part.length > 1) expect(sums[index]).toBeLessThanOrEqual(PART_BYTES);
          const next = parts[index + 1]?.[0] ?? PART_BYTES;
          expect((sums[index] ?? 0) + next).toBeGreaterThan(PART_BYTES);
        }
      }),
    );
  });

  it('are never larger than they are taken to be', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, value) => {
        const bytes = Buffer.byteLength(JSON.stringify([key, value]));
        expect(bytes).toBeLessThanOrEqual(largestSize(key, value, 8));
      }),
    );
    expect(largestSize('k', null, 0)).toBeGreaterThanOrEqual('"k"null'.length);
  });
});

describe('parts that come in', () => {
  it('gives everything at once, with the last part', () => {
    const intake = new PartIntake<string>();
    expect(take(intake, 1, 0, false, 'k0')).toBe('more');
    expect(take(intake, 1, 1, false, 'k1')).toBe('more');
    expect(take(intake, 1, 2, true, 'k2')).toEqual(['k0', 'k1', 'k2']);
  });

  it('takes each part once, and gives nothing twice', () => {
    const intake = new PartIntake<string>();
    take(intake, 1, 0, false, 'k0');
    expect(take(intake, 1, 0, false, 'k0')).toBe('copy');
    expect(take(intake, 1, 1, true, 'k1')).toEqual(['k0', 'k1']);
    expect(take(intake, 1, 1, true, 'k1')).toBe('copy');
    expect(take(intake, 1, 0, false, 'k0')).toBe('copy');
  });

  it('asks to begin anew after a gap, and for what is no longer wanted', () => {
    const intake = new PartIntake<string>();
    take(intake, 2, 0, false, 'k0');
    expect(take(intake, 2, 2, true, 'k2')).toBe('gap');
    expect(take(intake, 1, 0, true, 'k0')).toBe('gap');
    expect(take(intake, 3, 1, true, 'k1')).toBe('gap');
    expect(take(intake, 2, 1, true, 'k1')).toEqual(['k0', 'k1']);
  });

  it('lets a later transfer take the place of one that was not finished', () => {
    const intake = new PartIntake<string>();
    take(intake, 1, 0, false, 'k0');
    expect(take(intake, 2, 0, true, 'k7')).toEqual(['k7']);
    expect(take(intake, 1, 1, true, 'k1')).toBe('gap');
  });

  it('gives whole transfers only, however parts are lost, repeated, reordered and mixed', () => {
    const step = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(3));
    let whole = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const intake = new PartIntake<string>();
        const given = new Set<number>();
        for (const [transfer, number] of steps) {
          const taken = take(intake, transfer, number, number === 3, `${transfer}.${number}`);
          if (typeof taken === 'string') continue;
          expect(taken).toEqual([0, 1, 2, 3].map((part) => `${transfer}.${part}`));
          expect(given.has(transfer)).toBe(false);
          given.add(transfer);
          whole += 1;
        }
      }),
      { numRuns: RUNS },
    );
    expect(whole).toBeGreaterThan(RUNS / 50);
  });

  it('gives what is sent again and again until it is through', () => {
    const chance = fc.array(fc.boolean(), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(chance, (isLost) => {
        const intake = new PartIntake<string>();
        let taken: ReturnType<PartIntake<string>['take']> = 'gap';
        for (let transfer = 1; typeof taken === 'string'; transfer += 1) {
          for (let number = 0; number < 3; number += 1) {
            const isGone = isLost[(3 * transfer + number) % 30] && transfer < 10;
            if (!isGone) taken = take(intake, transfer, number, number === 2, `k${number}`);
          }
        }
        expect(taken).toEqual(['k0', 'k1', 'k2']);
      }),
    );
  });
});

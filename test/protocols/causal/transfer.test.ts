import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { CallError } from '../../../src/kernel/errors.ts';
import { MAX_INCARNATION, MAX_NODE_ID } from '../../../src/kernel/ids.ts';
import { KEY_BYTES, MESSAGE_BYTES, PART_BYTES, VALUE_BYTES } from '../../../src/kernel/limits.ts';
import type { Entry } from '../../../src/protocols/causal/entry.ts';
import {
  Intake,
  packEntry,
  packParts,
  unpackEntries,
} from '../../../src/protocols/causal/transfer.ts';
import { settled } from '../../support/fakeEnv.ts';

const ORIGIN = { id: MAX_NODE_ID, incarnation: MAX_INCARNATION };
/**
 * What a text costs most: one byte, six bytes for two, three, four a pair, six a lone surrogate.
 */
const UNITS = ['a', '"', '\\', '\n', '\u0000', '\u007f', 'é', '€', '\u{1f600}', '\ud800', '\u2028'];

const text = (unit: string, length: number) => unit.repeat(Math.ceil(length / unit.length));
const entry = (key: string, value: string | null, count = 0): Entry => ({
  key,
  value,
  version: { timestamp: Number.MAX_SAFE_INTEGER - count, origin: ORIGIN },
});
const bytesOf = (x: unknown) => Buffer.byteLength(JSON.stringify(x));

describe('packed entries', () => {
  it('come back as they were, whatever their texts', () => {
    const anyText = fc.string({ unit: fc.constantFrom(...UNITS) });
    const anyEntry = fc.record({
      key: anyText,
      value: fc.option(anyText),
      version: fc.record({
        timestamp: fc.maxSafeNat(),
        origin: fc.record({ id: fc.nat(2), incarnation: fc.nat(2) }),
      }),
    });
    fc.assert(
      fc.property(fc.array(anyEntry), (entries) => {
        const wire = JSON.parse(JSON.stringify(packParts(entries).flat()));
        expect(unpackEntries(wire)).toEqual(entries);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('parts', () => {
  it('are one, and empty, for nothing', () => {
    expect(packParts([])).toEqual([[]]);
  });

  it('stay below PART_BYTES, in order', () => {
    const sizes = fc.record({
      unit: fc.constantFrom(...UNITS),
      key: fc.integer({ min: 0, max: 150 }),
      value: fc.oneof(fc.nat(2_000), fc.integer({ min: 0, max: 40_000 })),
    });
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 1, maxLength: 60, size: 'max' }), (list) => {
        const entries = list.map(({ unit, key, value }, count) =>
          entry(text(unit, key), text(unit, value), count),
        );
        const parts = packParts(entries);
        expect(parts.flat()).toEqual(entries.map(packEntry));
        for (const part of parts) {
          if (part.length > 1) expect(bytesOf(part)).toBeLessThanOrEqual(PART_BYTES);
          expect(part.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 120 },
    );
  });

  it.each(UNITS)('of the largest values of %j each travel alone, within a message', (unit) => {
    const largest = largestValue(unit);
    expect(bytesOf(largest)).toBeGreaterThan(VALUE_BYTES - 16);
    const key = text(unit, Math.floor(KEY_BYTES / Buffer.byteLength(unit)) * unit.length);
    const parts = packParts([entry(key, largest), entry(key, largest, 1), entry('k', null, 2)]);
    expect(parts.map((part) => part.length)).toEqual([1, 1, 1]);
    const vector = Array.from({ length: 300 }, () => [MAX_NODE_ID, MAX_INCARNATION, 2 ** 53 - 1]);
    for (const entries of parts)
      expect(bytesOf(envelope(entries, vector))).toBeLessThan(MESSAGE_BYTES);
  });

  it('are filled: small entries do not travel alone', () => {
    const entries = Array.from({ length: 10_000 }, (_, count) =>
      entry(`key${count}`, 'value', count),
    );
    const parts = packParts(entries);
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.length).toBeLessThanOrEqual(Math.ceil((2.5 * bytesOf(parts.flat())) / PART_BYTES));
  });
});

describe('Intake', () => {
  const part = (number: number) => [packEntry(entry(`k${number}`, 'v', number))];
  const keys = (taken: ReturnType<Intake['take']>) =>
    typeof taken === 'string' ? taken : taken.map(({ key }) => key).join();

  it('gives everything at once, with the last part', () => {
    const intake = new Intake();
    expect(intake.take(1, 0, false, part(0))).toBe('more');
    expect(intake.take(1, 1, false, part(1))).toBe('more');
    expect(keys(intake.take(1, 2, true, part(2)))).toBe('k0,k1,k2');
  });

  it('takes each part once, and gives nothing twice', () => {
    const intake = new Intake();
    intake.take(1, 0, false, part(0));
    expect(intake.take(1, 0, false, part(0))).toBe('more');
    expect(keys(intake.take(1, 1, true, part(1)))).toBe('k0,k1');
    expect(intake.take(1, 1, true, part(1))).toBe('more');
    expect(intake.take(1, 0, false, part(0))).toBe('more');
  });

  it('asks to begin anew after a gap, and for what is no longer wanted', () => {
    const intake = new Intake();
    intake.take(2, 0, false, part(0));
    expect(intake.take(2, 2, true, part(2))).toBe('gap');
    expect(intake.take(1, 0, true, part(0))).toBe('gap');
    expect(intake.take(3, 1, true, part(1))).toBe('gap');
    expect(keys(intake.take(2, 1, true, part(1)))).toBe('k0,k1');
  });

  it('lets a later transfer take the place of one that was not finished', () => {
    const intake = new Intake();
    intake.take(1, 0, false, part(0));
    expect(keys(intake.take(2, 0, true, part(7)))).toBe('k7');
    expect(intake.take(1, 1, true, part(1))).toBe('gap');
  });

  it('gives whole transfers only, however parts are lost, repeated, reordered and mixed', () => {
    const step = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(3));
    let whole = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const intake = new Intake();
        const given = new Set<number>();
        for (const [transfer, number] of steps) {
          const packed = [packEntry(entry(`${transfer}.${number}`, 'v', number))];
          const taken = intake.take(transfer, number, number === 3, packed);
          if (typeof taken === 'string') continue;
          expect(keys(taken)).toBe([0, 1, 2, 3].map((p) => `${transfer}.${p}`).join());
          expect(given.has(transfer)).toBe(false);
          given.add(transfer);
          whole += 1;
        }
      }),
      { numRuns: 5_000 },
    );
    expect(whole).toBeGreaterThan(100);
  });

  it('gives what is sent again and again until it is through', () => {
    const chance = fc.array(fc.boolean(), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(chance, (isLost) => {
        const intake = new Intake();
        let taken: ReturnType<Intake['take']> = 'gap';
        for (let transfer = 1; typeof taken === 'string'; transfer += 1) {
          for (let number = 0; number < 3; number += 1) {
            const isGone = isLost[(3 * transfer + number) % 30] && transfer < 10;
            if (!isGone) taken = intake.take(transfer, number, number === 2, part(number));
          }
        }
        expect(keys(taken)).toBe('k0,k1,k2');
      }),
    );
  });

  describe('a copy of the last part', () => {
    const last = (transfer: number) => {
      return { transfer, part: 0, last: true, entries: part(0), since: [], applied: [] };
    };

    it.each([
      [true, 'applied'],
      [false, 'refused'],
    ])('has the answer of the first: merged is %s', (isMerged, answer) => {
      const intake = new Intake();
      const receiver = { merge: vi.fn(() => isMerged) };
      expect(intake.deliver(receiver, last(1))).toBe(answer);
      expect(intake.deliver(receiver, last(1))).toBe(answer);
      expect(receiver.merge).toHaveBeenCalledOnce();
    });

    it('has it when the log has kept the transfer, and not before', async () => {
      const intake = new Intake();
      let keep: (isApplied: boolean) => void = () => undefined;
      const kept = new Promise<boolean>((resolve) => {
        keep = resolve;
      });
      const answers: unknown[] = [];
      for (let copy = 0; copy < 2; copy += 1) {
        const delivery = intake.deliver({ merge: () => kept }, last(1));
        void Promise.resolve(delivery).then((answer) => answers.push(answer));
      }
      await settled();
      expect(answers).toEqual([]);
      await settled(() => keep(true));
      expect(answers).toEqual(['applied', 'applied']);
    });

    it('is refused where the first was no transfer at all', () => {
      const intake = new Intake();
      intake.deliver({ merge: () => true }, last(1));
      const receiver = {
        merge: () => {
          throw new CallError('E_BAD_REQUEST');
        },
      };
      expect(() => intake.deliver(receiver, last(2))).toThrow(CallError);
      expect(intake.deliver(receiver, last(2))).toBe('refused');
    });
  });
});

/** The longest value of one character that is accepted. */
function largestValue(unit: string): string {
  const each = bytesOf(unit) - 2;
  return unit.repeat(Math.floor((VALUE_BYTES - 2) / each));
}

/** A message as it goes over a link, at its longest. */
function envelope(entries: unknown, vector: unknown) {
  const count = Number.MAX_SAFE_INTEGER;
  const params = {
    round: count,
    since: vector,
    applied: vector,
    entries,
    transfer: count,
    part: count,
    last: false,
    budgetMs: 1 / 3,
    stepMs: 1 / 3,
    clock: count,
  };
  return { jsonrpc: '2.0', id: count, method: 'spread', params, lamport: count };
}

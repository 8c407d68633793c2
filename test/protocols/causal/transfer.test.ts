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
import { extent } from '../../support/extent.ts';
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
      { numRuns: extent({ full: 1_000, quick: 200 }) },
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
      { numRuns: extent({ full: 120, quick: 30 }) },
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

describe('a transfer that comes in', () => {
  const part = (number: number) => [packEntry(entry(`k${number}`, 'v', number))];
  describe('a copy of the last part', () => {
    const last = (transfer: number) => {
      const rest = { since: [], applied: [], collected: [] };
      return { transfer, part: 0, last: true, entries: part(0), ...rest };
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
    collected: vector,
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

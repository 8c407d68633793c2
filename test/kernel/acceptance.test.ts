// Compares the fast check with valibot itself: random schemas, values that fit them, and junk.
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { acceptanceOf } from '../../src/kernel/acceptance.ts';
import {
  countSchema,
  keySchema,
  millisecondsSchema,
  type Schema,
  valueSchema,
} from '../../src/kernel/messages.ts';

const junk = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(-1, 1.5, 2 ** 53, 'a', 'ok', '', null, true),
  fc
    .constantFrom('{"__proto__":1}', '{"a":1,"toString":2}', '{"constructor":{}}')
    .map((text) => JSON.parse(text) as unknown),
);

/** A schema, and values that it often takes. */
interface Sample {
  readonly schema: Schema;
  readonly value: unknown;
}

/** Mostly what fits, and now and then something else in its place. */
function spoiled(schema: Schema, fitting: fc.Arbitrary<unknown>): fc.Arbitrary<Sample> {
  return fc
    .oneof({ weight: 12, arbitrary: fitting }, { weight: 1, arbitrary: junk })
    .map((value) => ({ schema, value }));
}

const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const small = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(9));
const fields = fc.uniqueArray(fc.constantFrom('a', 'b', 'clock', 'key'), { maxLength: 4 });

/** One more field, or one fewer, now and then. */
const change = fc.constantFrom(...Array<string>(12).fill('none'), 'more', 'fewer', 'swap');

const sample = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    spoiled(v.string(), fc.string()),
    spoiled(v.boolean(), fc.boolean()),
    spoiled(v.number(), number),
    spoiled(small, fc.integer({ min: -1, max: 10 })),
    spoiled(countSchema, fc.nat()),
    spoiled(millisecondsSchema, fc.double({ min: 0, max: 2 ** 32, noNaN: true })),
    spoiled(keySchema, fc.constantFrom('k', 'k'.repeat(1_024), 'k'.repeat(1_025))),
    spoiled(valueSchema, fc.string()),
    spoiled(v.picklist(['ok', 'stale', 'server']), fc.constantFrom('ok', 'stale', 'other')),
    fc.tuple(tie('sample'), fc.boolean()).map(([{ schema, value }, isNull]) => ({
      schema: v.nullable(schema),
      value: isNull ? null : value,
    })),
    fc.tuple(tie('sample'), fc.nat(3)).map(([{ schema, value }, length]) => ({
      schema: v.array(schema),
      value: Array(length).fill(value),
    })),
    fc.tuple(fc.array(tie('sample'), { maxLength: 4 }), change).map(([items, how]) => ({
      schema: v.strictTuple(items.map(({ schema }) => schema)),
      value: changeTuple(
        items.map(({ value }) => value),
        how,
      ),
    })),
    fc
      .tuple(fields, fc.array(tie('sample'), { minLength: 4, maxLength: 4 }), change)
      .map(([names, inner, how]) => {
        const named = names.map((name, index) => [name, inner[index] as Sample] as const);
        const schemas = named.map(([name, { schema }]) => [name, schema] as const);
        return {
          schema: v.strictObject(Object.fromEntries(schemas)),
          value: changeFields(Object.fromEntries(named.map(([name, s]) => [name, s.value])), how),
        };
      }),
  ),
})).sample;

function changeTuple(items: readonly unknown[], how: string): unknown {
  if (how === 'more') return [...items, 1];
  return how === 'fewer' ? items.slice(1) : items;
}

function changeFields(value: object, how: string): unknown {
  const [first, ...others] = Object.entries(value);
  if (how === 'more') return { ...value, other: 1 };
  if (first === undefined || how === 'none') return value;
  return Object.fromEntries(how === 'fewer' ? others : [...others, ['other', first[1]]]);
}

describe('the quick yes', () => {
  it('is what valibot says, of JSON, and then the value is taken as it is', () => {
    const seen = { yes: 0, no: 0 };
    fc.assert(
      fc.property(sample, ({ schema, value }) => {
        const parsed = v.safeParse(schema, value);
        expect(acceptanceOf(schema)(value)).toBe(parsed.success);
        if (parsed.success) expect(parsed.output).toStrictEqual(value);
        seen[parsed.success ? 'yes' : 'no'] += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(500);
  });

  it.each<[string, Schema, unknown]>([
    ['drops fields', v.object({ a: v.number() }), { a: 1, b: 2 }],
    ['changes the value', v.pipe(v.string(), v.trim()), 'a '],
    ['changes it deep inside', v.strictObject({ a: v.array(v.pipe(v.string(), v.trim())) }), {}],
    ['adds what is missing', v.strictObject({ a: v.optional(v.string(), 'x') }), {}],
    ['takes another for null', v.nullable(v.string(), 'x'), null],
    ['falls back', v.fallback(v.string(), 'x'), 1],
    ['has a field that all objects have', v.strictObject({ toString: v.string() }), {}],
    ['is of an unknown kind', v.union([v.string(), v.number()]), 'a'],
  ])('is never said by a schema that %s', (_name, schema, value) => {
    expect(v.safeParse(schema, value)).toBeDefined();
    expect(acceptanceOf(schema)(value)).toBe(false);
  });

  it('is not said of what is no JSON', () => {
    const accepts = acceptanceOf(v.strictObject({ a: v.array(v.nullable(v.number())) }));
    const sparse: unknown[] = [1];
    sparse[2] = 3;
    class Params {
      readonly a = [1];
    }
    expect([{ a: [1, null] }, { a: sparse }, new Params(), [[1]]].map(accepts)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

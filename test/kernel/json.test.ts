import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyJson, findUnsafeJson } from '../../src/kernel/json.ts';
import { extent } from '../support/extent.ts';

const RUNS = extent({ full: 5_000, quick: 400 });

const UNSAFE = ['__proto__', 'constructor', 'prototype'];

/** JSON as it comes from a wire: every text, and any number that JSON keeps. */
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Object.is(x, -0)),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((x) => String.fromCharCode(x)) }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((name) => !UNSAFE.includes(name)),
      tie('value'),
      { maxKeys: 5 },
    ),
  ),
})).value;

class Point {
  readonly x = 1;
}

describe('copyJson', () => {
  it('equals a round trip through JSON, and shares nothing with its source', () => {
    fc.assert(
      fc.property(json, (value) => {
        const copy = copyJson(value);
        expect(copy).toStrictEqual(JSON.parse(JSON.stringify(value)));
        expect(sharedParts(value, copy)).toBe(0);
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['-0', -0],
    ['a bigint', 1n],
    ['a symbol', Symbol('a')],
    ['a function', () => 1],
    ['a Map', new Map([[1, 2]])],
    ['a Set', new Set([1])],
    ['a Date', Reflect.construct(Date, [0])],
    ['an Error', new Error('a')],
    ['a class instance', new Point()],
    ['a boxed string', Object('a')],
    ['bytes', new Uint8Array(2)],
    ['a promise', Promise.resolve(1)],
    ['an object that would write itself', { toJSON: () => 1 }],
  ])('refuses %s, wherever it is', (_name, value) => {
    for (const whole of [value, [value], { a: value }, { a: [1, { b: value }] }]) {
      expect(() => copyJson(whole)).toThrow(TypeError);
    }
  });

  it('refuses the hole of a sparse array', () => {
    const sparse: unknown[] = [1];
    sparse[2] = 3;
    expect(() => copyJson(sparse)).toThrow(TypeError);
  });

  it.each(UNSAFE)('refuses a field %s, and leaves all prototypes alone', (field) => {
    const stranger: unknown = JSON.parse(`{"a":[{"${field}":{"ts":9}}]}`);
    expect(() => copyJson(stranger)).toThrow(/unsafe field/);
    expect(({} as { ts?: unknown }).ts).toBeUndefined();
  });

  it('names the place', () => {
    expect(() => copyJson({ a: { deep: undefined } })).toThrow('not JSON at deep: undefined');
    expect(() => copyJson(new Map())).toThrow('not JSON at $: Map');
  });

  it('takes objects without a prototype', () => {
    const bare = Object.assign(Object.create(null), { a: 1 });
    expect(copyJson(bare)).toStrictEqual({ a: 1 });
  });
});

describe('findUnsafeJson', () => {
  const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;

  it('lets JSON through up to its depth, and not beyond', () => {
    expect(findUnsafeJson(nested(32), 32)).toBeUndefined();
    expect(findUnsafeJson(nested(33), 32)).toBe('nested deeper than 32');
    expect(findUnsafeJson('text', 0)).toBeUndefined();
    expect(findUnsafeJson([], 0)).toBe('nested deeper than 0');
  });

  it('counts objects and arrays alike', () => {
    const value: unknown = JSON.parse(`${'{"a":['.repeat(16)}1${']}'.repeat(16)}`);
    expect(findUnsafeJson(value, 32)).toBeUndefined();
    expect(findUnsafeJson(value, 31)).toBe('nested deeper than 31');
  });

  it('needs no stack: 200,000 nested arrays, shallow or deep limit', () => {
    const value = nested(200_000);
    expect(findUnsafeJson(value, 32)).toBe('nested deeper than 32');
    expect(findUnsafeJson(value, 200_000)).toBeUndefined();
    expect(findUnsafeJson(value, 199_999)).toBe('nested deeper than 199999');
  });

  it.each(UNSAFE)('finds a field %s made by JSON.parse, at every depth', (field) => {
    for (const text of [`{"${field}":1}`, `[{"a":{"${field}":{}}}]`, `{"a":[[{"${field}":[]}]]}`]) {
      expect(findUnsafeJson(JSON.parse(text), 32)).toBe(`unsafe field ${field}`);
    }
  });

  it('does not mind those words as values, or inherited names as fields', () => {
    const harmless = JSON.parse('{"toString":1,"valueOf":"constructor","a":["__proto__"]}');
    expect(findUnsafeJson(harmless, 32)).toBeUndefined();
  });

  it('agrees with copyJson on what is unsafe', () => {
    const field = fc.oneof(fc.constantFrom(...UNSAFE, 'toString', 'hasOwnProperty'), fc.string());
    const wild = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.integer(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.array(fc.tuple(field, tie('value')), { maxLength: 3 }).map(parseFields),
      ),
    })).value;
    fc.assert(
      fc.property(wild, (value) => {
        const isUnsafe = findUnsafeJson(value, 32) !== undefined;
        if (isUnsafe) expect(() => copyJson(value)).toThrow(TypeError);
        else expect(copyJson(value)).toStrictEqual(value);
      }),
      { numRuns: RUNS / 2 },
    );
  });
});

/** An object as JSON.parse makes it, so that `__proto__` is a field of its own. */
function parseFields(fields: readonly (readonly [string, unknown])[]): unknown {
  return JSON.parse(
    `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`,
  );
}

/** How many objects of `copy` are also part of `value`. */
function sharedParts(value: unknown, copy: unknown): number {
  const parts = new Set(partsOf(value));
  return partsOf(copy).filter((part) => parts.has(part)).length;
}

function partsOf(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(partsOf)];
}

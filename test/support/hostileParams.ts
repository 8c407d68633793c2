// Invalid parameters for a method: variants of a valid sample, each of which a table must refuse.

export interface Variant {
  readonly what: string;
  readonly value: unknown;
}

/** Numbers that JSON can carry but that are no counts; the second is Infinity once it is parsed. */
const NO_COUNTS = ['9007199254740993', '1e400', '-1', '"7"', 'null', 'true', '[]'];

/** All invalid variants of the sample, an object of named fields. `fractions` may be 1.5. */
export function spoil(sample: object, fractions: readonly string[] = []): Variant[] {
  return [
    ...['null', '42', '"x"', '[]', '[{}]', 'true', '{"__proto__":{"ts":9}}'].map((text) => ({
      what: text,
      value: JSON.parse(text) as unknown,
    })),
    ...Object.keys(sample).map((field) => ({ what: `no ${field}`, value: without(sample, field) })),
    ...Object.keys(sample).map((field) => ({
      what: `${field}: {}`,
      value: { ...sample, [field]: {} },
    })),
    ...['extra', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'].map(
      (field) => ({ what: `one more field: ${field}`, value: withField(sample, field) }),
    ),
    ...spoilNumbers(sample, fractions),
  ];
}

function without(sample: object, field: string): unknown {
  return Object.fromEntries(Object.entries(sample).filter(([name]) => name !== field));
}

/** Through JSON.parse, so that `__proto__` is a field of its own. */
function withField(sample: object, field: string): unknown {
  const text = JSON.stringify(sample).slice(0, -1);
  return JSON.parse(`${text}${text === '{' ? '' : ','}"${field}":{"ts":9}}`);
}

/** Each number of the sample in turn, wherever it is, replaced by each value that is no count. */
function spoilNumbers(sample: object, fractions: readonly string[]): Variant[] {
  return pathsOfNumbers(sample).flatMap((path) => {
    const texts = fractions.includes(String(path[0])) ? NO_COUNTS : [...NO_COUNTS, '1.5'];
    // The first loses its last bit when it is parsed, which is why it must be refused.
    return texts.map((text) => ({
      what: `${path.join('.')} = ${text}`,
      value: replaceAt(sample, path, JSON.parse(text)),
    }));
  });
}

export function pathsOfNumbers(value: unknown): (string | number)[][] {
  if (typeof value === 'number') return [[]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    pathsOfNumbers(inner).map((path) => [name, ...path]),
  );
}

function replaceAt(value: unknown, [first, ...rest]: readonly (string | number)[], by: unknown) {
  if (first === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[first] = replaceAt(copy[first], rest, by);
  return copy;
}

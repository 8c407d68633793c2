// Data as columns: whatever JSON goes in comes out, to the order of its fields.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/kernel/json.ts';
import type { Column } from '../../src/web/file/column.ts';
import { fromColumn } from '../../src/web/file/fromColumn.ts';
import { toColumn } from '../../src/web/file/toColumn.ts';
import { extent } from '../support/extent.ts';

/** As a report has it: through the text of the columns. */
function throughText(value: Json): Json {
  return fromColumn(JSON.parse(JSON.stringify(toColumn(value))) as Column);
}

const edges = fc.constantFrom<Json[]>(
  'master#0',
  'k007',
  '00',
  '0',
  '',
  '9'.repeat(40),
  'x\u2028</script>',
  Number.MAX_SAFE_INTEGER,
  -Number.MAX_SAFE_INTEGER,
  2 ** 53,
  1e308,
  5e-324,
  0.1 + 0.2,
);
const leaf = fc.oneof(edges, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const field = fc.constantFrom('event', 'at', '__proto__', 'constructor', '0', 'f', '', 'é');
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.constantFrom<Json[]>(null, true, false),
    fc.string(),
    fc.array(tie('json'), { maxLength: 12 }),
    fc.array(fc.tuple(field, tie('json')), { maxLength: 6 }).map((entries) =>
      // JSON.parse makes a field `__proto__`, an assignment does not.
      JSON.parse(`{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`)}}`),
    ),
  ),
}));

describe('columns', () => {
  test('give back any JSON, byte by byte', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.stringify(throughText(value))).toBe(JSON.stringify(value));
      }),
      { numRuns: extent({ full: 1_000, quick: 200 }) },
    );
  });

  test('give back a list of records that differ in their fields', () => {
    const records = [
      { at: 1.5, node: 1, event: 'start', role: 'server' },
      { event: 'start', node: 1, at: 1.5, role: 'server' },
      { at: 2, node: 'master', event: 'note', label: 'x', detail: {} },
      { at: 2, node: 3, event: 'of the future', who: ['3.1#7', null, true, { deep: [[]] }] },
    ];
    expect(JSON.stringify(throughText(records))).toBe(JSON.stringify(records));
  });

  test('leave out what is undefined, as JSON does', () => {
    const given = { line: undefined, stream: 'answer' } as unknown as Json;
    expect(throughText(given)).toEqual({ stream: 'answer' });
  });

  test.each<[string, unknown]>([
    ['a number', 7],
    ['null', null],
    ['no column', {}],
    ['a kind that is unknown', { kinds: 99, count: 1 }],
    ['a text that is missing', { kinds: 5, count: 1, texts: { texts: [], places: [0] } }],
    ['fewer values than kinds', { kinds: [3, 3], count: 2, integers: { values: [1] } }],
  ])('throw for %s', (_name, column) => {
    expect(() => fromColumn(column as Column)).toThrow();
  });
});

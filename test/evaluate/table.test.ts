// Tables of text.
import { expect, test } from 'vitest';
import { renderTable, tellNumber, tellPercent } from '../../src/evaluate/table.ts';

test('columns are aligned: texts to the left, numbers to the right', () => {
  const rows = [
    ['4', 'get', '9.5', '-'],
    ['10', 'put', '100.0', '(7.0)'],
  ];
  expect(renderTable({ title: 'times', heads: ['N', 'operation', 'ms', 'p99'], rows })).toEqual([
    'times',
    ' N  operation     ms    p99',
    ' 4  get          9.5      -',
    '10  put        100.0  (7.0)',
  ]);
});

test('numbers have one digit after the point, and what is unknown is a dash', () => {
  expect([12.34, 0, null, undefined].map(tellNumber)).toEqual(['12.3', '0.0', '-', '-']);
  expect([0.1234, 1, null].map(tellPercent)).toEqual(['12.3', '100.0', '-']);
});

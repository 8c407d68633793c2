// The notes on operations that did not succeed.
import { expect, it } from 'vitest';
import { declareErrors } from '../../src/kernel/errors.ts';
import { describeRead, describeWrite, outcomeCode } from '../../src/language/operations.ts';

declareErrors({
  ERR_INNER: { definite: true, text: 'no clock yet' },
  ERR_COUNTED: {
    definite: true,
    text: 'too few',
    isAnswer: true,
    tell: (data) => {
      const { alive, needed } = (data ?? {}) as { alive?: unknown; needed?: unknown };
      return typeof alive === 'number' ? `${alive} of ${needed}` : undefined;
    },
  },
  ERR_OUTER: { definite: true, text: 'too few are there', isAnswer: true },
});

it.each([
  ['ok', undefined, undefined],
  ['fail', undefined, 'ERR_UNREACHABLE: not done, no server took it'],
  ['fail', 'ERR_INNER', 'ERR_UNREACHABLE: not done, no server took it'],
  ['fail', 'ERR_OUTER', 'ERR_OUTER: not done, too few are there'],
  ['unknown', 'ERR_OUTER', 'ERR_OUTER: indeterminate, too few are there'],
  ['fail', 'E_STORAGE', 'ERR_UNREACHABLE: not done, the disk is full'],
  [
    'unknown',
    'ERR_UNREACHABLE',
    'ERR_UNREACHABLE: indeterminate, no answer came; it may have been done or not',
  ],
  [
    'unknown',
    'E_STORAGE',
    'ERR_UNREACHABLE: indeterminate, the disk is full; it may have been done or not',
  ],
] as const)('a write that is %s with %s', (outcome, error, text) => {
  expect(describeWrite({ outcome, ...(error && { error }) })).toBe(text);
});

it('an answer shows a code of the protocol only if that is declared as an answer', () => {
  expect(outcomeCode({ outcome: 'fail', error: 'ERR_OUTER' })).toBe('ERR_OUTER');
  expect(outcomeCode({ outcome: 'fail', error: 'ERR_INNER' })).toBe('ERR_UNREACHABLE');
  expect(describeRead({ error: 'ERR_OUTER' })).toBe('ERR_OUTER: too few are there');
});

it('the note of such a code says what the data of the error says', () => {
  const data = { alive: 1, needed: 2 };
  const why = 'ERR_COUNTED: too few (1 of 2)';
  expect(describeRead({ error: 'ERR_COUNTED', data })).toBe(why);
  expect(describeWrite({ outcome: 'fail', error: 'ERR_COUNTED', data })).toBe(
    'ERR_COUNTED: not done, too few (1 of 2)',
  );
  for (const other of [undefined, null, [], {}, { alive: 'x', needed: 2 }] as const) {
    const told = describeRead({
      error: 'ERR_COUNTED',
      ...(other !== undefined && { data: other }),
    });
    expect(told).toBe('ERR_COUNTED: too few');
  }
  expect(describeRead({ error: 'ERR_OUTER', data })).toBe('ERR_OUTER: too few are there');
});

it('a read has a note only where a full disk is the reason', () => {
  expect(describeRead({ error: 'E_STORAGE' })).toBe('ERR_UNREACHABLE: the disk is full');
  expect(describeRead({ error: 'ERR_UNREACHABLE' })).toBeUndefined();
  expect(describeRead({})).toBeUndefined();
});

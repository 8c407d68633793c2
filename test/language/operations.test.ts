// The notes on operations that did not succeed.
import { expect, it } from 'vitest';
import { describeRead, describeWrite } from '../../src/language/operations.ts';

it.each([
  ['ok', undefined, undefined],
  ['fail', undefined, 'ERR_UNREACHABLE: not done, no server took it'],
  ['fail', 'ERR_NEWCOMER', 'ERR_UNREACHABLE: not done, no server took it'],
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

it('a read has a note only where a full disk is the reason', () => {
  expect(describeRead({ error: 'E_STORAGE' })).toBe('ERR_UNREACHABLE: the disk is full');
  expect(describeRead({ error: 'ERR_UNREACHABLE' })).toBeUndefined();
  expect(describeRead({})).toBeUndefined();
});

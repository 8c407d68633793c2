// What a get returned right after a put of the same key.
import { expect, test } from 'vitest';
import { judgePair } from '../../src/evaluate/pairs.ts';
import type { Answer } from '../../src/kernel/control.ts';

const answer = (value: string | null, timestamp: number, server = 0): Answer => ({
  outcome: value === null ? 'absent' : 'ok',
  ...{ value, server, version: [timestamp, server, 1], applied: null },
});
const put: Answer = { ...answer('mine', 5, 1), value: null, outcome: 'ok' };
const failed: Answer = { ...put, outcome: 'fail', version: null };

test.each([
  ['the own value', put, answer('mine', 5, 1), 'same'],
  ['a value from before', put, answer('former', 4), 'older'],
  ['a value of the same time from an earlier server', put, answer('former', 5, 0), 'older'],
  ['nothing, without a version', put, { ...answer(null, 1), version: null }, 'older'],
  ['another client put it afterwards', put, answer('theirs', 6), 'newer'],
  ['another client deleted it afterwards', put, answer(null, 6), 'newer'],
  ['the put failed, though it was done', failed, answer('mine', 5, 1), 'unanswered'],
  ['the get failed', put, failed, 'unanswered'],
  ['the get was refused', put, { ...failed, outcome: 'stale' }, 'unanswered'],
] as const)('%s', (_, written, got, outcome) => {
  expect(judgePair('mine', written, got)).toBe(outcome);
});

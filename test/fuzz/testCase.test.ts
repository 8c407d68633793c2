// How a failure is told.
import { expect, test } from 'vitest';
import { describeBreach, judgeReads } from '../../src/fuzz/breach.ts';
import { tellFailure } from '../../src/fuzz/testCase.ts';
import { Bug } from '../../src/kernel/errors.ts';
import type { Recorded } from '../../src/kernel/history.ts';

const tell = (error: unknown, ending: readonly string[] = []): string =>
  tellFailure({ ...describeBreach(error), line: 9, ending });

test.each([
  [new Bug('C4: servers 0 and 1 differ at x'), 'C4: servers 0 and 1 differ at x (line 9)'],
  [new Error('oops'), 'Error: oops (line 9)'],
  [new TypeError('no field 7 of 8'), 'TypeError: no field 7 of 8 (line 9)'],
])('%s is told once', (error, told) => {
  expect(tell(error)).toBe(told);
});

test('a get without an answer, after the script', () => {
  const get = { key: 'x', outcome: 'fail' } as Recorded;
  let error: unknown;
  try {
    judgeReads([{ ...get, outcome: 'absent' }, get]);
  } catch (caught) {
    error = caught;
  }
  expect(tell(error, ['heal'])).toBe(
    "G4: a get of x ended with 'fail', though all servers run and are linked " +
      '(after all faults had ended)',
  );
});

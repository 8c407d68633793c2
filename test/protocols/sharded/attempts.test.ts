import { expect, it } from 'vitest';
import { AttemptTable } from '../../../src/protocols/sharded/attempts.ts';
import { lifeOf } from './builders.ts';

/** Makes an attempt; gives the number of attempts that were made, as its answer. */
function createTable() {
  const table = new AttemptTable<number>();
  let made = 0;
  return (seq: number, attempt: number, ended = 0) =>
    table.once({ session: lifeOf(100), seq, attempt, ended }, () => {
      made += 1;
      return made;
    });
}

it('an attempt is made once, and its copies get the same answer', () => {
  const once = createTable();
  expect([once(1, 1), once(1, 1), once(2, 1), once(1, 1)]).toEqual([1, 1, 2, 1]);
});

it('a later attempt is made anew, and a late copy of an earlier one is refused', () => {
  const once = createTable();
  expect([once(1, 1), once(1, 2), once(1, 2)]).toEqual([1, 2, 2]);
  expect(() => once(1, 1)).toThrow('late copy');
});

it('no attempt is made of a request that the session has given up', () => {
  const once = createTable();
  once(1, 1);
  once(3, 1, 2);
  for (const seq of [1, 2]) expect(() => once(seq, 7)).toThrow('late copy');
  expect(once(3, 1)).toBe(2);
});

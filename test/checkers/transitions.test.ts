// The table of a sequential specification: it ends a search before it has too many states.
import { expect, it } from 'vitest';
import type { SequentialSpecification } from '../../src/checkers/specification.ts';
import { Transitions } from '../../src/checkers/transitions.ts';
import { linearizeKinds } from '../../src/checkers/wingGong.ts';

/** A text to which letters are added: each order of them is a state of its own. */
const text: SequentialSpecification<string, string> = {
  initial: '',
  apply: (state, letter) => (letter === '!' ? undefined : state + letter),
  effectOf: () => 'transforms',
  nameOf: (state) => state,
  nameOfCall: (letter) => letter,
};

it.each([
  [10_000, 'broken'],
  [50, 'undecided'],
] as const)('a search over at most %i states is %s', (most, outcome) => {
  const transitions = new Transitions(text, most);
  const letters = [...'abcde', '!'];
  const kinds = letters.map((letter) => transitions.kindOf(letter));
  const calls = letters.map(() => ({ start: 0, end: 1 }));
  const found = linearizeKinds(transitions, calls, kinds, 1_000_000);
  expect(found.outcome).toBe(outcome);
  expect(transitions.isFull).toBe(outcome === 'undecided');
});

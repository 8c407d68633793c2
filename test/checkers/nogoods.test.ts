// Compares the search for an assignment without nogoods with trying every assignment.
import { describe, expect, it } from 'vitest';
import { Nogoods, type Pick, type Variables } from '../../src/checkers/nogoods.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';

function variables(counts: readonly number[], bound: readonly number[] = []): Variables {
  return {
    count: counts.length,
    optionCount: (variable) => counts[variable] as number,
    bound,
    excludes: (a, b) => a.option === b.option,
  };
}

function* everyChoice(counts: readonly number[]): Generator<number[]> {
  const [count, ...others] = counts;
  if (count === undefined) yield [];
  else {
    for (let option = 0; option < count; option += 1) {
      for (const rest of everyChoice(others)) yield [option, ...rest];
    }
  }
}

function isAllowed(
  choice: ArrayLike<number>,
  nogoods: readonly (readonly Pick[])[],
  bound: readonly number[],
): boolean {
  const options = bound.map((variable) => choice[variable]);
  if (new Set(options).size < options.length) return false;
  return nogoods.every((picks) =>
    picks.some(({ variable, option }) => choice[variable] !== option),
  );
}

function randomNogood(random: RandomStream, counts: readonly number[]): Pick[] {
  const all = [...counts.keys()].filter(() => random() < 0.4);
  const chosen = all.length > 0 ? all : [0];
  return chosen.map((variable) => {
    return { variable, option: randomBelow(random, counts[variable] as number) };
  });
}

describe('nogoods', () => {
  it('leave the first option of each variable, as long as nothing speaks against it', () => {
    expect(new Nogoods(variables([2, 3, 1])).choose()).toEqual(Int32Array.of(0, 0, 0));
    expect(new Nogoods(variables([3, 3, 3], [0, 2])).choose()).toEqual(Int32Array.of(0, 0, 1));
  });

  it('are kept by every choice, and end only when no choice is left', () => {
    const random = createRandomStream(1, 'nogoods');
    let steps = 0;
    for (let run = 0; run < 400; run += 1) {
      const counts = Array.from(
        { length: 1 + randomBelow(random, 4) },
        () => 1 + randomBelow(random, 3),
      );
      const bound = random() < 0.5 ? [] : [...counts.keys()].filter(() => random() < 0.5);
      const nogoods = new Nogoods(variables(counts, bound));
      const added: Pick[][] = [];
      let choice = nogoods.choose();
      for (; choice !== undefined; choice = nogoods.choose()) {
        expect(isAllowed(choice, added, bound)).toBe(true);
        steps += 1;
        const chosen = [...choice].map((option, variable) => ({ variable, option }));
        const nogood = random() < 0.5 ? chosen : randomNogood(random, counts);
        added.push(nogood);
        nogoods.add(nogood);
      }
      expect(nogoods.hasGivenUp).toBe(false);
      const left = [...everyChoice(counts)].filter((one) => isAllowed(one, added, bound));
      expect(left, JSON.stringify({ counts, bound, added })).toEqual([]);
    }
    expect(steps).toBeGreaterThan(1000);
  });

  it('do not try again what has nothing to do with a conflict', () => {
    // Two variables at the ends exclude each other; those in between have 3 ** 30 ways.
    const counts = Array.from({ length: 32 }, () => 3);
    const nogoods = new Nogoods(variables(counts));
    for (const variable of counts.keys()) nogoods.add([{ variable, option: 0 }]);
    for (const first of [1, 2]) {
      for (const last of [1, 2]) {
        nogoods.add([
          { variable: 0, option: first },
          { variable: 31, option: last },
        ]);
      }
    }
    expect(nogoods.choose()).toBeUndefined();
    expect(nogoods.hasGivenUp).toBe(false);
  });

  it('give up where there is too much to learn', () => {
    const counts = Array.from({ length: 12 }, () => 11);
    const nogoods = new Nogoods(variables(counts, [...counts.keys()]));
    expect(nogoods.choose()).toBeUndefined();
    expect(nogoods.hasGivenUp).toBe(true);
  });
});

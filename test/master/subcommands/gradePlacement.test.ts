// The nodes on which the real grader expects keys.
import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../../../src/kernel/random.ts';
import { Chance } from '../../../src/master/subcommands/gradeChance.ts';
import { holdersOf, NODES } from '../../../src/master/subcommands/gradePlacement.ts';
import { Ring } from '../../../src/replication/ring.ts';

describe('a key of a grading', () => {
  // By the first digits of their SHA-1: 5562 177c, 5556 208f, 5554 33d6, 5558 abf0, 5560 c25d.
  it.each([
    ['k', '13fb', [5562, 5556, 5554]],
    ['m', '6b0d', [5558, 5560, 5562]],
    ['c', '84a5', [5558, 5560, 5562]],
    ['b', 'e9d7', [5562, 5556, 5554]],
  ])('%s, which is at %s, belongs to %j', (key, _place, holders) => {
    expect(holdersOf(key)).toEqual(holders);
  });

  const chance = new Chance(createRandomStream(1, 'placement'));
  const keys = chance.words(20_000);

  it('is 32 letters and digits, and lies where the protocol puts it', () => {
    const ring = new Ring(NODES);
    for (const key of keys.slice(0, 2_000)) {
      expect(key).toMatch(/^[A-Za-z0-9]{32}$/);
      const owner = holdersOf(key)[0] as number;
      expect(ring.holdersOf(owner)).toEqual(holdersOf(key));
    }
  });

  it('lies at a node as often as in the log of the real grader, as far as chance goes', () => {
    // Of 150 keys of its second phase, at 5554, 5556, 5558, 5560 and 5562.
    const logged = [67, 68, 85, 92, 138];
    const shares = NODES.map((node) => keys.filter((key) => holdersOf(key).includes(node)).length);
    for (const [at, count] of logged.entries()) {
      const share = (shares[at] as number) / keys.length;
      const deviation = Math.sqrt(150 * share * (1 - share));
      expect(Math.abs(count - 150 * share)).toBeLessThan(2 * deviation);
    }
    expect(logged.reduce((sum, count) => sum + count)).toBe(3 * 150);
  });
});

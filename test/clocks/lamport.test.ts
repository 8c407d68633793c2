import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOCK_JUMP, LamportClock } from '../../src/clocks/lamport.ts';

const step = fc.oneof(fc.constant('tick' as const), fc.integer({ min: 0, max: 1_000 }));

describe('LamportClock', () => {
  it('ticks above everything that it has ticked or witnessed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const clock = new LamportClock();
        let most = 0;
        for (const received of steps) {
          if (received === 'tick') {
            expect(clock.tick()).toBe(most + 1);
            most += 1;
          } else {
            clock.witness(received);
            most = Math.max(most, received);
          }
          expect(clock.time).toBe(most);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('refuses what is too far ahead, and stays where it is (B30)', () => {
    const clock = new LamportClock();
    clock.witness(5);
    const bomb = 5 + CLOCK_JUMP + 1;
    expect(() => clock.witness(bomb)).toThrow(expect.objectContaining({ code: 'E_CLOCK_JUMP' }));
    expect(() => clock.witness(2 ** 53 - 1)).toThrow(/too far/);
    expect(clock.time).toBe(5);
    clock.witness(bomb - 1);
    expect(clock.time).toBe(5 + CLOCK_JUMP);
  });
});

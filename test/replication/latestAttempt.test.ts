import { describe, expect, it } from 'vitest';
import { LatestAttempts } from '../../src/replication/latestAttempt.ts';

const session = { id: 7, incarnation: 1 };

/** What each call made: a new number, or the number of the one before. */
function ask(attempts: LatestAttempts<number>, made: number[]) {
  return (seq: number, attempt: number) =>
    attempts.once({ session, seq, attempt }, () => made.push(seq * 10 + attempt));
}

describe('an attempt', () => {
  it('is made once, and its copies have its answer', () => {
    const made: number[] = [];
    const once = ask(new LatestAttempts(), made);
    expect([once(1, 1), once(1, 1)]).toEqual([1, 1]);
    expect(made).toEqual([11]);
  });

  it('is made anew when the session asks again, and for its next request', () => {
    const made: number[] = [];
    const once = ask(new LatestAttempts(), made);
    for (const [seq, attempt] of [
      [1, 1],
      [1, 2],
      [2, 1],
    ] as const) {
      once(seq, attempt);
    }
    expect(made).toEqual([11, 12, 21]);
  });

  it.each([
    [1, 2],
    [2, 1],
  ])('is refused when the session has gone on: request %i, attempt %i', (seq, attempt) => {
    const once = ask(new LatestAttempts(), []);
    once(2, 2);
    expect(() => once(seq, attempt)).toThrow('late copy');
  });
});

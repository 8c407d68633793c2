import { describe, expect, it } from 'vitest';
import { Inquiry, type Roster } from '../../src/replication/inquiry.ts';

function rosterOf(epoch: number, serving: number[], joiner?: number): Roster {
  return { epoch, live: serving, serving, joiner, leaveOut: () => [], beginJoin: () => true };
}

describe('an inquiry about suspects', () => {
  it('asks all who serve, and the joiner, about each other', () => {
    const inquiry = new Inquiry();
    inquiry.suspect(2);
    const { suspects, asked } = inquiry.takeSuspects(rosterOf(1, [0, 1, 2], 3));
    expect([suspects, asked]).toEqual([[2], [0, 1, 2, 3]]);
    expect(inquiry.hasSuspects).toBe(false);
  });

  it('leaves out those that the others do not reach', () => {
    const answers = new Map([
      [0, [1]],
      [1, [0]],
      [2, undefined],
    ]);
    expect(new Inquiry().judge(rosterOf(1, [0, 1, 2]), 1, [2], answers)).toEqual([2]);
  });

  it('begins again where the epoch has ended meanwhile, with those who still serve', () => {
    const inquiry = new Inquiry();
    expect(inquiry.judge(rosterOf(2, [0, 1]), 1, [1, 2], new Map())).toEqual([]);
    expect(inquiry.takeSuspects(rosterOf(2, [0, 1])).suspects).toEqual([1]);
  });
});

describe('a server that waits', () => {
  it.each([
    ['joins when it reaches all who serve', [0, 1], 'join'],
    ['asks again later when it does not', [0], 'later'],
    ['asks again later when it does not answer', undefined, 'later'],
  ] as const)('%s', (_what, reached, verdict) => {
    const inquiry = new Inquiry();
    const roster = rosterOf(1, [0, 1]);
    inquiry.wait(2);
    const others = inquiry.takeWaiting(2, roster);
    expect(others).toEqual([0, 1]);
    expect(inquiry.judgeWaiting(roster, 1, 2, others, reached)).toBe(verdict);
    expect(inquiry.hasWaiting).toBe(false);
  });

  it('goes on waiting where the epoch has ended meanwhile', () => {
    const inquiry = new Inquiry();
    inquiry.wait(2);
    const others = inquiry.takeWaiting(2, rosterOf(1, [0]));
    expect(inquiry.judgeWaiting(rosterOf(2, [0]), 1, 2, others, [0])).toBe('again');
    expect(inquiry.waiting).toEqual([2]);
  });
});

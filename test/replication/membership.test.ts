import { describe, expect, it } from 'vitest';
import { Membership, type Question, type Standing } from '../../src/replication/membership.ts';

const OUTSIDE: Standing = {
  epoch: 0,
  isInService: false,
  lacksPositions: true,
  hasPositions: false,
  isSynced: false,
  isFull: false,
  hasCompany: false,
};
const INSIDE: Standing = {
  ...OUTSIDE,
  epoch: 3,
  isInService: true,
  lacksPositions: false,
  hasPositions: true,
  hasCompany: true,
};
const SYNCED: Standing = { ...INSIDE, isSynced: true };

const kinds = (questions: readonly Question[]): string[] => questions.map(({ kind }) => kind);

function takeOne(membership: Membership, standing: Standing): Question {
  const questions = membership.take(standing);
  expect(questions).toHaveLength(1);
  return questions[0] as Question;
}

describe('a server that lacks positions', () => {
  it('asks to be taken in, one question at a time, and again after a rest', () => {
    const membership = new Membership();
    const hello = takeOne(membership, OUTSIDE);
    expect(hello.kind).toBe('hello');
    expect(membership.take(OUTSIDE)).toEqual([]);
    expect(membership.ended(hello, true)).toBeGreaterThan(0);
    expect(membership.take(OUTSIDE)).toEqual([]);
    membership.rested(hello);
    expect(kinds(membership.take(OUTSIDE))).toEqual(['hello']);
  });

  it('asks at once when another server is there, if it rests', () => {
    const membership = new Membership();
    const first = takeOne(membership, OUTSIDE);
    membership.wake();
    expect(membership.take(OUTSIDE)).toEqual([]);
    membership.ended(first, true);
    membership.wake();
    const second = takeOne(membership, OUTSIDE);
    // The rest of the first is over, and says nothing of the second.
    membership.rested(first);
    expect(membership.take(OUTSIDE)).toEqual([]);
    membership.ended(second, true);
  });

  it('does not ask with a full disk', () => {
    expect(new Membership().take({ ...OUTSIDE, isFull: true })).toEqual([]);
  });

  it('tells once whom it waits for', () => {
    const membership = new Membership();
    expect(membership.takeAwaited()).toBeUndefined();
    membership.awaits([1, 2]);
    expect(membership.takeAwaited()).toEqual([1, 2]);
    expect(membership.takeAwaited()).toBeUndefined();
    membership.take(INSIDE);
    expect([membership.hasHadPositions, membership.takeAwaited()]).toEqual([true, []]);
  });
});

describe('a server that is in sync', () => {
  it('reports it once in an epoch, and until it has been heard', () => {
    const membership = new Membership();
    const report = takeOne(membership, SYNCED);
    expect(report).toEqual({ kind: 'synced', epoch: 3 });
    expect(membership.ended(report, false)).toBeGreaterThan(0);
    membership.rested(report);
    const again = takeOne(membership, SYNCED);
    expect(membership.ended(again, true)).toBe(0);
    membership.rested(again);
    expect(membership.take(SYNCED)).toEqual([]);
  });

  it('reports the next epoch while the report of the last is still under way', () => {
    const membership = new Membership();
    takeOne(membership, SYNCED);
    expect(takeOne(membership, { ...SYNCED, epoch: 4 })).toEqual({ kind: 'synced', epoch: 4 });
  });

  it('does not report what is not so', () => {
    expect(new Membership().take(INSIDE)).toEqual([]);
  });
});

describe('a server', () => {
  it('that is out of step asks for the configuration, once', () => {
    const membership = new Membership();
    membership.outOfStep();
    const question = takeOne(membership, INSIDE);
    expect(question.kind).toBe('confirm');
    membership.outOfStep();
    expect(membership.ended(question, true)).toBe(0);
    membership.rested(question);
    expect(membership.take(INSIDE)).toEqual([]);
  });

  it('whose disk is full resigns while it has company', () => {
    const full = { ...INSIDE, isFull: true };
    expect(kinds(new Membership().take(full))).toEqual(['resign']);
    expect(new Membership().take({ ...full, hasCompany: false })).toEqual([]);
  });
});

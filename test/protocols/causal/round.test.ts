import { describe, expect, it } from 'vitest';
import { Rounds } from '../../../src/protocols/causal/round.ts';

const STALE = expect.objectContaining({ code: 'ERR_STALE_ROUND' });

describe('Rounds', () => {
  it('makes the first that asks the parent, and no other', () => {
    const rounds = new Rounds();
    const round = rounds.enter(3, 7);
    expect(round).toMatchObject({ number: 3, parent: 7, children: [] });
    expect(rounds.enter(3, 7)).toBe(round);
    expect(rounds.enter(3, 8)).toBeUndefined();
    expect(rounds.enter(3, null)).toBeUndefined();
  });

  it('leaves an earlier round when a later one begins, and never goes back', () => {
    const rounds = new Rounds();
    const first = rounds.enter(3, 7);
    const second = rounds.enter(5, 8);
    expect(second).not.toBe(first);
    expect(() => rounds.enter(3, 7)).toThrow(STALE);
    expect(() => rounds.enter(4, null)).toThrow(STALE);
    expect(() => rounds.find(3, 7)).toThrow(STALE);
    expect(rounds.find(5, 8)).toBe(second);
    if (first === undefined || second === undefined) throw new Error('neither was entered');
    expect(() => rounds.confirm(first)).toThrow(STALE);
    expect(() => rounds.confirm(second)).not.toThrow();
  });

  it('listens to the parent only', () => {
    const rounds = new Rounds();
    expect(() => rounds.find(1, 7)).toThrow(STALE);
    rounds.enter(1, 7);
    expect(() => rounds.find(1, 8)).toThrow(STALE);
    expect(() => rounds.find(2, 7)).toThrow(STALE);
  });

  it('has no parent at the root', () => {
    const rounds = new Rounds();
    const round = rounds.enter(1, null);
    expect(round?.parent).toBeNull();
    expect(rounds.enter(1, 0)).toBeUndefined();
    expect(() => rounds.find(1, 0)).toThrow(STALE);
  });
});

import { describe, expect, it } from 'vitest';
import { PendingRead } from '../../../src/protocols/quorum/pendingRead.ts';
import { put } from './writes.ts';

const OLD = put('x', 1);
const NEW = put('x', 2);
const GONE = put('x', 3, null);

describe('a read of several replicas', () => {
  it('counts the first ones in list order, in whatever order they answer', () => {
    for (const order of [
      [1, 2, 3],
      [3, 2, 1],
      [2, 3, 1],
    ]) {
      const read = new PendingRead(2, [1, 2, 3]);
      for (const id of order) {
        if (!read.isMet) read.answered(id, [id === 3 ? NEW : OLD]);
      }
      expect(read.decision).toEqual({ kind: 'answered', writes: [OLD] });
    }
  });

  it('returns the newest version of those', () => {
    const read = new PendingRead(2, [1, 2, 3]);
    read.answered(1, [OLD]);
    expect(read.isMet).toBe(false);
    read.answered(2, [GONE]);
    expect(read.decision).toEqual({ kind: 'answered', writes: [GONE] });
  });

  it('replaces a replica that refuses or is silent by the next one', () => {
    const read = new PendingRead(2, [1, 2, 3]);
    read.failed(1, true);
    read.answered(2, [OLD]);
    expect(read.isMet).toBe(false);
    read.answered(3, [NEW]);
    expect(read.decision).toEqual({ kind: 'answered', writes: [NEW] });
    const silent = new PendingRead(2, [1, 2, 3]);
    silent.answered(2, [OLD]);
    silent.answered(3, [NEW]);
    expect(silent.isMet).toBe(false);
    silent.expire();
    expect(silent.decision).toEqual({ kind: 'answered', writes: [NEW] });
  });

  it('counts replicas that do not have the key', () => {
    const read = new PendingRead(2, [1, 2, 3]);
    read.answered(1, []);
    read.answered(2, []);
    expect(read.decision).toEqual({ kind: 'answered', writes: [] });
  });

  it('fails when too few are left, and says whether all others have refused', () => {
    const read = new PendingRead(2, [1, 2, 3]);
    read.failed(1, true);
    read.failed(3, true);
    expect(read.decision).toEqual({ kind: 'failed', isCertain: true });
    const silent = new PendingRead(2, [1, 2, 3]);
    silent.failed(1, true);
    silent.answered(2, [NEW]);
    silent.expire();
    expect(silent.decision).toEqual({ kind: 'failed', isCertain: false });
  });
});

describe('a read of one replica', () => {
  it('is answered by the first in list order that has the key', () => {
    const read = new PendingRead(1, [1, 2, 3]);
    read.answered(3, [NEW]);
    expect(read.isMet).toBe(false);
    read.answered(1, []);
    expect(read.isMet).toBe(false);
    read.answered(2, [OLD]);
    expect(read.decision).toEqual({ kind: 'answered', writes: [OLD] });
  });

  it('takes a tombstone for the key', () => {
    const read = new PendingRead(1, [1, 2, 3]);
    read.answered(1, [GONE]);
    expect(read.decision).toEqual({ kind: 'answered', writes: [GONE] });
  });

  it('finds no key if no replica that answers has it', () => {
    const read = new PendingRead(1, [1, 2, 3]);
    read.answered(1, []);
    read.answered(2, []);
    expect(read.isMet).toBe(false);
    read.failed(3, false);
    expect(read.decision).toEqual({ kind: 'answered', writes: [] });
  });
});

describe('the repairs after a read', () => {
  it('bring the newest version to each replica that answered with less', () => {
    const read = new PendingRead(2, [1, 2, 3, 4]);
    read.answered(1, [OLD]);
    read.answered(2, []);
    read.answered(3, [NEW]);
    read.failed(4, false);
    expect(read.repairs).toEqual([
      { replica: 1, write: NEW },
      { replica: 2, write: NEW },
    ]);
  });

  it('are none if all have the same, or nothing', () => {
    const same = new PendingRead(1, [1, 2]);
    same.answered(1, [OLD]);
    same.answered(2, [OLD]);
    expect(same.repairs).toEqual([]);
    const nothing = new PendingRead(1, [1, 2]);
    nothing.answered(1, []);
    expect(nothing.repairs).toEqual([]);
  });

  it('take no answer that came after the time was over', () => {
    const read = new PendingRead(1, [1, 2]);
    read.answered(1, [NEW]);
    read.expire();
    read.answered(2, [OLD]);
    expect(read.repairs).toEqual([]);
  });
});

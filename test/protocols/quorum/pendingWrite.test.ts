import { describe, expect, it } from 'vitest';
import { PendingWrite, type Target } from '../../../src/protocols/quorum/pendingWrite.ts';
import { put } from './writes.ts';

/** The replica itself. */
const at = (server: number): Target => ({ server, owner: server });

function begin(needed: number, called: readonly number[] = [1, 2, 3]): PendingWrite {
  const plan = { needed, lists: [[1, 2, 3]], called: called.map(at), spares: [] };
  return new PendingWrite(put('x', 1), plan);
}

describe('a write at its coordinator', () => {
  it('is met when as many replicas have confirmed as the level asks for', () => {
    const write = begin(2);
    expect(write.decision).toBe('open');
    write.confirmed(at(3));
    expect(write.decision).toBe('open');
    write.confirmed(at(1));
    expect(write.decision).toBe('met');
    expect(write.confirmations).toEqual([3, 1]);
    expect(write.unconfirmed).toEqual([2]);
  });

  it('counts a replica once, however often it confirms', () => {
    const write = begin(2);
    write.confirmed(at(1));
    write.confirmed(at(1));
    expect(write.decision).toBe('open');
  });

  it('owes the write to replicas that were not called, too', () => {
    const write = begin(1, [2]);
    write.confirmed(at(2));
    expect(write.decision).toBe('met');
    expect(write.unconfirmed).toEqual([1, 3]);
  });

  it('has failed as soon as too few are left', () => {
    const write = begin(2);
    write.failed(at(1), false);
    expect(write.decision).toBe('open');
    write.failed(at(2), false);
    expect(write.decision).toBe('failed');
    expect(write.unconfirmed).toEqual([1, 2, 3]);
  });

  it('has failed when its time is over, and may be met later all the same', () => {
    const write = begin(2);
    write.confirmed(at(1));
    write.expire();
    expect([write.decision, write.isMet]).toEqual(['failed', false]);
    write.confirmed(at(2));
    expect(write.hasConfirmed(2)).toBe(true);
    expect(write.unconfirmed).toEqual([3]);
  });

  it('is undone only if no replica can have received it', () => {
    const unsent = begin(1);
    for (const id of [1, 2, 3]) unsent.failed(at(id), true);
    expect(unsent.decision).toBe('undone');
    const one = begin(1);
    one.failed(at(1), false);
    for (const id of [2, 3]) one.failed(at(id), true);
    expect(one.decision).toBe('failed');
    const open = begin(3);
    open.failed(at(1), true);
    expect(open.decision).toBe('failed');
    const copied = begin(2);
    copied.confirmed(at(1));
    for (const id of [2, 3]) copied.failed(at(id), true);
    expect(copied.decision).toBe('failed');
  });
});

describe('a write while the ring grows', () => {
  /** Server 4 is in the new list in the place of server 3. */
  const lists = [
    [1, 2, 3],
    [4, 1, 2],
  ];
  const growing = { needed: 2, lists, called: [1, 2, 3, 4].map(at), spares: [] };

  it('needs its level in the old list and in the new one', () => {
    const write = new PendingWrite(put('x', 1), growing);
    write.confirmed(at(4));
    write.confirmed(at(1));
    expect(write.decision).toBe('open');
    write.confirmed(at(3));
    expect(write.decision).toBe('met');
    expect(write.unconfirmed).toEqual([2]);
  });

  it('fails when one of the lists cannot reach its level any more', () => {
    const write = new PendingWrite(put('x', 1), growing);
    write.failed(at(2), true);
    write.failed(at(1), true);
    expect(write.decision).toBe('failed');
    const other = new PendingWrite(put('x', 1), { ...growing, called: [3, 4].map(at) });
    expect(other.decision).toBe('failed');
  });

  it('goes on with the lists of the new ring when a replica refuses the former one', () => {
    const write = begin(2);
    write.confirmed(at(1));
    expect(write.moved(growing, at(2))).toEqual([at(2), at(4)]);
    expect(write.decision).toBe('open');
    // Another replica refuses, too: those that are called already are not called again.
    expect(write.moved(growing, at(3))).toEqual([at(3)]);
    write.confirmed(at(2));
    expect(write.decision).toBe('met');
    expect(write.unconfirmed).toEqual([3, 4]);
  });

  it('stays met with the lists that it was met in', () => {
    const write = begin(2);
    write.confirmed(at(1));
    write.confirmed(at(2));
    expect(write.moved(growing, at(3))).toEqual([at(3), at(4)]);
    expect([write.decision, write.unconfirmed]).toEqual(['met', [3]]);
  });

  it('does not go on at a replica that the new ring leaves out', () => {
    const write = begin(2);
    const after = { needed: 2, lists: [[4, 1, 2]], called: [4, 1, 2].map(at), spares: [] };
    expect(write.moved(after, at(3))).toEqual([at(4)]);
    write.failed(at(1), true);
    write.failed(at(2), true);
    write.failed(at(4), true);
    // The refused message may have had a copy that was kept.
    expect(write.decision).toBe('failed');
  });
});

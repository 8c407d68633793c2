import { describe, expect, it } from 'vitest';
import { type Hint, HintTable } from '../../src/replication/hints.ts';

interface Write {
  readonly key: string;
  readonly at: number;
  readonly origin: string;
}

const put = (key: string, at: number, origin = 'a'): Write => ({ key, at, origin });

/** Total within an origin; writes of two origins are concurrent. */
function createTable(): HintTable<Write> {
  return new HintTable((a, b) => a.key === b.key && a.origin === b.origin && a.at >= b.at);
}

/** The owner has that write: what it needs no more is removed. */
function confirm(table: HintTable<Write>, hint: Hint<Write>): void {
  const paid = table.paidBy(hint);
  table.remove(hint.owner, hint.write.key, (write) => paid.includes(write));
}

describe('hints', () => {
  it('are kept by owner, and shown by owner and key', () => {
    const table = createTable();
    table.add({ owner: 2, write: put('y', 1) });
    table.add({ owner: 1, write: put('x', 2) });
    table.add({ owner: 2, write: put('x', 2) });
    expect(table.owners).toEqual([1, 2]);
    expect(table.size).toBe(3);
    expect(Array.from(table.all(), ({ owner, write }) => [owner, write.key])).toEqual([
      [1, 'x'],
      [2, 'x'],
      [2, 'y'],
    ]);
    expect(table.has(1)).toBe(true);
    expect(table.has(3)).toBe(false);
  });

  it('of one key and owner: a later write takes the place of what it supersedes', () => {
    const table = createTable();
    table.add({ owner: 1, write: put('x', 2) });
    table.add({ owner: 1, write: put('x', 1) });
    expect(table.of(1)).toEqual([put('x', 2)]);
    table.add({ owner: 1, write: put('x', 3) });
    expect(table.of(1)).toEqual([put('x', 3)]);
  });

  it('keep concurrent writes beside each other', () => {
    const table = createTable();
    table.add({ owner: 1, write: put('x', 2, 'a') });
    table.add({ owner: 1, write: put('x', 1, 'b') });
    table.add({ owner: 1, write: put('x', 3, 'a') });
    expect(table.of(1)).toEqual([put('x', 1, 'b'), put('x', 3, 'a')]);
    confirm(table, { owner: 1, write: put('x', 3, 'a') });
    expect(table.of(1)).toEqual([put('x', 1, 'b')]);
  });

  it('stay until their owner has confirmed them, or what supersedes them', () => {
    const table = createTable();
    const old = { owner: 1, write: put('x', 2) };
    table.add(old);
    table.add({ owner: 2, write: put('x', 2) });
    confirm(table, { owner: 1, write: put('x', 1) });
    expect(table.has(1)).toBe(true);
    const older = { owner: 1, write: put('x', 1) };
    const newer = { owner: 1, write: put('x', 3) };
    expect([older, old, newer].map((hint) => table.paidBy(hint).length > 0)).toEqual([
      false,
      true,
      true,
    ]);
    expect([older, old, newer].map((hint) => table.keeps(hint))).toEqual([true, true, false]);
    confirm(table, old);
    expect([table.has(1), table.has(2), table.size]).toEqual([false, true, 1]);
    confirm(table, old);
    expect(table.size).toBe(1);
  });

  it('do not leave when an earlier delivery is confirmed after a later write came', () => {
    const table = createTable();
    const delivered = { owner: 1, write: put('x', 2) };
    table.add(delivered);
    table.add({ owner: 1, write: put('x', 5) });
    confirm(table, delivered);
    expect(table.of(1)).toEqual([put('x', 5)]);
  });

  it('are for other servers when their key belongs to these', () => {
    const table = createTable();
    table.add({ owner: 1, write: put('x', 2) });
    table.add({ owner: 1, write: put('y', 1) });
    table.add({ owner: 2, write: put('x', 1) });
    table.readdress((owner, key) => (key === 'x' ? [2, 3] : [owner]));
    expect(Array.from(table.all(), ({ owner, write }) => [owner, write.key, write.at])).toEqual([
      [1, 'y', 1],
      [2, 'x', 2],
      [3, 'x', 2],
    ]);
  });
});

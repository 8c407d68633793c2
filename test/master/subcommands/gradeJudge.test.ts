import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/kernel/history.ts';
import { findFaults, type ShownDump } from '../../../src/master/subcommands/gradeJudge.ts';

/** Operations one after the other, or at once where the times say so. */
function operation(
  seq: number,
  kind: Operation['kind'],
  value: string | null,
  more: Partial<Operation> = {},
): Operation {
  const [invokedAt, returnedAt] = [seq * 10, seq * 10 + 5];
  const outcome = kind === 'get' && value === null ? 'absent' : 'ok';
  const common = {
    session: 10,
    incarnation: 1,
    server: 0,
    version: null,
    applied: null,
    line: seq,
  };
  return { ...common, seq, kind, key: 'k', value, outcome, invokedAt, returnedAt, ...more };
}

type Entries = ShownDump['entries'];

const all = (behind: number, entries: Entries): ShownDump => ({ scope: '*', behind, entries });
const copies = (count: number, entries: Entries): ShownDump[] =>
  Array.from({ length: 5 }, (_, server) => {
    return { scope: '@', behind: 1, entries: server < count ? entries : [] };
  });

describe('a phase', () => {
  const history = [operation(0, 'put', 'a')];

  it('has no fault when every key lies three times, and is what the history says', () => {
    expect(findFaults(history, [...copies(3, [['k', 'a']]), all(1, [['k', 'a']])])).toEqual([]);
  });

  it.each([
    ['a copy too few', copies(2, [['k', 'a']]), [['k', 'a']], 'k lies at 2 servers'],
    ['a copy too many', copies(4, [['k', 'a']]), [['k', 'a']], 'k lies at 4 servers'],
    ['another value at a server', copies(3, [['k', 'b']]), [['k', 'a']], 'a server holds b for k'],
    ['a key too few', copies(0, []), [], '* shows null for k'],
    ['no answer', [], undefined, '* was not answered'],
  ] as const)('has a fault with %s', (_, own, entries, fault) => {
    expect(findFaults(history, [...own, all(1, entries)])).toContain(fault);
  });

  it('has a fault when an operation is refused, or the history is not linearizable', () => {
    const refused = operation(1, 'get', null, { outcome: 'fail' });
    expect(findFaults([refused], [])).toEqual([
      'not linearizable: undecided, no operation was answered',
      '1 of 1 operations were not answered',
    ]);
    expect(findFaults([], [])).toEqual(['not linearizable: undecided, there was no operation']);
    const stale = [...history, operation(1, 'put', 'b'), operation(2, 'get', 'a')];
    expect(findFaults(stale, [])).toEqual(['not linearizable: broken']);
  });
});

describe('what a dump of everything may show', () => {
  const isFine = (history: Operation[], value: string | null): boolean => {
    const entries: Entries = value === null ? [] : [['k', value]];
    const own = copies(3, entries);
    return findFaults(history, [...own, all(history.length, entries)]).length === 0;
  };

  it('is the last write, or any of those at the end that were at once', () => {
    const atOnce = { session: 11, invokedAt: 2, returnedAt: 9 };
    const history = [operation(0, 'put', 'a'), operation(0, 'put', 'b', atOnce)];
    expect([isFine(history, 'a'), isFine(history, 'b')]).toEqual([true, true]);
    expect(isFine(history, null)).toBe(false);
    const later = [...history, operation(3, 'delete', null)];
    expect([isFine(later, null), isFine(later, 'a')]).toEqual([true, false]);
  });
});

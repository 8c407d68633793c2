import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/kernel/history.ts';
import { findFaults, type Look, type Played } from '../../../src/master/subcommands/gradeJudge.ts';
import { NODES } from '../../../src/master/subcommands/gradePlacement.ts';

/** Operations one after the other, or at once where the times say so. `k` lies at these nodes. */
const HOLDERS = [5562, 5556, 5554];

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

type Entries = Look['entries'];

const all = (finished: number, entries: Entries): Look => ({ node: undefined, finished, entries });

/** What each node shows, the same entries at these and nothing elsewhere. */
function stores(finished: number, entries: Entries, nodes: readonly number[] = HOLDERS): Look[] {
  return NODES.map((node) => ({ node, finished, entries: nodes.includes(node) ? entries : [] }));
}

function faultsOf(history: readonly Operation[], looks: Look[], more: Partial<Played> = {}) {
  const rest = { begun: 0, isAgreed: false, known: new Set<string>() };
  return findFaults({ history, looks, ...rest, ...more });
}

const textsOf = (...given: Parameters<typeof faultsOf>): string[] =>
  faultsOf(...given).map(({ text }) => text);

describe('a phase', () => {
  const history = [operation(0, 'put', 'a')];
  const entries: Entries = [['k', 'a']];

  it('has no fault when every key lies at its three nodes, and is what the history says', () => {
    expect(textsOf(history, [...stores(1, entries), all(1, entries)])).toEqual([]);
  });

  it.each([
    ['a copy too few', stores(1, entries, [5562, 5554]), 'node 5556 lacks a key: k'],
    [
      'a copy too many',
      stores(1, entries, [...HOLDERS, 5558]),
      'node 5558 holds a key of 5562, 5556, 5554: k',
    ],
    ['a copy elsewhere', stores(1, entries, [5562, 5556, 5558]), 'node 5554 lacks a key: k'],
    ['another value', stores(1, [['k', 'b']]), 'node 5554 holds the value b: k'],
    [
      'a key that was never put',
      [...stores(1, entries), { node: 5558, finished: 1, entries: [['m', 'b']] }],
      'node 5558 still holds a key: m',
    ],
    ['a key too few', [all(1, [])], 'the look at everything lacks a key: k'],
    ['no answer', [all(1, undefined)], 'the look at everything was not answered'],
    ['no answer of a node', stores(1, undefined), 'node 5554 was not answered'],
  ] as const)('has a fault with %s', (_, looks, fault) => {
    expect(textsOf(history, [...looks])[0]).toBe(fault);
  });

  it('shows the writes of the key, and names each key once', () => {
    const faults = faultsOf(history, [...stores(1, []), all(1, [])]);
    expect(faults).toEqual([{ text: 'node 5554 lacks a key: k', key: 'k', operations: history }]);
  });

  it('has a fault when a deleted key is left', () => {
    const deleted = [...history, operation(1, 'delete', null)];
    expect(textsOf(deleted, stores(2, []))).toEqual([]);
    const left = stores(2, entries, [5556]);
    expect(textsOf(deleted, left)).toEqual(['node 5556 still holds a key: k']);
  });

  it('has a fault when an operation is refused, and shows it', () => {
    const refused = operation(1, 'get', null, { outcome: 'fail' });
    expect(faultsOf([...history, refused], [])).toEqual([
      { text: '1 of 2 operations were not answered', operations: [refused], key: undefined },
    ]);
  });

  it('has a fault when the history is not linearizable, and shows the operations', () => {
    const stale = [...history, operation(1, 'put', 'b'), operation(2, 'get', 'a')];
    const [fault] = faultsOf(stale, []);
    expect(fault?.text).toMatch(/^linearizable: broken: .*k=a/);
    expect(fault?.text).not.toContain('(line');
    expect(fault?.operations.length).toBeGreaterThan(1);
    expect(fault?.key).toBe('k');
  });
});

describe('answers that have to agree', () => {
  const put = [operation(0, 'put', 'a'), operation(0, 'put', 'b', { session: 11, returnedAt: 6 })];
  const got = (session: number, value: string): Operation =>
    operation(2, 'get', value, { session, seq: 1 });

  it('do, or are shown', () => {
    const same = [...put, got(10, 'a'), got(11, 'a')];
    expect(textsOf(same, [], { isAgreed: true })).toEqual([]);
    const different = [...put, got(10, 'a'), got(11, 'b')];
    const faults = faultsOf(different, [], { isAgreed: true });
    expect(faults.map(({ text }) => text)).toContain('2 different answers for k');
    expect(faults.at(-1)?.operations).toEqual(different.slice(2));
    expect(textsOf(different, []).join()).not.toContain('different answers');
  });
});

describe('what may be shown', () => {
  const isFine = (history: Operation[], value: string | null): boolean => {
    const entries: Entries = value === null ? [] : [['k', value]];
    const looks = [...stores(history.length, entries), all(history.length, entries)];
    return textsOf(history, looks).length === 0;
  };
  const atOnce = { session: 11, invokedAt: 2, returnedAt: 9 };
  const written = [operation(0, 'put', 'a'), operation(0, 'put', 'b', atOnce)];

  it('is the last write, or any of those at the end that were at once', () => {
    expect([isFine(written, 'a'), isFine(written, 'b')]).toEqual([true, true]);
    expect(isFine(written, null)).toBe(false);
    const later = [...written, operation(3, 'delete', null)];
    expect([isFine(later, null), isFine(later, 'a')]).toEqual([true, false]);
  });

  it('is the same at every node, and in the look at everything', () => {
    const other = stores(2, [['k', 'b']], [5556]);
    const looks = stores(2, [['k', 'a']]).map((look, at) => {
      return look.node === 5556 ? (other[at] as Look) : look;
    });
    const told = 'copies differ (node 5554 a, node 5556 b, node 5562 a): k';
    expect(textsOf(written, looks)).toEqual([told]);
    const [fault] = textsOf(written, [...stores(2, [['k', 'a']]), all(2, [['k', 'b']])]);
    expect(fault).toMatch(/the look at everything b\): k$/);
  });

  it('is judged by what was over then', () => {
    const history = [operation(0, 'put', 'a'), operation(1, 'put', 'b')];
    const looks = [...stores(1, [['k', 'a']]), ...stores(2, [['k', 'b']])];
    expect(textsOf(history, looks)).toEqual([]);
    expect(
      textsOf(
        history,
        [...looks].reverse().map((look) => ({ ...look, finished: 2 })),
      ),
    ).not.toEqual([]);
  });
});

describe('a later phase', () => {
  const old = operation(0, 'put', 'a');
  const own = operation(1, 'put', 'b', { key: 'm' });
  const looks = stores(2, [['m', 'b']], [5558, 5560, 5562]);

  it('is judged by the keys of the earlier ones as well', () => {
    expect(textsOf([old, own], looks, { begun: 1 })).toEqual(['node 5554 lacks a key: k']);
  });

  it('does not pay for what an earlier one has paid for, unless it uses the key', () => {
    const known = new Set(['k']);
    expect(textsOf([old, own], looks, { begun: 1, known })).toEqual([]);
    const again = [old, own, operation(2, 'get', null)];
    expect(
      textsOf(again, stores(3, [['m', 'b']], [5558, 5560, 5562]), { begun: 1, known }),
    ).toHaveLength(2);
  });

  it('is not blamed for answers of an earlier one', () => {
    const stale = [old, operation(1, 'put', 'b'), operation(2, 'get', 'a')];
    const refused = operation(3, 'get', null, { outcome: 'fail' });
    const later = operation(4, 'put', 'b', { key: 'm' });
    const known = new Set(['k']);
    expect(textsOf([...stale, refused, later], [], { begun: 4, known })).toEqual([]);
  });
});

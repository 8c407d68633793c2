// Operations that were packed are the same as those that were not.
import { describe, expect, test } from 'vitest';
import type { Operation, Recorded } from '../../src/kernel/history.ts';
import { OperationLog, pack, unpack } from '../../src/language/operationLog.ts';

function operation(seq: number): Operation {
  const isPut = seq % 2 === 0;
  return {
    session: 5 + (seq % 3),
    incarnation: 1,
    seq,
    kind: isPut ? 'put' : 'get',
    key: seq % 7 === 0 ? '__proto__' : `k${seq % 100}`,
    value: seq % 5 === 0 ? null : `v${seq}\u0000é\ud800`,
    outcome: isPut ? 'ok' : 'absent',
    invokedAt: seq + 1 / 3,
    returnedAt: seq % 11 === 0 ? null : seq + 0.1,
    server: 0,
    version: [0, 1, seq],
    applied: seq % 13 === 0 ? null : [[0, 1, seq]],
    line: seq,
    ...(seq % 4 === 0 && { number: seq }),
    ...(seq % 6 === 0 && { modifiers: ['quorum'] }),
  };
}

const lines = (operations: readonly Recorded[]): string[] =>
  operations.map((one) => JSON.stringify(one));

describe('packed operations', () => {
  test('come back in their order, with their fields in their order', () => {
    const operations = Array.from({ length: 1000 }, (_, seq) => operation(seq));
    const back = unpack(pack(operations));
    expect(back).toEqual(operations);
    expect(lines(back)).toEqual(lines(operations));
  });

  test.each([
    [[]],
    [[{}]],
    [[{ a: undefined }, { a: 1 }]],
    [
      [
        { a: -0, b: 1 },
        { b: 2, a: 0 },
      ],
    ],
  ])('may be %j', (objects) => {
    expect(unpack(pack(objects))).toEqual(objects);
  });

  test('have the values of numbers exactly', () => {
    const exact = [
      [0.1, 1e21, 2 ** 53, 5e-324, 1 / 3],
      [-0, 0],
      [0, 2 ** 31 - 1, -(2 ** 31)],
      [2 ** 31, 1],
    ];
    for (const times of exact) {
      const back = unpack(pack(times.map((invokedAt) => ({ invokedAt }))));
      expect(back.map(({ invokedAt }) => invokedAt)).toEqual(times);
    }
  });
});

describe('the log of a run', () => {
  const all = Array.from({ length: 23_500 }, (_, seq) => operation(seq));

  test('lists all operations, packed or not, as often as it is asked', () => {
    const log = new OperationLog();
    const wanted = lines(all);
    const same = (): boolean => lines(log.list()).every((line, at) => line === wanted[at]);
    for (const [count, one] of all.entries()) {
      log.add(one);
      if (count !== 20_998 && count !== 20_999) continue;
      expect([log.list().length, same()]).toEqual([count + 1, true]);
    }
    expect([log.list().length, same()]).toEqual([all.length, true]);
    expect([log.list().length, same()]).toEqual([all.length, true]);
  });

  test('holds no more than the latest as objects', () => {
    const log = new OperationLog();
    for (const one of all) log.add(one);
    const kept = new Set<Recorded>(all);
    expect(log.list().filter((one) => kept.has(one))).toHaveLength(20_500);
  });
});

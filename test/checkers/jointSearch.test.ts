// Several keys and sessions, judged as every order decides: sequential consistency with
// compare-and-set, append and pop, and linearizability by a coarse clock.
import { describe, expect, it } from 'vitest';
import { checkHistory } from '../../src/checkers/checkHistory.ts';
import { isPlain } from '../../src/checkers/history.ts';
import { judgeSequentialCalls } from '../../src/checkers/jointSearch.ts';
import { judgeCalls } from '../../src/checkers/linearizability.ts';
import { isWrite } from '../../src/checkers/normalize.ts';
import { type KeyCall, REGISTER } from '../../src/checkers/register.ts';
import type { Recorded } from '../../src/kernel/history.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { extent } from '../support/extent.ts';
import { type Happened, operationOf, randomCall } from './someOrder.ts';

const ROUNDS = extent({ full: 6000, quick: 100 });

interface InSession extends Happened {
  readonly session: number;
  readonly seq: number;
}

/** Tries every order that keeps that of each session and, with `isTimed`, of closed intervals. */
function canOrder(calls: readonly InSession[], isTimed: boolean): boolean {
  const isOpen = ({ end }: InSession): boolean => end === Number.POSITIVE_INFINITY;
  const precedes = (a: InSession, b: InSession): boolean =>
    (a.session === b.session && a.seq < b.seq && !isOpen(a)) || (isTimed && a.end < b.start);
  const place = (left: readonly InSession[], states: Readonly<Record<string, string | null>>) => {
    if (left.every(isOpen)) return true;
    return left.some((next): boolean => {
      if (left.some((other) => precedes(other, next))) return false;
      const after = REGISTER.apply(states[next.key] ?? null, next.call);
      if (after === undefined) return false;
      return place(
        left.filter((other) => other !== next),
        { ...states, [next.key]: after },
      );
    });
  };
  return place(calls, {});
}

/** Sessions whose operations begin where the one before has ended, by a clock of few instants. */
function randomSessions(random: RandomStream, kinds: readonly KeyCall['kind'][]): InSession[] {
  return [0, 1, 2].flatMap((session) => {
    let now = randomBelow(random, 3);
    return Array.from({ length: 1 + randomBelow(random, 3) }, (_, seq): InSession => {
      const start = now + (random() < 0.8 ? 0 : 1);
      now = start + randomBelow(random, 2);
      const key = random() < 0.5 ? 'x' : 'y';
      const call = randomCall(random, kinds);
      if (call.kind === 'get' || random() < 0.9)
        return { call, key, start, end: now, session, seq };
      const open = 'result' in call ? { ...call, result: undefined } : call;
      return { call: open, key, start, end: Number.POSITIVE_INFINITY, session, seq };
    });
  });
}

function recorded(all: readonly InSession[]): Recorded[] {
  return all.map(({ session, seq, ...one }) => ({ ...operationOf(one), session, seq }));
}

function hasWritten(one: Recorded): boolean {
  return one.kind !== 'cas' || one.isSet !== false;
}

const KINDS = [
  [['put', 'get', 'compareAndSet']],
  [['put', 'get', 'append']],
  [['put', 'delete', 'get', 'append', 'pop', 'compareAndSet']],
] as const;

describe('several keys, in the order of the sessions', () => {
  it.each(KINDS)('are judged sequential as every order says: %j', (kinds) => {
    const random = createRandomStream(11, 'sequential');
    const counts = { holds: 0, broken: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const all = randomSessions(random, kinds);
      const expected = canOrder(all, false) ? 'holds' : 'broken';
      expect(judgeSequentialCalls(recorded(all)).outcome, JSON.stringify(all)).toBe(expected);
      counts[expected] += 1;
    }
    expect(Math.min(counts.holds, counts.broken)).toBeGreaterThan(ROUNDS / 20);
  });

  it.each([...KINDS, [['put', 'get']], [['put', 'get', 'delete']]] as const)(
    'are judged linearizable by a coarse clock as every order says: %j',
    (kinds) => {
      const random = createRandomStream(12, 'coarse');
      const counts = { holds: 0, broken: 0 };
      for (let round = 0; round < ROUNDS; round += 1) {
        const all = randomSessions(random, kinds);
        const expected = canOrder(all, true) ? 'holds' : 'broken';
        expect(judgeCalls(recorded(all)).outcome, JSON.stringify(all)).toBe(expected);
        counts[expected] += 1;
      }
      expect(Math.min(counts.holds, counts.broken)).toBeGreaterThan(ROUNDS / 20);
    },
  );

  it('show a part that is broken by itself, with all writes of its keys', () => {
    const random = createRandomStream(13, 'shown');
    let found = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const operations = recorded(
        randomSessions(random, ['put', 'get', 'append', 'compareAndSet']),
      );
      const history = { initial: [], operations, isTimed: false, transactions: 0 };
      const verdict = checkHistory(history, 'sequential');
      if (verdict.outcome !== 'broken' || isPlain(operations)) continue;
      found += 1;
      const shown = verdict.witness.operations;
      const told = JSON.stringify(operations);
      expect(judgeSequentialCalls(shown).outcome, told).toBe('broken');
      if (verdict.witness.pattern === 'ThinAirRead' || isPlain(shown)) continue;
      const keys = new Set(shown.map(({ key }) => key));
      const writes = operations.filter((one) => keys.has(one.key) && isWrite(one));
      expect(shown, told).toEqual(expect.arrayContaining(writes.filter(hasWritten)));
    }
    expect(found).toBeGreaterThan(ROUNDS / 20);
  });

  it('does not guess whether a server lacked what an earlier run wrote', () => {
    const write = { key: 'x', value: '1', version: null, outcome: 'ok', server: 0 } as const;
    const gets = ['1', null, '1'].map((result, seq): InSession => {
      return { call: { kind: 'get', result }, key: 'x', start: seq, end: seq, session: 1, seq };
    });
    const swap: KeyCall = { kind: 'compareAndSet', expected: '1', value: '2', result: true };
    const last: InSession = { call: swap, key: 'x', start: 9, end: 9, session: 1, seq: 9 };
    const judge = (all: readonly InSession[]) =>
      checkHistory(
        { initial: [write], operations: recorded(all), isTimed: false, transactions: 0 },
        'sequential',
      );
    expect(judge([gets[0], last] as InSession[]).outcome).toBe('holds');
    expect(judge([gets[1], gets[2], last] as InSession[])).toMatchObject({
      outcome: 'undecided',
      why: expect.stringContaining('earlier run'),
    });
    expect(judge([...gets, last]).outcome).toBe('broken');
  });
});

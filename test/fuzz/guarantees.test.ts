// A history is judged by the guarantees that each session has.
import { describe, expect, test } from 'vitest';
import { Coverage } from '../../src/fuzz/coverage.ts';
import { findBrokenGuarantee } from '../../src/fuzz/guarantees.ts';
import type { Operation, Recorded, VersionTuple } from '../../src/kernel/history.ts';
import type { Protocol } from '../../src/kernel/protocol.ts';
import { plain } from '../support/tinyProtocols.ts';

const seqBySession = new Map<number, number>();

/** Server 0 answered; it had applied all of its writes up to `upTo`. */
function operate(
  session: number,
  kind: Operation['kind'],
  value: string | null,
  version: VersionTuple | null,
  upTo: number,
): Operation {
  const seq = seqBySession.get(session) ?? 0;
  seqBySession.set(session, seq + 1);
  const at = 10 * seq + session;
  const outcome = kind === 'get' && value === null ? 'absent' : 'ok';
  return {
    ...{ session, incarnation: 1, seq, kind, key: 'x', value, outcome, version, line: seq + 1 },
    ...{ invokedAt: at, returnedAt: at + 1, server: 0, applied: [[0, 1, upTo]] },
  };
}

const promising = (
  claims: Protocol['claims'],
  guarantees: Protocol['guarantees'] = {},
): Protocol => ({ ...plain, claims, guarantees });

const judge = (
  protocol: Protocol,
  history: readonly Operation[],
  words: (operation: Recorded) => readonly string[] = () => [],
): string | undefined =>
  findBrokenGuarantee({ protocol, options: {} }, history, words, new Coverage())?.kind;

/** Its own write is gone. */
const forgetful = (session: number): Operation[] => [
  operate(session, 'put', `v${session}`, [session, 0, 1], session),
  operate(session, 'get', null, null, 0),
];

describe('what every protocol promises', () => {
  test('G1: a value that was never put', () => {
    const history = [operate(1, 'get', 'ghost', [1, 0, 1], 1)];
    expect(judge(promising([]), history)).toBe('G1');
  });

  test('G1: a value whose put was told that it failed', () => {
    const put = { ...operate(1, 'put', 'v', null, 0), outcome: 'fail' } as const;
    const found = operate(2, 'get', 'v', [1, 0, 1], 1);
    expect(judge(promising([]), [put, found])).toBe('G1');
    expect(judge(promising([]), [{ ...put, outcome: 'unknown' }, found])).toBeUndefined();
  });

  test('G7: one put, two versions, also beside another value', () => {
    const put = operate(1, 'put', 'v', [1, 0, 1], 1);
    const get = operate(2, 'get', 'u', [2, 0, 1], 2);
    const other = operate(3, 'put', 'u', [2, 0, 1], 2);
    const both = (version: VersionTuple) => ({
      ...get,
      siblings: [
        { value: 'u', version: [2, 0, 1] as const },
        { value: 'v', version },
      ],
    });
    expect(judge(promising([]), [put, other, both([1, 0, 1])])).toBeUndefined();
    expect(judge(promising([]), [put, other, both([3, 0, 1])])).toBe('G7');
  });

  test('a guarantee of sessions holds by what the contexts include', () => {
    const put = { ...operate(1, 'put', 'v', [1, 0, 1], 1), applied: null };
    const get = { ...operate(1, 'get', 'u', [2, 0, 1], 1), applied: null };
    const other = { ...operate(2, 'put', 'u', [2, 0, 1], 1), applied: null };
    const ryw = promising(['read-your-writes']);
    const [own, another] = [[[0, 1, 0, 1]], [[0, 1, 1, 2]]] as const;
    const told = (context: readonly (readonly [number, number, number, number])[]) => [
      { ...put, context: own },
      { ...other, context: another },
      { ...get, context },
    ];
    expect(judge(ryw, told(another))).toBe('read-your-writes');
    expect(judge(ryw, told([[0, 1, 0, 2]]))).toBeUndefined();
  });

  test('G7: one put, two versions', () => {
    const history = [operate(1, 'put', 'v', [1, 0, 1], 1), operate(2, 'get', 'v', [2, 0, 1], 2)];
    expect(judge(promising([]), history)).toBe('G7');
    const losing = { ...promising([]), losesWrites: () => true };
    expect(judge(losing, history)).toBeUndefined();
  });

  test('two puts of one value are two writes', () => {
    const history = [
      operate(1, 'put', 'v', [1, 0, 1], 1),
      operate(1, 'put', 'v', [2, 0, 1], 2),
      operate(2, 'get', 'v', [2, 0, 1], 2),
    ];
    expect(judge(promising([]), history)).toBeUndefined();
  });
});

describe('what this protocol promises', () => {
  test('a claim binds every session', () => {
    expect(judge(promising(['read-your-writes']), forgetful(1))).toBe('read-your-writes');
    expect(judge(promising([]), forgetful(1))).toBeUndefined();
  });

  test('a word binds the sessions that asked for it, and no other', () => {
    const protocol = promising([], { sure: ['read-your-writes'] });
    const asked = (id: number) => (operation: Recorded) =>
      operation.session === id ? ['sure'] : [];
    expect(judge(protocol, forgetful(3), asked(3))).toBe('read-your-writes');
    expect(judge(protocol, forgetful(4), asked(5))).toBeUndefined();
    const both = [...forgetful(6), operate(7, 'get', null, null, 0)];
    expect(judge(protocol, both, asked(7))).toBeUndefined();
  });

  test('a claim may depend on the modifiers of all operations', () => {
    const protocol = promising((_options, modifiers) =>
      modifiers.includes('weak') ? [] : ['read-your-writes'],
    );
    expect(judge(protocol, forgetful(8))).toBe('read-your-writes');
    const weak = { ...operate(9, 'get', null, null, 0), modifiers: ['weak'] };
    expect(judge(protocol, [...forgetful(8), weak])).toBeUndefined();
  });

  test('all four session guarantees are causality', () => {
    const coverage = new Coverage();
    const four = [
      'read-your-writes',
      'monotonic-reads',
      'monotonic-writes',
      'writes-follow-reads',
    ] as const;
    const promised = { protocol: promising(four), options: {} };
    findBrokenGuarantee(promised, [operate(8, 'put', 'v', [1, 0, 1], 1)], () => [], coverage);
    expect(coverage.count('verdict causal holds')).toBe(1);
  });

  test('also of a later life, beside sessions that asked for nothing', () => {
    // The eleventh life of client 1, and an operation of another client at the place 1.
    const late = { ...operate(1, 'put', 'v1', [1, 0, 1], 1), incarnation: 11, seq: 0 };
    const history = [late, operate(2, 'put', 'v2', [2, 0, 1], 2)];
    const asked = promising([], { causal: ['read-your-writes'] });
    expect(judge(asked, history, ({ session }) => (session === 1 ? ['causal'] : []))).toBe(
      undefined,
    );
  });
});

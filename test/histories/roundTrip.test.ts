// What is written is what is read again: the same operations, the same order in time, the same
// verdicts. And what a format cannot hold is refused, never left out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHistory, type History, LEVELS, type Recorded } from '../../src/checkers/index.ts';
import {
  FormatError,
  readHistory,
  splitSessions,
  writeHistory,
} from '../../src/histories/index.ts';
import type { SetOperation } from '../../src/kernel/history.ts';
import { extent } from '../support/extent.ts';

const RUNS = extent({ full: 300, quick: 45 });

interface Step {
  readonly kind: Exclude<Recorded['kind'], 'add' | SetOperation['kind']>;
  readonly key: string;
  readonly text: string;
  readonly other: string;
  readonly end: 'answer' | 'other' | 'fail' | 'stale';
  readonly gap: number;
  readonly length: number;
}

const NUMBERS = ['1', '2', '3'];
const TRICKY = ['nil', '3', '"3"', '"a"', '[1 2]', ':a', '007', '1.0', '#{}', 'é\n\\', '', 'true'];

interface Shape {
  readonly kinds: readonly Exclude<Recorded['kind'], 'add' | SetOperation['kind']>[];
  readonly keys: readonly string[];
  readonly texts: readonly string[];
  readonly ends: readonly Step['end'][];
  /** Whether a session's last operation may have no answer. */
  readonly isOpen: boolean;
}

function sessionsOf({ kinds, keys, texts, ends, isOpen }: Shape): fc.Arbitrary<History> {
  const step = fc.record<Step>({
    kind: fc.constantFrom(...kinds),
    key: fc.constantFrom(...keys),
    text: fc.constantFrom(...texts),
    other: fc.constantFrom(...texts),
    end: fc.constantFrom(...ends),
    gap: fc.integer({ min: 1, max: 40 }),
    length: fc.integer({ min: 1, max: 90 }),
  });
  const session = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 4 }),
    isLastOpen: isOpen ? fc.boolean() : fc.constant(false),
  });
  return fc.array(session, { minLength: 1, maxLength: 4 }).map(toHistory);
}

/** Times of different sessions never meet, and are whole microseconds. */
function toHistory(sessions: readonly { steps: readonly Step[]; isLastOpen: boolean }[]): History {
  let line = 0;
  const operations = sessions.flatMap(({ steps, isLastOpen }, session) => {
    let now = 0;
    return steps.map((step, seq): Recorded => {
      const invokedAt = (now + step.gap) * 4 + session;
      const returnedAt = (now + step.gap + step.length) * 4 + session;
      now += step.gap + step.length;
      line += 1;
      const isOpen = isLastOpen && seq === steps.length - 1;
      const times = { invokedAt: invokedAt / 1000, returnedAt: isOpen ? null : returnedAt / 1000 };
      return toOperation(step, isOpen, { session, seq, line, ...times });
    });
  });
  return { operations, isTimed: true, transactions: 0 };
}

type Placed = Pick<Recorded, 'session' | 'seq' | 'line' | 'invokedAt' | 'returnedAt'>;

function toOperation(step: Step, isOpen: boolean, placed: Placed): Recorded {
  const { kind, key, text, other, end } = step;
  const isAnswered = !isOpen && (end === 'answer' || end === 'other');
  const isGot = kind === 'get' && isAnswered && end === 'answer';
  const unanswered = isOpen ? 'unknown' : (end as 'fail' | 'stale');
  const answered = kind === 'get' && !isGot ? 'absent' : 'ok';
  const shared = {
    ...placed,
    incarnation: 1,
    key,
    outcome: isAnswered ? answered : unanswered,
    server: null,
    version: null,
    applied: null,
  } as const;
  if (kind === 'cas') {
    const isSet = isAnswered ? end === 'answer' : null;
    return { ...shared, kind, value: text, expected: other, isSet };
  }
  if (kind === 'append') return { ...shared, kind, value: text };
  if (kind === 'pop') return { ...shared, kind, value: isGot ? text : null, side: 'left' };
  const hasValue = kind === 'put' || isGot;
  return { ...shared, kind, value: hasValue ? text : null };
}

/** All but lines and times, by session; and which operation ended before which began. */
function essence({ operations }: History): unknown {
  const sorted = [...operations].sort((a, b) => a.session - b.session || a.seq - b.seq);
  const told = sorted.map(({ line, invokedAt, returnedAt, ...rest }) => rest);
  const end = ({ returnedAt }: Recorded): number => returnedAt ?? Number.POSITIVE_INFINITY;
  const isBefore = (a: Recorded, b: Recorded): boolean =>
    end(a) < b.invokedAt || (a.session === b.session && a.seq < b.seq);
  const before = sorted.map((a) => sorted.map((b) => (isBefore(a, b) ? '<' : '.')).join(''));
  return { told, before };
}

function outcomes(history: History): string[] {
  return LEVELS.map((level) => `${level} ${checkHistory(history, level).outcome}`);
}

function again(history: History, format: string): History {
  return readHistory([...writeHistory(history, format).lines].join('\n'), format);
}

const ANY: Shape = {
  kinds: ['put', 'get', 'delete'],
  keys: ['x', 'y z', '__proto__', '1', '"q"'],
  texts: TRICKY,
  ends: ['answer', 'answer', 'other', 'fail', 'stale'],
  isOpen: true,
};
const ONE_KEY: Shape = {
  kinds: ['put', 'get', 'cas'],
  keys: ['register'],
  texts: NUMBERS,
  ends: ['answer', 'answer', 'other'],
  isOpen: true,
};

const CARRIED: readonly (readonly [format: string, what: string, shape: Shape])[] = [
  ['causeway', 'anything', { ...ANY, kinds: ['put', 'get', 'delete', 'append', 'cas'] }],
  ['jepsen-edn', 'reads and writes', ANY],
  ['jepsen-json', 'reads and writes', ANY],
  [
    'jepsen-edn',
    'a register with cas',
    { ...ANY, kinds: ['put', 'get', 'cas'], keys: ['register'] },
  ],
  ['jepsen-json', 'registers with cas', { ...ANY, kinds: ['put', 'get', 'cas'] }],
  [
    'porcupine-kv',
    'answered gets, puts and appends',
    {
      ...ANY,
      kinds: ['put', 'get', 'delete', 'append'],
      texts: TRICKY.filter((text) => text !== ''),
      ends: ['answer', 'answer', 'other'],
      isOpen: false,
    },
  ],
  ['jepsen-etcd', 'one register', ONE_KEY],
];

describe.each(CARRIED)('%s carries %s', (format, _what, shape) => {
  it('without any change', () => {
    fc.assert(
      fc.property(sessionsOf(shape), (history) => {
        const read = again(history, format);
        expect(essence(read)).toEqual(essence(history));
        expect(essence(again(read, format))).toEqual(essence(history));
      }),
      { numRuns: RUNS },
    );
  });

  it('with the same verdicts', () => {
    fc.assert(
      fc.property(sessionsOf({ ...shape, texts: shape.texts.slice(0, 3) }), (history) => {
        expect(outcomes(again(history, format))).toEqual(outcomes(history));
      }),
      { numRuns: RUNS / 5 },
    );
  });
});

describe('plume', () => {
  const shape: Shape = { ...ANY, texts: NUMBERS, keys: ['1', '2'], isOpen: false };
  const told = ({ operations }: History): unknown =>
    [...operations]
      .sort((a, b) => a.session - b.session || a.seq - b.seq)
      .map(({ session, seq, kind, key, value, outcome }) => {
        const isDone = outcome === 'ok' || outcome === 'absent';
        return { session, seq, kind, key, isDone, value: isDone || kind === 'put' ? value : null };
      });

  it('carries numbers without any change', () => {
    fc.assert(
      fc.property(sessionsOf(shape), (history) => {
        expect(told(again(history, 'plume'))).toEqual(told(history));
      }),
      { numRuns: RUNS },
    );
  });

  it('carries the verdicts of everything else, but for what depends on times', () => {
    const others: Shape = { ...shape, texts: ['a', 'b', ''], keys: ['x', 'y'] };
    fc.assert(
      fc.property(sessionsOf(others), (history) => {
        const untimed = { ...history, isTimed: false };
        expect(outcomes(again(history, 'plume'))).toEqual(outcomes(untimed));
      }),
      { numRuns: RUNS / 3 },
    );
  });
});

describe('what touches in time', () => {
  const instant = fc.integer({ min: 0, max: 3 });
  const spans = fc.array(fc.tuple(instant, instant), { minLength: 1, maxLength: 5 });

  it('is written as overlapping, or refused where no order says so', () => {
    let refused = 0;
    let written = 0;
    fc.assert(
      fc.property(fc.array(spans, { minLength: 1, maxLength: 3 }), (sessions) => {
        const history = touching(sessions);
        try {
          const read = again(history, 'porcupine-kv');
          expect(essence(read)).toEqual(essence(history));
          written += 1;
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
          expect(error.message).toMatch(/in the same instant/);
          refused += 1;
        }
      }),
      { numRuns: 2 * RUNS },
    );
    expect(Math.min(refused, written)).toBeGreaterThan(RUNS / 15);
  });

  /** Begins and ends at few instants, each session's in order. */
  function touching(sessions: readonly (readonly (readonly [number, number])[])[]): History {
    const operations = sessions.flatMap((spans, session) => {
      const times = spans.flat().sort((a, b) => a - b);
      return spans.map((_span, seq): Recorded => {
        const [invokedAt, returnedAt] = [times[2 * seq] as number, times[2 * seq + 1] as number];
        const step = { kind: 'put', key: 'k', text: 'v', other: '', end: 'answer' } as const;
        const placed = { session, seq, line: 1, invokedAt, returnedAt };
        return toOperation({ ...step, gap: 0, length: 0 }, false, placed);
      });
    });
    return { operations, isTimed: true, transactions: 0 };
  }
});

describe('what a format has no word for', () => {
  const one = (operation: object): History => {
    const text = JSON.stringify({
      session: 1,
      incarnation: 1,
      seq: 0,
      kind: 'put',
      key: 'k',
      value: 'v',
      outcome: 'ok',
      invokedAt: 0,
      returnedAt: 1,
      server: null,
      version: null,
      applied: null,
      ...operation,
    });
    return readHistory(text, 'causeway');
  };
  const append = one({ kind: 'append' });
  const cas = one({ kind: 'cas', expected: null, isSet: true });
  const refusedGet = one({ kind: 'get', value: null, outcome: 'stale' });
  const failed = one({ outcome: 'fail' });
  const lost = one({ outcome: 'unknown', returnedAt: null });
  const lostGet = one({ kind: 'get', value: null, outcome: 'unknown', returnedAt: null });
  const deletion = one({ kind: 'delete', value: null });

  it.each([
    ['jepsen-edn', append, 'a register of Jepsen has no append'],
    ['jepsen-json', append, 'a register of Jepsen has no append'],
    ['porcupine-kv', cas, 'the format has no word for a compare-and-set'],
    ['porcupine-kv', refusedGet, 'the format has no word for an operation that was refused'],
    ['porcupine-kv', failed, 'the format has no word for an operation that failed'],
    ['porcupine-kv', lostGet, 'the format has no word for a get without an answer'],
    ['porcupine-kv', one({ value: '' }), 'the format has no word for an empty value'],
    ['porcupine-kv', one({ kind: 'get', value: '' }), 'the format has no word for an empty value'],
    ['jepsen-etcd', append, 'the format has no word for append'],
    ['jepsen-etcd', deletion, 'the format has no word for delete'],
    ['jepsen-etcd', failed, 'the format has no word for a write that failed'],
    ['jepsen-etcd', refusedGet, 'the format has no word for an operation that was refused'],
    ['jepsen-etcd', cas, 'the format has no word for a cas that expects nothing'],
    ['plume', append, 'the format has no word for the operation append'],
    ['plume', cas, 'the format has no word for the operation cas'],
    ['plume', lost, 'the format has no word for an operation without an answer'],
    ['jepsen-edn', one({ invokedAt: -1 }), '-1 ms cannot be written in nanoseconds'],
    [
      'jepsen-edn',
      one({ invokedAt: 0.0000001, returnedAt: 0.0000002 }),
      'two of its events are less than a nanosecond apart',
    ],
  ])('%s refuses it', (format, history, why) => {
    expect(() => writeHistory(history, format)).toThrow(new FormatError(1, why));
  });

  it('is named where it is not an operation', () => {
    const run = one({ version: [1, 0, 1], applied: [[0, 1, 1]], server: 0, incarnation: 2 });
    const lost = ['versions', 'what servers had applied', 'which server answered'];
    const lives = 'the lives of clients, which are processes of their own';
    expect(writeHistory(run, 'jepsen-edn').losses).toEqual([lives, ...lost]);
    expect(writeHistory(run, 'jepsen-etcd').losses).toEqual([
      'times other than their order',
      "the key's name",
      'values that are no whole numbers, which are numbered instead',
      lives,
      ...lost,
    ]);
    expect(writeHistory(run, 'causeway').losses).toEqual([]);
  });

  it('is a session that goes on after an operation without an answer, unless it is split', () => {
    const first = lost.operations[0] as Recorded;
    const second = {
      ...first,
      seq: 1,
      invokedAt: 5,
      returnedAt: 6,
      outcome: 'ok',
      line: 2,
    } as const;
    const history: History = { ...lost, operations: [first, second] };
    const why = 'client 1 goes on after an operation without an answer (line 1)';
    expect(() => writeHistory(history, 'jepsen-edn')).toThrow(why);
    const { operations } = again(splitSessions(history), 'jepsen-edn');
    expect(operations.map(({ session, outcome }) => [session, outcome])).toEqual([
      [1, 'unknown'],
      [2, 'ok'],
    ]);
  });

  it('is real time, where the history has none', () => {
    const untimed = readHistory('w(1,1,0,1)');
    for (const format of ['causeway', 'jepsen-edn', 'jepsen-json', 'porcupine-kv', 'jepsen-etcd']) {
      expect(() => writeHistory(untimed, format), format).toThrow(
        'the times of the operations are unknown',
      );
    }
  });
});

// What a user sees: the levels of known histories, the lattice, the sentences, undecided cases.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  check,
  HistoryError,
  LEVELS,
  type Level,
  strongest,
  type Verdict,
} from '../../src/checkers/index.ts';
import type { Operation } from '../../src/kernel/history.ts';
import { extent } from '../support/extent.ts';
import { randomHistories } from './generate.ts';
import { historyOf, toHistory } from './notation.ts';

const SHORT: ReadonlyMap<string, Level> = new Map([
  ['lin', 'linearizable'],
  ['seq', 'sequential'],
  ['cm', 'causal-memory'],
  ['ccv', 'causal-convergence'],
  ['cc', 'causal'],
  ['pram', 'pram'],
]);

const FOLDER = 'test/checkers/histories';

/** The levels of the short names that held, as a file's name has them: `cm+cc+pram`, or `none`. */
function held(history: readonly Operation[]): string {
  const names = [...SHORT].filter(([, level]) => check(history, level).outcome === 'holds');
  return names.map(([name]) => name).join('+') || 'none';
}

describe('histories with the verdict in their name', () => {
  const files = readdirSync(FOLDER);

  it('are a hundred at least, of many kinds', () => {
    expect(files.length).toBeGreaterThanOrEqual(100);
    expect(new Set(files.map((file) => file.split('.')[0])).size).toBeGreaterThanOrEqual(8);
  });

  it.each(files)('%s', (file) => {
    const text = readFileSync(`${FOLDER}/${file}`, 'utf8').replaceAll(/#.*/g, '').trim();
    expect(held(historyOf(text.replaceAll('\n', ' ')))).toBe(file.split('.')[0]);
  });
});

describe('figure 2 of POPL 2017', () => {
  it.each([
    ['w x1, r x2 | w x2, r x1', ['causal-memory'], 'causal-convergence', 'CyclicCF'],
    [
      'w z1, w x1, w y1 | w x2, r z0, r y1, r x2',
      ['causal-convergence'],
      'causal-memory',
      'WriteHBInitRead',
    ],
    ['w x1 | w x2, r x1, r x2', ['causal'], 'causal-memory', 'CyclicHB'],
    ['w x1 | w x2, r x1, r x2', ['causal'], 'causal-convergence', 'CyclicCF'],
    [
      'w x1, r y0, w y1, r x1 | w x2, r y0, w y2, r x2',
      ['causal-memory', 'causal-convergence'],
      'sequential',
      'NoSequentialOrder',
    ],
    ['w x1, w y1 | r y1, w x2 | r x2, r x1', [], 'causal', 'WriteCORead'],
  ] as const)('%s is %j, and %s fails: %s', (text, strong, broken, pattern) => {
    const history = historyOf(text);
    expect(check(history, broken)).toMatchObject({ outcome: 'broken', witness: { pattern } });
    const summary = strongest(history);
    const causal = summary.strongest.filter((level) => [...SHORT.values()].includes(level));
    expect(causal.filter((level) => level !== 'pram')).toEqual(strong);
  });
});

/** Whether a read and a write were answered: no level is about less. */
function hasBoth(history: readonly Operation[]): boolean {
  const answered = history.filter(({ outcome }) => outcome !== 'unknown');
  return new Set(answered.map(({ kind }) => kind)).size === 2;
}

function outcomes(verdicts: readonly Verdict[]): Map<Level, string> {
  return new Map(verdicts.map(({ level, outcome }) => [level, outcome]));
}

describe('the lattice', () => {
  const arrows: readonly (readonly [Level, Level])[] = [
    ['linearizable', 'sequential'],
    ['sequential', 'causal-memory'],
    ['sequential', 'causal-convergence'],
    ['causal-memory', 'causal'],
    ['causal-memory', 'pram'],
    ['causal-convergence', 'causal'],
    ['pram', 'read-your-writes'],
    ['pram', 'monotonic-reads'],
    ['read-your-writes-all-keys', 'read-your-writes'],
    ['monotonic-reads-all-keys', 'monotonic-reads'],
    ['causal-convergence', 'read-your-writes'],
    ['causal-convergence', 'monotonic-reads'],
  ];

  it('is kept by verdicts that were reached one by one', () => {
    const shape = { operations: 9, sessions: 4, keys: 2, pending: 0.1, wild: 0.05, isTimed: true };
    for (const sessions of randomHistories(8, extent({ full: 1500, quick: 20 }), shape)) {
      const history = toHistory(sessions);
      if (!hasBoth(history)) continue;
      const found = outcomes(LEVELS.map((level) => check(history, level)));
      for (const [strong, weak] of arrows) {
        if (found.get(strong) !== 'holds') continue;
        expect(found.get(weak), `${strong}, so ${weak}: ${JSON.stringify(sessions)}`).toBe('holds');
      }
      expect(outcomes(strongest(history).verdicts)).toEqual(found);
    }
  });

  it('names the strongest that held and the weakest that broke', () => {
    const fine = strongest(historyOf('w x1@0-1 | r x1@2-3'));
    // Those about servers are not implied, and ask for nothing here.
    const aboutServers = LEVELS.slice(6).filter(
      (level) => level !== 'read-your-writes' && level !== 'monotonic-reads',
    );
    expect(fine.strongest).toEqual(['linearizable', ...aboutServers]);
    expect(fine.firstBroken).toBeUndefined();
    const stale = strongest(historyOf('w x1@0-1 | r x0@2-3'));
    expect(stale.strongest).toEqual(['sequential', ...aboutServers]);
    expect(stale.firstBroken).toMatchObject({ level: 'linearizable' });
    const back = strongest(historyOf('w x1 | w x2 | r x1, r x2, r x1'));
    expect(back.strongest).toEqual([
      'causal',
      'read-your-writes-all-keys',
      'monotonic-writes',
      'writes-follow-reads',
    ]);
    expect(back.firstBroken?.level).toBe('monotonic-reads');
  });

  it('knows that CC does not imply monotonic reads, nor CM convergence', () => {
    const back = historyOf('w x1 | w x2 | r x1, r x2, r x1');
    expect(held(back)).toBe('cc');
    expect(held(historyOf('w x1, r x2 | w x2, r x1'))).toBe('cm+cc+pram');
  });
});

describe('witnesses', () => {
  it.each([
    [
      'w x1, w y1 | r y1, r x0',
      'causal',
      'WriteCOInitRead',
      [1, 2, 3, 4],
      'client 2 found no x (line 4), yet it depends on a write of that key: client 1 put x=1 ' +
        '(line 1), and client 2 got y=1 (line 3), which client 1 wrote after that (line 2).',
    ],
    [
      'w x1, r x0',
      'causal',
      'WriteCOInitRead',
      [1, 2],
      'client 1 found no x (line 2) after it had itself put x=1 (line 1).',
    ],
    [
      'w x1, w y1 | r y1, w x2 | r x2, r x1',
      'causal',
      'WriteCORead',
      [1, 2, 3, 4, 5, 6],
      'client 3 got x=1 (line 6), yet it depends on a later write of that key: client 2 put x=2 ' +
        '(line 4) in knowledge of x=1 (line 1), and client 3 got x=2 (line 5).',
    ],
    [
      'r x1, w y1 | r y1, w x1',
      'causal',
      'CyclicCO',
      [1, 2, 3, 4],
      'client 2 got y=1 (line 3) before it put x=1 (line 4), and client 1 got x=1 (line 1) ' +
        'before it put y=1 (line 2): each has read what was yet to be written.',
    ],
    ['r x7', 'causal', 'ThinAirRead', [1], 'client 1 got x=7 (line 1), but no client wrote that.'],
    [
      'w x1 | w x2 | r x1, r x2 | r x2, r x1',
      'causal-convergence',
      'CyclicCF',
      [1, 2, 3, 4, 5, 6],
      'No order of the writes suits every client: client 3 got x=2 (line 4) when it had read x=1 ' +
        '(line 3), so x=2 (line 2) is later; but client 4 got x=1 (line 6) when it had read x=2 ' +
        '(line 5), so x=1 (line 1) is later.',
    ],
    [
      'w x1, w y2, r y1 | w y1, w x2, r x1',
      'causal-convergence',
      'CyclicCF',
      [1, 2, 3, 4, 5, 6],
      'No order of the writes suits every client: client 1 got y=1 (line 3) when it had itself ' +
        'put y=2 (line 2), so y=1 (line 4) is later, and x=2 (line 5) after that; but client 2 ' +
        'got x=1 (line 6) when it had itself put x=2 (line 5), so x=1 (line 1) is later, and ' +
        'y=2 (line 2) after that.',
    ],
    [
      'w z1, w x1, w y1 | w x2, r z0, r y1, r x2',
      'causal-memory',
      'WriteHBInitRead',
      [1, 2, 3, 4, 5, 6, 7],
      'client 2 found no z (line 5), but client 1 put z=1 (line 1), and that comes first: client ' +
        '2 got x=2 (line 7) when it knew of x=1 (line 2) through y=1 (line 6), so x=2 (line 4) ' +
        'is later than x=1, and than all that came before that.',
    ],
    [
      'w x1, w y1 | r y1, r x0',
      'pram',
      'WriteHBInitRead',
      [1, 2, 3, 4],
      'client 2 found no x (line 4) when it knew of x=1 (line 1) through y=1 (line 3).',
    ],
    [
      'w x1, w x2, w y1 | r y1, r x1',
      'pram',
      'CyclicHB',
      [1, 2, 3, 4, 5],
      'No order of the writes suits client 2: client 2 got x=1 (line 5) when it knew of x=2 ' +
        '(line 2) through y=1 (line 4), so x=1 (line 1) is later; but client 1 wrote x=1 (line ' +
        '1) before x=2 (line 2).',
    ],
    [
      'w x1, w y1 | w y2, w x2, w z1 | r y1, r y2, r z1, r x1',
      'causal-memory',
      'CyclicHB',
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
      'No order of the writes suits client 3: client 3 got x=1 (line 9) when it knew of x=2 ' +
        '(line 4) through z=1 (line 8), so x=1 (line 1) is later; but client 3 got y=2 (line 7) ' +
        'when it had read y=1 (line 6), so y=2 (line 3) is later than y=1, and with that x=2 ' +
        '(line 4) than x=1 (line 1).',
    ],
    [
      'w x1, d x | r x1, r x0, r x1',
      'pram',
      'CyclicHB',
      [1, 2, 3, 4, 5],
      'No order of the writes suits client 2: client 2 got x=1 (line 5) when it had found no x ' +
        '(line 4), so x=1 (line 1) is later; but client 1 wrote x=1 (line 1) before the deletion ' +
        'of x (line 2).',
    ],
    [
      'w x1, r y0 | w y1, r x0',
      'sequential',
      'NoSequentialOrder',
      [1, 2, 3, 4],
      'No one order of all operations suits every client; in the longest that fits client 1 put ' +
        'x=1 (line 1) only after client 2 found no x (line 4), and client 2 put y=1 (line 3) ' +
        "only after client 1 found no y (line 2), which the clients' own orders forbid.",
    ],
    [
      'w x1@0-1 | r x0@2-3',
      'linearizable',
      'EnclosedZone',
      [1, 2],
      'there was no x until client 2 found no x (line 2), yet client 1 put x=1 (line 1) wholly ' +
        'before that.',
    ],
  ] as const)('%s, %s: %s', (text, level, pattern, lines, sentence) => {
    const verdict = check(historyOf(text), level);
    if (verdict.outcome !== 'broken') throw new Error(verdict.outcome);
    const { witness } = verdict;
    expect(witness.pattern).toBe(pattern);
    if (lines !== undefined) expect(witness.operations.map(({ line }) => line)).toEqual(lines);
    if (sentence !== undefined) expect(witness.sentence).toBe(sentence);
  });

  it('show all that a proof needs: independent reads of independent writes', () => {
    const verdict = check(historyOf('w x1 | w y1 | r x1, r y0 | r y1, r x0'), 'sequential');
    expect(verdict).toMatchObject({
      outcome: 'broken',
      witness: {
        pattern: 'NoSequentialOrder',
        operations: [1, 2, 3, 4, 5, 6].map((line) => ({ line })),
        sentence:
          'No one order of all operations suits every client; in the longest that fits client 1 ' +
          'put x=1 (line 1) only after client 4 found no x (line 6), and client 4 got y=1 (line ' +
          '5) only after client 2 put y=1 (line 2), and client 2 put y=1 (line 2) only after ' +
          'client 3 found no y (line 4), and client 3 got x=1 (line 3) only after client 1 put ' +
          "x=1 (line 1), which the clients' own orders forbid.",
      },
    });
  });

  it.each([
    ['fail', 'was told that this failed'],
    ['stale', 'was refused that'],
  ] as const)('show a write that was read and had no effect: %s', (outcome, told) => {
    const [put, get] = historyOf('w x1 | r x1') as [Operation, Operation];
    const sentence = `client 2 got x=1 (line 2), but client 1, which put x=1 (line 1), ${told}.`;
    for (const level of LEVELS.slice(0, 6)) {
      const verdict = check([{ ...put, outcome }, get], level);
      expect(verdict).toMatchObject({
        witness: { pattern: 'ThinAirRead', operations: [{ line: 1 }, { line: 2 }], sentence },
      });
    }
  });

  it('show a write under another version, and one that begins only later', () => {
    expect(check(historyOf('w x1^3 | r x1^9'), 'causal')).toMatchObject({
      witness: {
        operations: [{ line: 1 }, { line: 2 }],
        sentence:
          'client 2 got x=1 (line 2) under the version 9,0,1, but client 1 put x=1 (line 1) ' +
          'under the version 3,0,1.',
      },
    });
    const early = 'client 2 got x=1 (line 3) before client 1 put x=1 (line 1) had begun.';
    const twice = historyOf('w x1@4-5, w x1@6-7 | r x1@0-1');
    expect(check(twice, 'linearizable')).toMatchObject({ witness: { sentence: early } });
    expect(check(historyOf('w x1@4-5 | r x1@0-1'), 'linearizable')).toMatchObject({
      witness: { sentence: early.replace('line 3', 'line 2') },
    });
  });

  it('say when a value must have been there that no single operation shows', () => {
    const wide = 'w x1@0-3 | w x2@1-20 | r x1@25-31 | r x2@7-30';
    expect(check(historyOf(wide), 'linearizable')).toMatchObject({
      witness: {
        sentence:
          'after client 1 put x=1 (line 1) and until client 3 got x=1 (line 3) there was x=1, ' +
          'yet in between, when client 4 got x=2 (line 4) had begun and client 2 put x=2 (line ' +
          '2) had not ended, there was x=2.',
      },
    });
  });

  it('have different operations, whatever broke', () => {
    const shape = { operations: 12, sessions: 4, keys: 2, pending: 0.1, isTimed: true, wild: 0.05 };
    const patterns = new Set<string>();
    for (const sessions of randomHistories(9, extent({ full: 1500, quick: 100 }), shape)) {
      for (const verdict of strongest(toHistory(sessions)).verdicts) {
        if (verdict.outcome !== 'broken') continue;
        const { pattern, operations, sentence } = verdict.witness;
        patterns.add(pattern);
        expect(operations.length, sentence).toBeGreaterThan(pattern === 'ThinAirRead' ? 0 : 1);
        expect(new Set(operations).size).toBe(operations.length);
        expect(sentence).toMatch(/\.$/);
        expect(sentence).not.toMatch(/undefined|null/);
      }
    }
    expect(patterns.size).toBeGreaterThanOrEqual(11);
  });
});

describe('what a history leaves open', () => {
  it('is decided for the history where equal values can be read in more than one way', () => {
    const text = 'w x1^1, w x1^2 | r x1^2, r x1^1';
    expect(check(historyOf(text), 'causal').outcome).toBe('broken');
    expect(check(historyOf(text.replaceAll(/\^\d/g, '')), 'causal').outcome).toBe('holds');
    const never = 'w x1, w x2, w x1 | r x1, r x2, r x1, r x2';
    expect(check(historyOf(never), 'causal').outcome).toBe('broken');
  });

  it('says which of the writes of one value had no answer', () => {
    const verdict = check(historyOf('w? x1, w? x1 | r x1@2-3, r x0@4-5'), 'linearizable');
    const sentence =
      'there was no x until client 2 found no x (line 4), yet client 2 got x=1 (line 3) wholly ' +
      'before that.';
    expect(verdict).toMatchObject({ outcome: 'broken', witness: { sentence } });
  });

  it('gives each version of a value an unanswered write of its own', () => {
    const text = 'w? x1, w? x1 | r x1^2, r x1^3, r x1^2';
    expect(check(historyOf(text), 'causal-convergence').outcome).toBe('broken');
    expect(check(historyOf('w? x1, w? x1 | r x1^2, r x1^3'), 'causal-memory').outcome).toBe(
      'holds',
    );
    const three = 'w? x1, w? x1 | r x1^2, r x1^3, r x1^4';
    expect(check(historyOf(three), 'causal')).toMatchObject({
      witness: { pattern: 'ThinAirRead' },
    });
  });

  it('is not decided, with a reason, where there are too many ways', () => {
    const history = historyOf('r x1, w x1 | r x1 | r x1, w x1');
    expect(check(history, 'causal-convergence').outcome).toBe('broken');
    expect(check(history, 'causal-convergence', { budget: 1 })).toMatchObject({
      outcome: 'undecided',
      why: expect.stringContaining('equal values'),
    });
    const writes = Array.from({ length: 9 }, () => 'w x1').join(', ');
    const reads = Array.from({ length: 9 }, () => 'r x1').join(', ');
    const many = historyOf(`${writes}, w x2 | ${reads}, r x2, r x1`);
    expect(check(many, 'causal').outcome).toBe('broken');
  });

  it('is nothing where writes can be told apart, but for sequential consistency', () => {
    const shape = { operations: 16, sessions: 4, keys: 2, pending: 0.3, isTimed: true };
    for (const sessions of randomHistories(10, extent({ full: 1000, quick: 40 }), shape)) {
      const byValue = toHistory(sessions);
      if (!hasBoth(byValue)) continue;
      const versioned = byValue.map((operation): Operation => {
        const isTold = operation.outcome === 'ok';
        return { ...operation, version: isTold ? [Number(operation.value), 0, 1] : null };
      });
      for (const level of LEVELS.filter((one) => one !== 'sequential')) {
        // What servers had applied can be seen in vectors only, their order in versions.
        const isBySessions = LEVELS.indexOf(level) >= LEVELS.indexOf('read-your-writes-all-keys');
        const isByKey = level === 'read-your-writes' || level === 'monotonic-reads';
        if (!isBySessions || isByKey) {
          expect(check(versioned, level).outcome, level).not.toBe('undecided');
        }
        if (!isBySessions) expect(check(byValue, level).outcome, level).not.toBe('undecided');
      }
    }
  });

  it('is unknown where the search for a sequential order has spent its budget', () => {
    const text = 'w x1, r y0, w y1, r x1 | w x2, r y0, w y2, r x2';
    expect(check(historyOf(text), 'sequential', { budget: 1 }).outcome).toBe('undecided');
    expect(check(historyOf(text), 'sequential').outcome).toBe('broken');
  });
});

describe('refused, failed and unanswered operations', () => {
  const [put, get] = historyOf('w x1, r x0') as [Operation, Operation];

  it('break nothing', () => {
    for (const outcome of ['stale', 'fail'] as const) {
      expect(check([{ ...put, outcome }, get], 'linearizable').outcome).toBe('holds');
      expect(check([put, { ...get, outcome }], 'linearizable').outcome).toBe('holds');
    }
    const lost = { ...get, outcome: 'unknown', returnedAt: null } as const;
    expect(check([put, lost], 'linearizable').outcome).toBe('holds');
    expect(check([{ ...put, outcome: 'unknown', returnedAt: null }, get], 'causal').outcome).toBe(
      'holds',
    );
  });

  it('are counted by client', () => {
    const refused = { ...get, seq: 2, outcome: 'stale' } as const;
    const failed = { ...get, seq: 3, outcome: 'fail' } as const;
    const lost = { ...get, session: 2, seq: 4, outcome: 'unknown', returnedAt: null } as const;
    expect(strongest([put, refused, lost, failed]).availability).toEqual([
      { client: 1, asked: 3, answered: 1, refused: 1, failed: 1, unanswered: 0 },
      { client: 2, asked: 1, answered: 0, refused: 0, failed: 0, unanswered: 1 },
    ]);
  });
});

describe('what cannot be a history', () => {
  const [put, get] = historyOf('w x1@0-5, r x1@6-7') as [Operation, Operation];

  it.each([
    ['ends before it begins', [{ ...put, returnedAt: -1 }]],
    ['the one before it in its session ends', [put, { ...get, invokedAt: 3 }]],
    ['no time at which it came', [{ ...put, returnedAt: null }]],
    ['two operations are number 0', [put, { ...get, seq: 0 }]],
    ['begins at no time', [{ ...put, invokedAt: Number.NaN }]],
  ])('is refused: %s', (message, history) => {
    expect(() => check(history, 'causal')).toThrow(HistoryError);
    expect(() => check(history, 'causal')).toThrow(message);
  });
});

// Writes of earlier runs, at each level: one that all reads agree on is the initial value of its
// key; otherwise each is a write before all others.
import { describe, expect, it } from 'vitest';
import { findThinAir, judgeConvergence, viewCausally } from '../../src/checkers/causal.ts';
import { judgeCausalMemory, judgePram } from '../../src/checkers/causalMemory.ts';
import { type HistoryTable, Readings } from '../../src/checkers/historyTable.ts';
import {
  availabilityOf,
  check,
  InitialWrites,
  LEVELS,
  type Level,
  strongest,
  withInitial,
} from '../../src/checkers/index.ts';
import { judgeCalls } from '../../src/checkers/linearizability.ts';
import { searchSequential } from '../../src/checkers/sequential.ts';
import { whyNothing } from '../../src/checkers/subject.ts';
import type { Judgement } from '../../src/checkers/verdict.ts';
import type { InitialWrite, Operation } from '../../src/kernel/history.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { extent } from '../support/extent.ts';
import { blur, type RandomShape, randomHistories, randomHistory } from './generate.ts';
import { historyOf, toHistory } from './notation.ts';

/** `x1^5`, `x-^5` for a deletion, `x1^5?` if it is unknown whether it has taken effect. */
function before(text: string): InitialWrite[] {
  const words = text.split(' ').filter((word) => word !== '');
  return words.map((word) => {
    const [, key = '', value, timestamp, open] =
      /^([a-z])(\d+|-)(?:\^(\d+))?(\?)?$/.exec(word) ?? [];
    return {
      key,
      value: value === '-' || value === undefined ? null : value,
      version: timestamp === undefined ? null : [Number(timestamp), 0, 1],
      outcome: open === undefined ? 'ok' : 'unknown',
      server: 0,
    };
  });
}

function outcome(initial: string, history: string, level: Level): string {
  const verdict = check(withInitial(before(initial), historyOf(history)), level);
  return verdict.outcome === 'broken' ? verdict.witness.pattern : verdict.outcome;
}

function sentence(initial: string, history: string, level: Level): string {
  const verdict = check(withInitial(before(initial), historyOf(history)), level);
  if (verdict.outcome !== 'broken') throw new Error(`${level} ${verdict.outcome}`);
  return verdict.witness.sentence;
}

/** They say nothing without a write. */
const BINDING: readonly Level[] = ['monotonic-writes', 'writes-follow-reads'];

describe('a read of what an earlier run wrote', () => {
  it('keeps every level that it says anything about, where nothing else happened', () => {
    const { strongest: levels } = strongest(withInitial(before('x1^5'), historyOf('r x1^5')));
    expect(levels).toContain('linearizable');
    for (const level of LEVELS) {
      const expected = BINDING.includes(level) ? 'undecided' : 'holds';
      expect(outcome('x1^5', 'r x1^5', level), level).toBe(expected);
    }
  });

  it('breaks them all, where no run wrote it', () => {
    for (const read of ['r x2^5', 'r x1^6', 'r x2', 'r y1^5']) {
      expect(outcome('x1^5', read, 'linearizable'), read).toBe('ThinAirRead');
      expect(outcome('x1^5', read, 'causal'), read).toBe('ThinAirRead');
    }
  });

  it('is too old, as soon as its session knows of a later write', () => {
    const history = 'w x2^9, w y1^10 | r y1^10, r x1^5';
    expect(outcome('x1^5', history, 'causal')).toBe('WriteCOInitRead');
    expect(outcome('x1^5', 'w x2^9, r x1^5', 'read-your-writes')).toBe('ReadYourWrites');
    expect(outcome('x1^5', 'w x2^9 | r x2^9, r x1^5', 'monotonic-reads')).toBe('MonotonicReads');
    expect(sentence('x1^5', 'w x2^9@1-2 | r x1^5@3-4', 'linearizable')).toBe(
      'there was x=1 until client 2 got x=1 (line 2), yet client 1 put x=2 (line 1) wholly ' +
        'before that.',
    );
  });

  it('is not too old for a causal session where the write is in the order before it', () => {
    // A server without the data took the put, and another brought what wins over it.
    const history = 'w x2^3@1-2, r x1^5@3-4';
    expect(outcome('x1^5', history, 'causal-convergence')).toBe('holds');
    expect(outcome('x1^5', history, 'monotonic-reads')).toBe('holds');
    expect(outcome('x1^5', history, 'linearizable')).not.toBe('holds');
  });

  it('must be of the last such write, to be linearizable', () => {
    expect(outcome('x1^5 x2^6', 'r x2^6', 'linearizable')).toBe('holds');
    expect(sentence('x1^5 x2^6', 'r x1^5@1-2', 'linearizable')).toBe(
      'after an earlier run put x=1 and until client 1 got x=1 (line 1) there was x=1, yet an ' +
        'earlier run put x=2 wholly in between.',
    );
    expect(outcome('x1^5 x2^6', 'r x1^5', 'sequential')).toBe('holds');
    expect(outcome('x1^5 x2^6', 'r x1^5', 'causal-memory')).toBe('holds');
  });

  it('never goes back to an older one in a session', () => {
    expect(outcome('x1^5 x2^6', 'r x1^5, r x2^6', 'monotonic-reads')).toBe('holds');
    expect(outcome('x1^5 x2^6', 'r x2^6, r x1^5', 'monotonic-reads')).toBe('MonotonicReads');
  });

  it('says nothing about other keys of earlier runs', () => {
    // That b is the later one says nothing about what its writer knew.
    for (const level of ['causal-memory', 'causal-convergence', 'sequential'] as const) {
      expect(outcome('x1^5 x2^6 y1^7', 'r y1^7, r x1^5', level), level).toBe('holds');
    }
  });
});

describe('a key without a value', () => {
  it('is a stale read where an earlier run left one', () => {
    expect(outcome('x1^5', 'r x0@1-2', 'linearizable')).toBe('EnclosedZone');
    // A server that was not there before knows nothing of it.
    expect(outcome('x1^5', 'r x0', 'causal')).toBe('holds');
    expect(outcome('x1^5', 'r x1^5, r x0', 'monotonic-reads')).toBe('MonotonicReads');
    expect(outcome('x1^5', 'r x1^5, r x0', 'causal')).toBe('WriteCOInitRead');
  });

  it('is what an earlier run left, where that deleted it', () => {
    for (const history of ['r x-^6', 'r x0', 'r x-^6, r x0', 'r x0, w x2^9, r x2^9']) {
      for (const level of LEVELS) {
        const isSilent = BINDING.includes(level) && !history.includes('w');
        // The server of the second get may lack the deletion that the first one named.
        const isAboutServers = /^monotonic-reads-all-keys$|^writes/.test(level);
        const isOpen = isAboutServers && history.includes(',');
        const expected = isSilent || isOpen ? 'undecided' : 'holds';
        expect(outcome('x1^5 x-^6', history, level), `${history} ${level}`).toBe(expected);
      }
    }
    expect(outcome('x1^5 x-^6', 'r x1^5@1-2', 'linearizable')).toBe('EnclosedZone');
    expect(outcome('x-^6', 'w x2^9@1-2 | r x-^6@3-4', 'linearizable')).toBe('EnclosedZone');
  });
});

describe('a write that may yet take effect', () => {
  it('need not have happened, until it is read', () => {
    expect(outcome('x1^5 x2^6?', 'r x1^5', 'linearizable')).toBe('holds');
    expect(outcome('x1^5 x2^6?', 'r x2^6', 'linearizable')).toBe('holds');
    expect(outcome('x2^6?', 'r x0@1-2, r x2^6@3-4', 'linearizable')).toBe('holds');
    expect(outcome('x1^5 x2^6?', 'r x2^6@1-2, r x1^5@3-4', 'linearizable')).not.toBe('holds');
  });

  it('has taken effect, as soon as one server knows that', () => {
    const writes = new InitialWrites();
    const [open, done] = before('x2^6? x2^6') as [InitialWrite, InitialWrite];
    expect([open, open, done, done, open].map((write) => writes.add(write))).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
    expect([...writes.list()]).toEqual([done]);
    expect([...writes.list(['y'])]).toEqual([]);
  });
});

describe('without versions', () => {
  it('one write is the value that a key begins with', () => {
    for (const level of ['linearizable', 'causal', 'read-your-writes'] as const) {
      expect(outcome('x1', 'r x1, w x2, r x2', level), level).toBe('holds');
      expect(outcome('x1', 'w x2, r x1', level), level).not.toBe('holds');
    }
  });

  it('any of several may be the last', () => {
    expect(outcome('x1 x2', 'r x1@1-2 | r x1@3-4', 'linearizable')).toBe('holds');
    expect(outcome('x1 x2', 'r x2@1-2 | r x2@3-4', 'linearizable')).toBe('holds');
    expect(outcome('x1 x2', 'r x2@1-2 | r x1@3-4 | r x2@5-6', 'linearizable')).not.toBe('holds');
  });
});

it('no client is asked for them', () => {
  const history = withInitial(before('x1^5 y1^6'), historyOf('r x1^5'));
  expect(availabilityOf(history).map(({ client, asked }) => [client, asked])).toEqual([[1, 1]]);
});

it('a history without any is itself', () => {
  const history = historyOf('w x1');
  expect(withInitial([], history)).toBe(history);
});

/** Versions in the order of values, each key's own. */
function withVersions(history: readonly Operation[], isVersioned: boolean): Operation[] {
  return history.map((operation) => {
    const { value, outcome: end } = operation;
    const isNamed = isVersioned && value !== null && end !== 'unknown';
    return { ...operation, version: isNamed ? [10 + Number(value), 0, 1] : null };
  });
}

/** A quick run looks at one of so many histories. */
const SPARSE = extent({ full: 1, quick: 20 });

describe('where all saw what one run before left', () => {
  const shape: RandomShape = { operations: 8, sessions: 3, keys: 2, pending: 0.1, wild: 0.4 };

  it.each([true, false])('verdicts are those of a store that was empty (versions: %s)', (has) => {
    let broken = 0;
    let read = 0;
    for (const isTimed of [true, false]) {
      for (const sessions of randomHistories(11, 300 / SPARSE, { ...shape, isTimed })) {
        const empty = withVersions(toHistory(sessions), has);
        const initial = before(has ? 'x99^1 y99^2' : 'x99 y99');
        const full = empty.map((operation): Operation => {
          if (operation.outcome !== 'absent') return operation;
          read += 1;
          const { version } = initial.find(({ key }) => key === operation.key) as InitialWrite;
          return { ...operation, outcome: 'ok', value: '99', version };
        });
        for (const level of LEVELS) {
          const expected = check(empty, level).outcome;
          const found = check(withInitial(initial, full), level).outcome;
          expect(found, `${level} ${JSON.stringify(full)}`).toBe(expected);
          if (found === 'broken') broken += 1;
        }
      }
    }
    expect(Math.min(read, broken)).toBeGreaterThan(1000 / SPARSE);
  });
});

describe('where servers brought several versions', () => {
  /** Some reads find one of three earlier writes, mostly the last. */
  function readEarlier(history: readonly Operation[], random: RandomStream): Operation[] {
    return history.map((operation) => {
      if (operation.kind !== 'get' || random() < 0.6) return operation;
      const which = random() < 0.5 ? 3 : 1 + randomBelow(random, 3);
      return { ...operation, outcome: 'ok', value: `${90 + which}`, version: [which, 0, 1] };
    });
  }

  it('linearizability is what a search for an order says', () => {
    const random = createRandomStream(5, 'earlier');
    const shape = { operations: 6, sessions: 3, keys: 1, pending: 0.1, isTimed: true };
    const initial = before('x91^1 x92^2 x93^3');
    const counts = new Map<string, number>();
    for (const sessions of randomHistories(12, 4_000 / SPARSE, shape)) {
      const history = readEarlier(withVersions(toHistory(sessions), true), random);
      const whole = withInitial(initial, history);
      const expected = judgeCalls(whole).outcome;
      expect(check(whole, 'linearizable').outcome, JSON.stringify(history)).toBe(expected);
      counts.set(expected, (counts.get(expected) ?? 0) + 1);
    }
    expect(Math.min(...counts.values())).toBeGreaterThan(300 / SPARSE);
    expect(counts.size).toBe(2);
  });
});

describe('where reads are in doubt', () => {
  const JUDGES: readonly (readonly [Level, (table: HistoryTable) => Judgement])[] = [
    ['causal', (table) => viewCausally(table).causal],
    ['causal-convergence', (table) => judgeConvergence(viewCausally(table))],
    ['causal-memory', (table) => judgeCausalMemory(viewCausally(table))],
    ['pram', judgePram],
    ['sequential', (table) => findThinAir(table) ?? searchSequential(table)],
  ];

  /** All ways to take one candidate for each doubt. */
  function* everyChoice(readings: Readings, from = 0): Generator<number[]> {
    const doubt = readings.doubts[from];
    if (doubt === undefined) yield [];
    else {
      for (const option of doubt.candidates.keys()) {
        for (const rest of everyChoice(readings, from + 1)) yield [option, ...rest];
      }
    }
  }

  it('a level holds if it does in some reading', () => {
    const random = createRandomStream(6, 'doubtful');
    const counts = new Map<string, number>();
    const runs = ['x99^1', 'x-^1', 'x98^1 x99^2', 'x98^1 x-^2', 'x99', 'x-', 'x98^1 x99^2?'];
    for (let run = 0; run < 700 / SPARSE; run += 1) {
      const pending = run % 3 === 0 ? 0.2 : 0;
      const shape = { operations: 6, sessions: 3, keys: 1, wild: 0.1, pending, isTimed: true };
      const blurred = blur(random, randomHistory(random, shape), { deletions: 0.6, versions: 0.3 });
      const initial = before(runs[run % runs.length] as string);
      const history = toHistory(blurred).map((operation): Operation => {
        const isEarlier = operation.kind === 'get' && random() < 0.25;
        const version = operation.version && ([operation.version[0] + 10, 0, 1] as const);
        if (!isEarlier) return { ...operation, version };
        const write = initial[randomBelow(random, initial.length)] as InitialWrite;
        const outcome = write.value === null ? 'absent' : 'ok';
        return { ...operation, outcome, value: write.value, version: write.version };
      });
      const whole = [...withInitial(initial, history)];
      const readings = Readings.of(whole);
      const tables = [...everyChoice(readings)].map((choice) => readings.table(choice));
      for (const [level, judge] of JUDGES) {
        if (whyNothing(whole, level) !== undefined) continue;
        // Of one version there may be several doubts; they are compared elsewhere.
        if (readings.doubts.some(({ group }) => group !== undefined)) continue;
        const isKept = tables.some((table) => judge(table).outcome === 'holds');
        const found = check(whole, level).outcome;
        expect(found, `${level} ${JSON.stringify(whole)}`).toBe(isKept ? 'holds' : 'broken');
        counts.set(found, (counts.get(found) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(2);
    expect(Math.min(...counts.values())).toBeGreaterThan(300 / SPARSE);
  });
});

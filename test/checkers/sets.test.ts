// Sets: hand-written histories whose names are the levels that they keep, random ones against every
// order and everything that may have been seen, and the set workloads of Jepsen.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Configurations } from '../../src/checkers/configurations.ts';
import { checkHistory, type Level, type Recorded } from '../../src/checkers/index.ts';
import { FORMATS, readHistory, writeHistory } from '../../src/histories/index.ts';
import { showElements } from '../../src/kernel/history.ts';
import { createRandomStream } from '../../src/kernel/random.ts';
import { extent } from '../support/extent.ts';
import {
  drawSteps,
  hasOrder,
  isCausal,
  isPram,
  parseSteps,
  type Step,
  toHistory,
} from './setWorlds.ts';

const NAMES: readonly (readonly [string, Level])[] = [
  ['lin', 'linearizable'],
  ['seq', 'sequential'],
  ['causal', 'causal'],
  ['pram', 'pram'],
  ['ryw', 'read-your-writes'],
  ['mr', 'monotonic-reads'],
];

function judge(operations: readonly Recorded[], level: Level) {
  return checkHistory({ operations, isTimed: true, transactions: 0 }, level);
}

const HISTORIES: Readonly<Record<string, readonly string[]>> = {
  'lin+seq+causal+pram+ryw+mr: what was added': ['0 +a', '1 +b', '2 {a b}', '0 {b a}'],
  'lin+seq+causal+pram+ryw+mr: what was removed': ['0 +a', '1 {a}', '1 -a', '0 {}', '2 {}'],
  'lin+seq+causal+pram+ryw+mr: added again': ['0 +a', '0 -a', '0 +a', '1 {a}'],
  'lin+seq+causal+pram+ryw+mr: an add under way': ['0 +a?', '1 {}', '1 {a}', '2 {a}'],
  'lin+seq+causal+pram+ryw+mr: an add that is lost without an answer': ['0 +a?', '1 {}', '2 {}'],
  'seq+causal+pram+ryw+mr: a stale read': ['0 +a', '1 {}', '1 {a}'],
  'seq+causal+pram+ryw+mr: an add without an answer, that its client has not found': [
    ...['0 +a?', '1 {a}', '0 {}'],
  ],
  'causal+pram+ryw+mr: two adds in two orders': ['0 +a', '1 +b', '2 {a}', '3 {b}'],
  'causal+pram+ryw+mr: an add that the remove had not seen': [
    ...['0 +a', '0 -b', '1 +b', '1 -a', '0 {a b}', '1 {a b}'],
  ],
  'pram+ryw+mr: an answer without its question': ['0 +a', '1 {a}', '1 +b', '2 {b}'],
  'ryw+mr: the second add without the first': ['0 +a', '0 +b', '1 {b}'],
  'mr: a lost add of its own': ['0 +a', '0 {}'],
  'ryw: an element that is lost again': ['0 +a', '1 {a}', '1 {}'],
  'none: an element that nobody added': ['0 +a', '1 {a b}'],
  'none: an element that is there twice': ['0 +a', '1 {a a}'],
  'ryw+mr: what everybody knows is removed': ['0 +a', '0 -a', '0 {a}'],
};

describe('hand-written histories of sets', () => {
  it.each(Object.entries(HISTORIES))('%s', (name, lines) => {
    const operations = toHistory(parseSteps(lines));
    const held = NAMES.filter(([, level]) => judge(operations, level).outcome === 'holds');
    const broken = NAMES.filter(([, level]) => judge(operations, level).outcome === 'broken');
    const told = name.split(':')[0] as string;
    expect(held.map(([short]) => short).join('+') || 'none').toBe(told);
    const others = NAMES.filter(([short]) => !told.split('+').includes(short));
    const mayBeOpen = lines.some((line) => line.includes('-')) ? ['pram', 'ryw', 'mr'] : [];
    for (const one of others) if (!mayBeOpen.includes(one[0])) expect(broken).toContain(one);
  });

  it.each([
    ['LostElement', 'causal', ['0 +c', '0 +a', '1 {a c}', '1 +b', '2 {b}', '3 +d', '3 {d}']],
    ['UnexpectedElement', 'sequential', ['0 +a', '1 {a b}', '1 {a}']],
    ['RemovedElement', 'causal', ['0 +a', '1 {a}', '0 -a', '0 {a}']],
    ['LostElement', 'linearizable', ['0 +a', '0 +b', '1 {a}', '2 {a b}', '3 +c']],
    ['NoLinearization', 'linearizable', ['0 +a?', '1 +b?', '2 {a}', '3 {b}', '3 +c']],
    ['NoSequentialOrder', 'sequential', ['0 +a', '1 +b', '2 {a}', '3 {b}', '3 +c']],
    ['MonotonicReads', 'monotonic-reads', ['0 +a', '1 {a}', '1 {}', '2 {a}']],
  ] as const)('show %s with little', (pattern, level, lines) => {
    const operations = toHistory(parseSteps(lines));
    const found = judge(operations, level);
    if (found.outcome !== 'broken') throw new Error(found.outcome);
    expect(found.witness.pattern).toBe(pattern);
    expect(found.witness.operations.length).toBeLessThan(operations.length);
    expect(judge(found.witness.operations, level).outcome).toBe('broken');
    expect(found.witness.sentence).toMatch(/line \d.*\.$/);
  });
});

/**
 * Waves of adds at once, one by each client, and a remove: no quick algorithm decides it. Two reads
 * then find one of two new elements each, which is broken by both together.
 */
function drawHard(waves: number, clients: number): Step[] {
  const steps: Step[] = [];
  const step = (session: number, kind: Step['kind'], told: string | string[], from: number) => {
    const [element, elements] = typeof told === 'string' ? [told, []] : ['', told];
    steps.push({ session, kind, element, elements, from, to: from + 1 });
  };
  step(0, 'insert', 'gone', 0);
  step(0, 'remove', 'gone', 2);
  const all: string[] = [];
  for (let wave = 0; wave < waves; wave += 1) {
    for (let client = 0; client < clients; client += 1) {
      all.push(`${wave}.${client}`);
      step(client, 'insert', `${wave}.${client}`, 4 + 2 * wave);
    }
  }
  const last = 4 + 2 * waves;
  step(0, 'insert', 'a', last);
  step(1, 'insert', 'b', last);
  step(2, 'elements', [...all, 'a'], last);
  step(3, 'elements', [...all, 'b'], last);
  return steps;
}

describe('a search of sets', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each([
    ['linearizable', true, 'broken'],
    ['sequential', true, 'broken'],
    ['sequential', false, 'undecided'],
  ] as const)('for %s shares its budget with the parts of it', (level, isTimed, outcome) => {
    const add = vi.spyOn(Configurations.prototype, 'add');
    const operations = toHistory(drawHard(3, 5));
    const budget = 1_000;
    const found = checkHistory({ operations, isTimed, transactions: 0 }, level, { budget });
    expect(found.outcome).toBe(outcome);
    const states = add.mock.results.filter(({ value }) => value === true).length;
    // Sequential asks for linearizable first. A search ends when it has stored one too many.
    expect(states).toBeLessThanOrEqual((level === 'sequential' && isTimed ? 2 : 1) * budget + 10);
    if (found.outcome === 'broken') expect(found.witness.operations).toHaveLength(4);
  });

  it.each([
    ['makes a violation smaller with the rest of it', 400, 4],
    ['leaves a violation as it is when that is spent', 300, 12],
  ] as const)('%s', (_, budget, shown) => {
    const add = vi.spyOn(Configurations.prototype, 'add');
    const history = { operations: toHistory(drawHard(1, 6)), isTimed: false, transactions: 0 };
    const found = checkHistory(history, 'sequential', { budget });
    expect(found.outcome === 'broken' && found.witness.operations).toHaveLength(shown);
    const states = add.mock.results.filter(({ value }) => value === true).length;
    expect(states).toBeLessThanOrEqual(budget + 2);
  });
});

describe('the sentence about a set', () => {
  it.each([
    ['causal', ['0 +a', '0 +b', '1 {b}'], /^client 1 read S \(line 3\) without a, but it had seen/],
    ['linearizable', ['0 +a', '0 +b', '1 {b}'], /^client 1 read S \(line 3\) without a, wholly/],
    [
      'linearizable',
      ['0 +c', '0 -c', '0 +d', '1 +a?', '2 +b?', '1 {a d}', '2 {b d}'],
      /that client 2 read S \(line 7\) without a: .*, then client 1 read S \(line 6\) with a\.$/,
    ],
  ] as const)('for %s tells no read that was not: %s', (level, lines, sentence) => {
    const found = judge(toHistory(parseSteps(lines)), level);
    expect(found.outcome === 'broken' && found.witness.sentence).toMatch(sentence);
  });

  it('does not depend on the order of the elements of an answer', () => {
    const sentences = ['z 10 9 b a! 2', 'b a! 2 9 10 z'].map((elements) => {
      const found = judge(toHistory(parseSteps(['0 +a', `1 {${elements}}`])), 'causal');
      return found.outcome === 'broken' && found.witness.sentence;
    });
    expect(sentences[0]).toBe(sentences[1]);
    expect(showElements(['z', '10', '9', 'b', '-1', '2'])).toBe('{-1, 2, 9, 10, b, z}');
  });

  it('names an earlier run, and no line of it', () => {
    const operations = toHistory(parseSteps(['0 +a', '1 {a}']));
    const write = { key: 'S', value: '0', version: null, outcome: 'ok', server: 0 } as const;
    const history = { operations, initial: [write], isTimed: true, transactions: 0 };
    expect(checkHistory(history, 'linearizable')).toMatchObject({
      why: 'sets are judged as empty at first, and an earlier run put S=0',
    });
  });
});

describe('random histories of sets', () => {
  const ROUNDS = extent({ full: 3_000, quick: 120 });

  it.each([
    ['that grow', { steps: 6, removes: false, again: false }],
    ['that grow, with elements added again', { steps: 6, removes: false, again: true }],
    ['with removes', { steps: 6, removes: true, again: true }],
  ])('%s, are judged as the definitions say', { timeout: 600_000 }, (name, shape) => {
    const random = createRandomStream(1, name);
    const counts: Record<string, number> = {};
    for (let round = 0; round < ROUNDS; round += 1) {
      const steps = drawSteps(random, shape);
      if (!steps.some(({ to }) => Number.isFinite(to))) continue;
      const expected: Partial<Record<Level, boolean>> = {
        linearizable: hasOrder(steps, true),
        sequential: hasOrder(steps, false),
        causal: isCausal(steps),
        ...(!shape.removes && { pram: isPram(steps) }),
      };
      for (const [level, holds] of Object.entries(expected)) {
        const { outcome } = judge(toHistory(steps), level as Level);
        const isOpen =
          outcome === 'undecided' && (shape.again || shape.removes) && level !== 'linearizable';
        if (!isOpen)
          expect([level, outcome, steps]).toEqual([level, holds ? 'holds' : 'broken', steps]);
        const name = `${level} ${outcome}`;
        counts[name] = (counts[name] ?? 0) + 1;
      }
    }
    for (const level of ['linearizable', 'sequential', 'causal']) {
      expect(counts[`${level} holds`]).toBeGreaterThan(8);
      expect(counts[`${level} broken`]).toBeGreaterThan(8);
      expect(counts[`${level} undecided`] ?? 0).toBeLessThan(0.05 * ROUNDS);
    }
  });
});

/** Events of Jepsen, one after the other: `0 invoke add 1`. */
function read(...lines: string[]) {
  const text = lines.map((line, index) => {
    const [process, type, f, ...value] = line.split(' ');
    const told = `:f :${f} :value ${value.join(' ')} :time ${1_000 * index}`;
    return `{:process ${process} :type :${type} ${told}}`;
  });
  return readHistory(text.join('\n'), 'jepsen-edn');
}

describe('the sets of Jepsen', () => {
  const ADDED = [
    '0 invoke add 1',
    '0 ok add 1',
    '1 invoke add 2',
    '1 info add 2',
    '3 invoke read nil',
  ];

  it.each([
    ['are what was added', ['3 ok read #{1}'], 'holds'],
    ['may be lists', ['3 ok read [2 1]'], 'holds'],
    ['lose nothing', ['3 ok read #{}'], 'broken'],
    [
      'lose nothing, also for nil',
      ['3 ok read nil', '4 invoke read nil', '4 ok read #{1}'],
      'broken',
    ],
    ['have nothing else', ['3 ok read #{1 3}'], 'broken'],
    ['have nothing twice', ['3 ok read [1 1]'], 'broken'],
    ['have nothing of another type', ['3 ok read #{"1"}'], 'broken'],
    ['forget what is removed', ['3 ok read [1]', '3 invoke remove 1', '3 ok remove 1'], 'holds'],
  ])('%s', (_, lines, outcome) => {
    const history = read(...ADDED, ...lines);
    expect(checkHistory(history, 'linearizable').outcome).toBe(outcome);
    for (const format of ['jepsen-edn', 'jepsen-json', 'causeway'] as const) {
      const written = [...writeHistory(history, format).lines].join('\n');
      const again = readHistory(written, format);
      expect(checkHistory(again, 'linearizable').outcome, format).toBe(outcome);
      expect(again.operations.map(({ kind, value }) => [kind, value])).toEqual(
        history.operations.map(({ kind, value }) => [kind, value]),
      );
    }
  });

  it('are read with keys, beside keys without adds', () => {
    const history = read(
      ...['0 invoke add [:k 1]', '0 ok add [:k 1]', '1 invoke read [:l nil]', '1 ok read [:l []]'],
      ...[
        '2 invoke read [:k nil]',
        '2 ok read [:k [1]]',
        '2 invoke add [:l :x]',
        '2 fail add [:l :x]',
      ],
    );
    expect(history.operations.map(({ kind }) => kind).sort()).toEqual([
      'elements',
      'elements',
      'insert',
      'insert',
    ]);
    expect(checkHistory(history, 'linearizable').outcome).toBe('holds');
  });

  it('are refused beside writes and numbers', () => {
    const lines = ['0 invoke add :a', '0 ok add :a', '1 invoke read nil'];
    expect(() => read(...lines, '1 ok read 3')).toThrow('3 is no set');
    expect(() => read(...lines, '1 ok read [:a]', '2 invoke write 3')).toThrow('a put of the set');
    expect(() => read('0 invoke add nil')).toThrow('add takes a value, not nil');
  });

  it('are told from a counter, which adds whole numbers', () => {
    const lines = ['0 invoke add 2', '0 ok add 2', '0 invoke add 1.5', '0 ok add 1.5'];
    const reads = (found: string) => ['1 invoke read nil', `1 ok read ${found}`];
    const why = 'a counter adds whole numbers, not 1.5';
    expect(() => read(...lines, ...reads('3.5'))).toThrow(why);
    expect(() => read(...lines)).toThrow(why);
    expect(checkHistory(read(...lines, ...reads('#{1.5 2}')), 'linearizable').outcome).toBe(
      'holds',
    );
    const removed = read(...lines, '0 invoke remove 2', '0 ok remove 2');
    expect(removed.operations.map(({ kind }) => kind)).toEqual(['insert', 'insert', 'remove']);
  });

  it('begin empty, whatever is given', () => {
    const text = '{:process 0 :type :invoke :f :add :value :a :time 0}';
    const end = (value: string, key?: string) => {
      const reader = FORMATS.find(({ name }) => name === 'jepsen-edn')?.createReader();
      reader?.take(text, 1);
      return reader?.end([{ key, value }]);
    };
    const why = 'register: it is a set (line 1), and sets begin empty';
    expect(() => end('0')).toThrow(why);
    expect(() => end('0', 'register')).toThrow(why);
    expect(end('nil')?.operations).toHaveLength(1);
    expect(end('0', 'other')?.operations).toHaveLength(1);
  });

  it('are judged quickly when they are long', () => {
    const lines = Array.from({ length: 2_000 }, (_, n) => {
      const reads = n % 50 === 49;
      const all = Array.from({ length: n + 1 }, (_one, e) => e).join(' ');
      const change = [`${n % 5} invoke add ${n}`, `${n % 5} ok add ${n}`];
      return reads ? [...change, '7 invoke read nil', `7 ok read [${all}]`] : change;
    }).flat();
    expect(checkHistory(read(...lines), 'linearizable').outcome).toBe('holds');
    const late = lines.map((line) => line.replace('7 ok read [0 ', '7 ok read ['));
    const found = checkHistory(read(...late), 'linearizable');
    expect(found.outcome === 'broken' && found.witness.operations.length).toBe(2);
  });
});

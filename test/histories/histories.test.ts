// Histories in all formats, written by hand, with the verdict in the file's name.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  checkHistory,
  type History,
  type HistoryLevel,
  summarizeHistory,
} from '../../src/checkers/index.ts';
import { FORMATS, guessFormat, readHistory, writeHistory } from '../../src/histories/index.ts';

const SHORT: ReadonlyMap<string, HistoryLevel> = new Map([
  ['lin', 'linearizable'],
  ['seq', 'sequential'],
  ['cm', 'causal-memory'],
  ['ccv', 'causal-convergence'],
  ['cc', 'causal'],
  ['pram', 'pram'],
]);

const OF_TRANSACTIONS: ReadonlyMap<string, HistoryLevel> = new Map([
  ...SHORT,
  ['ra', 'read-atomic'],
  ['rc', 'read-committed'],
]);

const FOLDER = 'test/histories/files';
const files = readdirSync(FOLDER).sort();

function held(history: History): string {
  const levels = history.transactions > 0 ? OF_TRANSACTIONS : SHORT;
  const verdicts = [...levels].map(([name, level]) => ({ name, ...checkHistory(history, level) }));
  const names = verdicts.filter(({ outcome }) => outcome === 'holds').map(({ name }) => name);
  const isBroken = verdicts.some(({ outcome }) => outcome === 'broken');
  return names.join('+') || (isBroken ? 'none' : 'undecided');
}

describe('histories with the format and the verdict in their name', () => {
  it('are some of each format, at least one that is linearizable or not', () => {
    for (const { name } of FORMATS) {
      const own = files.filter((file) => file.startsWith(`${name}.`));
      const verdicts = new Set(own.map((file) => file.split('.')[1]));
      expect(verdicts.size, name).toBeGreaterThanOrEqual(2);
    }
  });

  it.each(files)('%s', (file) => {
    const [format, verdict] = file.split('.');
    const text = readFileSync(`${FOLDER}/${file}`, 'utf8');
    expect(guessFormat(text.split('\n'))?.name).toBe(format);
    const history = readHistory(text, format);
    expect(held(history)).toBe(verdict);
    expect(held(readHistory(text.replaceAll('\n', '\r\n')))).toBe(verdict);
    const summary = summarizeHistory(history);
    const levels = new Map(summary.verdicts.map(({ level, outcome }) => [level, outcome]));
    for (const level of SHORT.values()) {
      expect(levels.get(level), level).toBe(checkHistory(history, level).outcome);
    }
  });

  it.each(files)('%s, written in its format and read again', (file) => {
    const [format = '', verdict] = file.split('.');
    const history = readHistory(readFileSync(`${FOLDER}/${file}`, 'utf8'), format);
    if (history.transactions > 0 && format !== 'plume') {
      expect(() => writeHistory(history, format)).toThrow(
        'the format has no word for a transaction of several operations',
      );
      return;
    }
    const again = readHistory([...writeHistory(history, format).lines].join('\n'), format);
    expect(held(again)).toBe(verdict);
  });
});

describe('what is never claimed', () => {
  const read = (file: string): History => readHistory(readFileSync(`${FOLDER}/${file}`, 'utf8'));

  it('is linearizability without times', () => {
    const history = read('plume.seq+cm+ccv+cc+pram.one-order.txt');
    expect(checkHistory(history, 'linearizable')).toMatchObject({
      outcome: 'undecided',
      why: 'the history does not say when operations began and ended',
    });
    expect(summarizeHistory(history).strongest).toEqual(['sequential', 'monotonic-writes']);
    const broken = read('plume.none.message-passing-broken.txt');
    expect(checkHistory(broken, 'linearizable').outcome).toBe('broken');
  });

  it('is a level of transactions that only their operations keep', () => {
    const history = read('plume.seq+cm+ccv+cc+pram+ra+rc.transactions-of-several.txt');
    const { strongest, verdicts } = summarizeHistory(history);
    expect(strongest).toEqual([
      'sequential',
      'read-your-writes-all-keys',
      'monotonic-reads-all-keys',
      'writes-follow-reads',
    ]);
    // No order of all transactions explains this one.
    const half = read('plume.rc.half-of-a-transaction.txt');
    expect(checkHistory(half, 'pram')).toMatchObject({
      why: 'it is not decided for transactions of several operations',
    });
    const undecided = verdicts.filter(({ outcome }) => outcome === 'undecided');
    expect(undecided).toMatchObject([
      { level: 'linearizable', why: 'the history does not say when operations began and ended' },
      { level: 'monotonic-writes', why: expect.any(String) },
    ]);
  });

  it('is a causal level of appends', () => {
    const history = read('porcupine-kv.lin+seq+cm+ccv+cc+pram.appends-overlap.txt');
    expect(checkHistory(history, 'causal').outcome).toBe('holds');
    // No order of all operations explains that nothing was appended.
    const operations = history.operations.map((one) =>
      one.kind === 'get' ? { ...one, value: null, outcome: 'absent' as const } : one,
    );
    expect(checkHistory({ ...history, operations }, 'sequential').outcome).toBe('broken');
    expect(checkHistory({ ...history, operations }, 'causal')).toMatchObject({
      outcome: 'undecided',
      why: 'it is defined for reads and writes, and not for append (line 1)',
    });
    const lost = read('porcupine-kv.seq+cm+ccv+cc+pram.append-is-lost.txt');
    expect(checkHistory(lost, 'sequential').outcome).toBe('holds');
    expect(checkHistory(lost, 'linearizable')).toMatchObject({
      witness: {
        sentence:
          'No order of the operations explains that client 0 got k=p (line 5): the longest one ' +
          'that fits ends with client 1 appended q to k (line 3).',
      },
    });
  });

  it('is anything beyond the budget', () => {
    const many = Array.from({ length: 12 }, (_, process) => {
      return `{:process ${process}, :type :invoke, :f :append, :key "k", :value "${process} "}`;
    });
    const answers = many.map((line) => line.replace(':invoke', ':ok'));
    const get = '{:process 0, :type :invoke, :f :get, :key "k", :value nil}';
    // The first text would have to be appended twice.
    const text = `${many.map((_line, process) => `${process} `).join('')}0 `;
    const got = `{:process 0, :type :ok, :f :get, :key "k", :value "${text}"}`;
    const history = readHistory([...many, ...answers, get, got].join('\n'));
    expect(checkHistory(history, 'linearizable', { budget: 100 })).toMatchObject({
      outcome: 'undecided',
      why: 'the search gave up after 100 states, at k',
    });
  });
});

describe('values', () => {
  const writeThenRead = (written: string, read: string): History =>
    readHistory(`{:process 0, :type :invoke, :f :write, :value ["k" ${written}]}
{:process 0, :type :ok, :f :write, :value ["k" ${written}]}
{:process 0, :type :invoke, :f :read, :value ["k" nil]}
{:process 0, :type :ok, :f :read, :value ["k" ${read}]}`);

  it.each([
    ['3', '3', true],
    ['3', '"3"', false],
    ['"3"', '"\\"3\\""', false],
    ['1.0', '1', false],
    ['[1 2]', '[1, 2]', true],
    ['[1 2]', '"[1 2]"', false],
    ['[1 2]', '(1 2)', true],
    [':a', '"a"', false],
    ['true', '"true"', false],
    ['"nil"', 'nil', false],
    ['nil', 'nil', true],
    ['123456789012345678901', '123456789012345678902', false],
    ['{:a #{1}}', '{:a #{1}}', true],
    ['"a\\u00e9\\n"', '"aé\\n"', true],
  ])('%s is %s: %s', (written, read, isSame) => {
    const { outcome } = checkHistory(writeThenRead(written, read), 'causal');
    expect(outcome).toBe(isSame ? 'holds' : 'broken');
  });
});

// Histories that begin with what earlier runs wrote: in our own format as they are, in others as
// writes before everything else.
import { describe, expect, it } from 'vitest';
import { checkHistory, type History, LEVELS, summarizeHistory } from '../../src/checkers/index.ts';
import { guessFormat, readHistory, writeHistory } from '../../src/histories/index.ts';

const put = (key: string, value: string | null, timestamp: number, outcome = 'ok', server = 0) =>
  JSON.stringify({ kind: 'initial', key, value, version: [timestamp, 0, 1], outcome, server });
const get = (seq: number, key: string, value: string | null, timestamp: number | null) =>
  JSON.stringify({
    ...{ session: 0, incarnation: 2, seq, kind: 'get', key, value },
    outcome: value === null ? 'absent' : 'ok',
    ...{ invokedAt: 2 * seq, returnedAt: 2 * seq + 1, server: 0, applied: null, line: seq + 1 },
    version: timestamp === null ? null : [timestamp, 0, 1],
  });

const LINES = [
  put('x', '1', 1),
  put('x', '2', 2, 'unknown'),
  put('y', null, 3),
  put('unasked', '4', 4),
  get(0, 'x', '2', 2),
  // A server that came late.
  put('x', '2', 2, 'ok', 1),
  put('y', '0', 1, 'ok', 1),
  get(1, 'y', null, 3),
];
const TEXT = LINES.join('\n');

function read(text = TEXT): History {
  return readHistory(text);
}

describe('our own format', () => {
  it('has them as a kind of its own, each once', () => {
    expect(guessFormat(Array.from({ length: 20 }, () => LINES[0] as string))?.name).toBe(
      'causeway',
    );
    const { initial = [], operations } = read();
    expect(operations).toHaveLength(2);
    expect(initial.map(({ key, value, outcome, server }) => [key, value, outcome, server])).toEqual(
      [
        ['x', '1', 'ok', 0],
        ['x', '2', 'ok', 1],
        ['y', null, 'ok', 0],
        ['y', '0', 'ok', 1],
        ['unasked', '4', 'ok', 0],
      ],
    );
  });

  it('is read again as it was written', () => {
    const { lines, losses } = writeHistory(read(), 'causeway');
    const again = read([...lines].join('\n'));
    expect(losses).toEqual([]);
    expect(again.initial).toEqual(read().initial);
    expect(again.operations.map(({ line, ...rest }) => rest)).toEqual(
      read().operations.map(({ line, ...rest }) => rest),
    );
  });

  it('is judged with them', () => {
    for (const level of LEVELS) {
      // Nothing was written: nothing is said about what binds servers to writes.
      const isSilent = level === 'monotonic-writes' || level === 'writes-follow-reads';
      const expected = isSilent ? 'undecided' : 'holds';
      expect(checkHistory(read(), level).outcome, level).toBe(expected);
    }
    expect(summarizeHistory(read()).strongest).toContain('linearizable');
    expect(summarizeHistory(read()).availability).toMatchObject([{ client: 0, asked: 2 }]);
    const without = LINES.filter((line) => !line.includes('initial')).join('\n');
    expect(checkHistory(read(without), 'linearizable').outcome).toBe('broken');
    const stale = `${TEXT}\n${get(2, 'x', '1', 1)}`;
    expect(checkHistory(read(stale), 'linearizable').outcome).toBe('broken');
  });

  it.each([
    ['"server":0', '"server":-1', 'server is -1, not a whole number from 0 to 999999'],
    ['"server":0', '"server":null', 'server is null, not a whole number from 0 to 999999'],
    ['"outcome":"ok"', '"outcome":"absent"', 'outcome is "absent", not one of ok, unknown'],
    ['"key":"x"', '"key":null', 'key is null, not a text'],
    ['"value":"1"', '"value":1', 'value is 1, not a text'],
    ['"version":[1,0,1]', '"version":"1"', 'version is "1", not null or'],
    ['"version":[1,0,1]', '"other":1', 'version is missing, not null or'],
  ])('refuses %s in place of %s', (right, wrong, why) => {
    const text = TEXT.replace(right, wrong);
    expect(text).not.toBe(TEXT);
    expect(() => readHistory(text, 'causeway')).toThrow(why);
  });
});

describe('concurrent writes of an earlier run', () => {
  const own = [[0, 1, 0, 1]];
  const write = (value: string, timestamp: number, context: number[][]) =>
    JSON.stringify({ ...JSON.parse(put('x', value, timestamp)), context });
  const found = JSON.stringify({ ...JSON.parse(get(0, 'x', '1', 1)), context: own });

  it('keep their contexts, which order them', () => {
    const beside = [write('1', 1, own), write('2', 2, [[0, 1, 1, 2]]), found].join('\n');
    expect([...writeHistory(readHistory(beside), 'causeway').lines]).toEqual([
      ...beside.split('\n').map((line) => expect.stringContaining(line.slice(1, 20))),
    ]);
    const again = [...writeHistory(readHistory(beside), 'causeway').lines].join('\n');
    expect(readHistory(again)).toEqual(readHistory(beside));
    expect(checkHistory(readHistory(beside), 'linearizable').outcome).toBe('holds');
    const after = [write('1', 1, own), write('2', 2, [[0, 1, 0, 2]]), found].join('\n');
    expect(checkHistory(readHistory(after), 'linearizable').outcome).toBe('broken');
  });

  it('are each written for other tools, which know no contexts', () => {
    const beside = [write('1', 1, own), write('2', 2, [[0, 1, 1, 2]]), found];
    const values = (lines: readonly string[]) =>
      [...writeHistory(readHistory(lines.join('\n')), 'porcupine-kv').lines].flatMap(
        (line) => /:invoke, :f :put.*:value "(.)"/.exec(line)?.[1] ?? [],
      );
    expect(values(beside)).toEqual(['1', '2']);
    expect(
      values([
        write('1', 1, own),
        write('2', 2, [[0, 1, 0, 2]]),
        found
          .replace('"1"', '"2"')
          .replaceAll('[1,0,1]', '[2,0,1]')
          .replace('[[0,1,0,1]]', '[[0,1,0,2]]'),
      ]),
    ).toEqual(['2']);
    const { losses } = writeHistory(readHistory(beside.join('\n')), 'porcupine-kv');
    expect(losses).toContain('causal contexts');
  });
});

describe('other formats', () => {
  it('have them as writes of clients of their own, before all others', () => {
    const { lines, losses } = writeHistory(read(), 'jepsen-edn');
    const events = [...lines].map((line) => line.replace(/, :index.*/, ''));
    expect(events).toEqual([
      '{:type :invoke, :f :write, :value ["x" 2], :process 1, :time 0',
      '{:type :ok, :f :write, :value ["x" 2], :process 1, :time 1000000',
      '{:type :invoke, :f :write, :value ["y" nil], :process 2, :time 2000000',
      '{:type :ok, :f :write, :value ["y" nil], :process 2, :time 3000000',
      '{:type :invoke, :f :read, :value ["x" nil], :process 0, :time 4000000',
      '{:type :ok, :f :read, :value ["x" 2], :process 0, :time 5000000',
      '{:type :invoke, :f :read, :value ["y" nil], :process 0, :time 6000000',
      '{:type :ok, :f :read, :value ["y" nil], :process 0, :time 7000000',
    ]);
    expect(losses[0]).toBe('earlier runs, whose writes come first, each of a client of its own');
  });

  it('have what may have taken effect if it was read, and what was overwritten if it was', () => {
    const text = [
      put('x', '1', 1),
      put('x', '2', 2),
      put('x', '3', 3, 'unknown'),
      get(0, 'x', '1', 1),
    ];
    const asked = get(1, 'x', '3', 3);
    const values = (lines: readonly string[]) =>
      [...writeHistory(read(lines.join('\n')), 'porcupine-kv').lines].flatMap(
        (line) => /:invoke, :f :put.*:value "(.)"/.exec(line)?.[1] ?? [],
      );
    expect(values(text)).toEqual(['1', '2']);
    expect(values([...text, asked])).toEqual(['1', '2', '3']);
  });

  it.each(['jepsen-edn', 'jepsen-json', 'porcupine-kv'])(
    'leave linearizability what it was: %s',
    (format) => {
      for (const history of [
        TEXT,
        `${TEXT}\n${get(2, 'x', '1', 1)}`,
        `${TEXT}\n${get(2, 'y', '0', 1)}`,
        `${TEXT}\n${get(2, 'x', null, null)}`,
      ]) {
        const written = [...writeHistory(read(history), format).lines].join('\n');
        const [here, there] = [read(history), readHistory(written, format)].map(
          (one) => checkHistory(one, 'linearizable').outcome,
        );
        expect(there, history).toBe(here);
      }
    },
  );

  it('without times have them too', () => {
    const { lines } = writeHistory(read(), 'plume');
    expect([...lines]).toEqual(['r(0,2,0,1)', 'r(1,0,0,2)', 'w(0,2,1,3)', 'w(1,0,2,4)']);
  });
});

// What keys held before a history, told on the command line: `--initial 0`, `--initial x=0,y=1`.
import { describe, expect, it } from 'vitest';
import { checkHistory, type Level } from '../../src/checkers/index.ts';
import {
  FORMATS,
  type Format,
  FormatError,
  findUnwritten,
  InitialValueError,
  readHistory,
  readInitialValues,
  writeHistory,
} from '../../src/histories/index.ts';

const initialize = (text: string, words: string, format = 'jepsen-edn') =>
  readHistory(text, format, readInitialValues(words));

/** The outcome, or why the history or the initial value is refused. */
function judge(text: string, words: string, format?: string, level: Level = 'linearizable') {
  try {
    return checkHistory(initialize(text, words, format), level).outcome;
  } catch (error) {
    if (error instanceof FormatError || error instanceof InitialValueError) return error.message;
    throw error;
  }
}

function notes(text: string, words: string): readonly string[] {
  const { createReader } = FORMATS.find(({ name }) => name === 'jepsen-edn') as Format;
  const reader = createReader();
  for (const [index, line] of text.split('\n').entries()) reader.take(line, index + 1);
  reader.end(readInitialValues(words));
  return reader.notes;
}

const event = (process: number, type: string, f: string, value: string): string =>
  `{:process ${process}, :type :${type}, :f :${f}, :value ${value}}`;
const read = (value: string, asked = 'nil'): string =>
  `${event(1, 'invoke', 'read', asked)}\n${event(1, 'ok', 'read', value)}\n`;
const write = (value: string): string =>
  `${event(0, 'invoke', 'write', value)}\n${event(0, 'ok', 'write', value)}\n`;
const failed = (f: string, value: string): string =>
  `${event(0, 'invoke', f, value)}\n${event(0, 'fail', f, value)}\n`;
const cas = (value: string): string =>
  `${event(0, 'invoke', 'cas', value)}\n${event(0, 'ok', 'cas', value)}\n`;

describe('initial values', () => {
  it('are read from words', () => {
    expect(readInitialValues('0')).toEqual([{ key: undefined, value: '0' }]);
    expect(readInitialValues('"a=b"')).toEqual([{ key: undefined, value: '"a=b"' }]);
    expect(judge(read('"a=b"'), '"a=b"')).toBe('holds');
    expect(readInitialValues('[1, 2]')).toEqual([{ key: undefined, value: '[1, 2]' }]);
    expect(readInitialValues('x=0,y=')).toEqual([
      { key: 'x', value: '0' },
      { key: 'y', value: '' },
    ]);
    expect(readInitialValues('x=[1,2],y=3')).toEqual([
      { key: 'x', value: '[1,2]' },
      { key: 'y', value: '3' },
    ]);
    expect(readInitialValues('x={"a":"[=,","b":[{}]},y=,,"3"=\\"=')).toEqual([
      { key: 'x', value: '{"a":"[=,","b":[{}]}' },
      { key: 'y', value: ',' },
      { key: '"3"', value: '\\"=' },
    ]);
    expect(readInitialValues('0,x=1')).toEqual([
      { key: undefined, value: '0' },
      { key: 'x', value: '1' },
    ]);
  });

  it.each([
    ['0', read('0') + write('5') + read('5'), 'holds'],
    ['0', write('5') + read('0'), 'broken'],
    ['0', read('nil'), 'broken'],
    ['nil', read('nil'), 'holds'],
    ['"0"', read('0'), 'broken'],
    ['"0"', read('"0"'), 'holds'],
    [':a', read(':a'), 'holds'],
    ['word', read('"word"'), 'holds'],
    ['{:a 1, :b 2}', write('{:b 3, :a 1}') + read('{:b 2 :a 1}'), 'broken'],
    ['{:a 1, :b 2}', read('{:b 2 :a 1}'), 'holds'],
    ['{:a 1}', read('{:a 2}'), 'broken'],
    ['{}', read('{}'), 'holds'],
    ['{:a "x=y"}', read('{:a "x=y"}'), 'holds'],
    [':x={:a "=",:b "="}', read('[:x {:a "=", :b "="}]', '[:x nil]'), 'holds'],
    [
      '0',
      read('{:b 2}'),
      '{:b 2}: no operation wrote a map with these keys, so it may be a read of several keys',
    ],
    [
      '{:a nil}',
      read('{}'),
      '{}: no operation wrote a map without keys, so it may be a read of several keys',
    ],
    ['', read('""'), 'nothing; the empty string is ""'],
    [' ', read('0'), 'nothing; the empty string is ""'],
    ['register=', read('""'), 'nothing; the empty string is ""'],
    ['""', read('""'), 'holds'],
    ['{:a', read('"{:a"'), '{:a: { is not closed'],
    ['[1] [2]', read('[1]'), '[1] [2]: not one value'],
    ['#inst "2020"', read('0'), '#inst "2020": #inst "2020" is no value that can be compared'],
    ['0', cas('[0 1]') + read('1'), 'holds'],
    ['1', cas('[0 1]') + read('1'), 'broken'],
    ['0', read('[:x 0]', '[:x nil]') + read('[:y 0]', '[:y nil]'), 'holds'],
    [':x=0,:y=1', read('[:x 0]', '[:x nil]') + read('[:y 1]', '[:y nil]'), 'holds'],
    [':x=0,:y=1', read('[:x 1]', '[:x nil]') + read('[:y 1]', '[:y nil]'), 'broken'],
    [':x=0', read('[:x 0]', '[:x nil]') + read('[:y nil]', '[:y nil]'), 'holds'],
  ])('%s', (words, text, expected) => {
    expect(judge(text, words)).toBe(expected);
  });

  it('are of the other formats too', () => {
    const json = '{"process":1,"type":"invoke","f":"read","value":null}';
    const answer = '{"process":1,"type":"ok","f":"read","value":{"a":[1.0]}}';
    const written = json.replace('read', 'write').replace('null', '{"a":2}');
    const put = [written, written.replace('invoke', 'ok')].join('\n').replaceAll(':1,', ':0,');
    const text = `${json}\n${answer}\n${put}`;
    expect(judge(text, '{"a":[1]}', 'jepsen-json')).toBe('holds');
    expect(judge(text, '{"a":[2]}', 'jepsen-json')).toBe('broken');
    expect(judge('1\t:invoke\t:read\tnil\n1\t:ok\t:read\t3', '3', 'jepsen-etcd')).toBe('holds');
    expect(judge('r(1,7,0,1)\nr(2,0,0,2)', '1=7', 'plume', 'causal')).toBe('holds');
    expect(judge('r(1,7,0,1)\nr(2,0,0,1)', '1=7', 'plume', 'causal')).toBe('holds');
    expect(judge('r(1,0,0,1)', '0', 'plume', 'causal')).toBe('holds');
    expect(judge('r(1,7,0,1)\nr(2,0,0,2)', '01=007', 'plume', 'causal')).toBe('holds');
    expect(judge('r(1,7,0,1)', '', 'plume')).toBe(' is no whole number');
    expect(judge('r(1,7,0,1)', '-7', 'plume')).toBe('-7 is no whole number');
    expect(judge(json.replace('null', '{"a":'), '{"a":1}', 'jepsen-json')).toMatch('not closed');
    const get = '{:process 1, :type :invoke, :f :get, :key "k", :value nil}';
    const got = '{:process 1, :type :ok, :f :get, :key "k", :value "v"}';
    expect(judge(`${get}\n${got}`, 'k=v', 'porcupine-kv')).toBe('holds');
    expect(judge(`${get}\n${got.replace('"v"', '""')}`, '', 'porcupine-kv')).toBe('holds');
  });

  it('are named if no operation uses the key', () => {
    expect(notes(read('0'), 'x=0,register=1')).toEqual(['no operation uses x']);
  });

  it('do not replace those of the file', () => {
    const line =
      '{"kind":"initial","key":"x","value":"0","version":null,"outcome":"ok","server":0}';
    expect(() => initialize(line, 'x=1', 'causeway')).toThrow(
      'x: the history itself tells its initial value',
    );
  });

  it('are written in the formats that can say them', () => {
    const history = initialize(read('0'), '0');
    const lines = [...writeHistory(history, 'causeway').lines];
    expect(JSON.parse(lines[0] as string)).toEqual({
      ...{ kind: 'initial', key: 'register', value: '0' },
      ...{ version: null, outcome: 'ok', server: 0 },
    });
    expect(checkHistory(readHistory(lines.join('\n')), 'linearizable').outcome).toBe('holds');
    const events = [...writeHistory(history, 'jepsen-edn').lines].join('\n');
    expect(checkHistory(readHistory(events), 'linearizable').outcome).toBe('holds');
  });
});

describe('a value that was found before it was written', () => {
  const found = (text: string) => {
    const { key, line } = findUnwritten(readHistory(text)) ?? {};
    return key === undefined ? undefined : `${key} ${line}`;
  };

  it.each([
    [read('0') + write('5'), 'register 1'],
    [read('5') + write('5'), 'register 1'],
    [cas('[0 1]'), 'register 1'],
    [write('5') + read('0'), undefined],
    [read('nil') + write('5') + read('5'), undefined],
    ['r(1,0,0,1)\nr(1,7,0,2)', '1 2'],
    [failed('write', '2') + read('2'), undefined],
    ['w(1,7,0,-1)\nr(1,7,0,2)', undefined],
    [failed('cas', '[1 2], :error :mismatch') + read('0'), 'register 3'],
    [failed('cas', '[1 2], :error :mismatch') + read('2'), undefined],
  ])('%j', (text, expected) => {
    expect(found(text)).toBe(expected);
  });

  it('is none if the history tells the initial value', () => {
    expect(findUnwritten(initialize(read('0') + write('5'), '1'))).toBeUndefined();
  });
});

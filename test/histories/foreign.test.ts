// Histories as other tools and other people write them: small inputs, each of a kind that was once
// read wrongly or refused without need, with the right answer.
import { describe, expect, it } from 'vitest';
import { checkHistory } from '../../src/checkers/index.ts';
import { guessFormat, readHistory } from '../../src/histories/index.ts';
import { judge } from './judge.ts';

type Notation = 'edn' | 'json';

/** The two events of an operation; `more` has further fields of both. */
function operation(
  notation: Notation,
  process: string | number,
  f: string,
  [asked, told]: readonly [string, string],
  more = '',
): string {
  const event = (type: string, value: string): string =>
    notation === 'edn'
      ? `{:process ${process}, :type :${type}, :f :${f}, :value ${value}${more}}`
      : `{"process":${process},"type":"${type}","f":"${f}","value":${value}${more}}`;
  return `${event('invoke', asked)}\n${event('ok', told)}`;
}

const write = (value: string, more = '', process: string | number = 0): string =>
  operation('edn', process, 'write', [value, value], more);
const read = (value: string, more = '', process: string | number = 1): string =>
  operation('edn', process, 'read', ['nil', value], more);
const writeJson = (value: string, more = '', process: string | number = 0): string =>
  operation('json', process, 'write', [value, value], more);
const readJson = (value: string, more = '', process: string | number = 1): string =>
  operation('json', process, 'read', ['null', value], more);
const lines = (...parts: readonly string[]): string => parts.join('\n');

function notesOf(text: string): readonly string[] {
  const rows = text.split('\n');
  const reader = guessFormat(rows)?.createReader();
  for (const [index, row] of rows.entries()) reader?.take(row, index + 1);
  reader?.end();
  return reader?.notes ?? [];
}

describe('a field that names the key', () => {
  const [x, y] = [', :key :x', ', :key :y'];
  const [jx, jy] = [',"key":"x"', ',"key":"y"'];

  it.each([
    ['keeps keys apart', lines(write('1', x), read('1', y)), 'ThinAirRead'],
    ['keeps keys apart in JSON', lines(writeJson('1', jx), readJson('1', jy)), 'ThinAirRead'],
    ['lets each key be', lines(write('1', x), write('2', y), read('1', x)), 'holds'],
    [
      'lets each key be in JSON',
      lines(writeJson('1', jx), writeJson('2', jy), readJson('1', jx)),
      'holds',
    ],
    ['is k too', lines(write('1', ', :k 1'), write('2', ', :k 2'), read('1', ', :k 1')), 'holds'],
    [
      'is of a cas too',
      lines(write('1', x), write('2', y), operation('edn', 0, 'cas', ['[1 3]', '[1 3]'], x)),
      'holds',
    ],
    [
      'is of a cas too, in JSON',
      lines(writeJson('1', jx), operation('json', 0, 'cas', ['[1,3]', '[1,3]'], jy)),
      'ThinAirRead',
    ],
    ['leaves a vector as it is', lines(write('[1 2]', x), read('[1 2]', x)), 'holds'],
    ['may be nil', lines(write('1', ', :key nil'), read('1', ', :key nil')), 'holds'],
    [
      'may be missing from the answer',
      lines(write('1', x), read('1', x).replace('1, :key :x}', '1}')),
      'holds',
    ],
    [
      'is of all operations',
      lines(write('1', x), read('1')),
      '3: it has no field that names the key, and other lines have one',
    ],
    [
      'is of none',
      lines(write('1'), read('1', x)),
      '3: it has a field that names the key, and other lines have none',
    ],
    [
      'does not stand beside [key value]',
      write('[:x 1]', x),
      '1: a field names the key, and so does the value',
    ],
    ['is not there twice', write('1', `${x}, :k 1`), '1: it has a field key and a field k'],
    [
      'is not there beside a transaction',
      operation('edn', 0, 'txn', ['[[:w 1 2]]', '[[:w 1 2]]'], x),
      '1: a field key beside a transaction',
    ],
    [
      'has no other name',
      lines(write('1', ', :register :x'), read('1', ', :register :y')),
      '3: the field register has :y, and had :x: a key is named by the field key, or by ' +
        '[key value]',
    ],
    [
      'is no field that never changes',
      lines(write('1', ', :table :t'), read('1', ', :table :t')),
      'holds',
    ],
    [
      'is told by the answer no other than by the call',
      write('1', x).replace(
        ':ok, :f :write, :value 1, :key :x',
        ':ok, :f :write, :value 1, :key :y',
      ),
      '2: another value than was written (line 1)',
    ],
  ])('%s', (_what, text, expected) => {
    expect(judge(text)).toBe(expected);
  });

  it('makes [key value] of no later line', () => {
    expect(judge(lines(write('1'), operation('edn', 1, 'read', ['["x" nil]', '["x" 1]'])))).toBe(
      '3: a read of "x", and other lines name no key',
    );
  });
});

describe('equal values', () => {
  it.each([
    ['{:a 1 :b 2}', '{:b 2, :a 1}'],
    ['{"a" {:c 1, :d 2}}', '{"a" {:d 2 :c 1}}'],
    ['#{1 2 3}', '#{3 1 2}'],
    ['(1 2 3)', '[1 2 3]'],
    ['{[1] (2)}', '{(1) [2]}'],
    ['12N', '12'],
    ['+12', '12'],
    ['1.50', '1.5'],
    ['1e3', '1000.0'],
    ['2/4', '1/2'],
    ['4/2', '2'],
    ['1.50M', '1.5M'],
    ['100M', '1E2M'],
    ['1589367458073308289', '1589367458073308289N'],
    ['\\u0041', '\\A'],
    ['##Inf', '1e999'],
    ['#_ 1 2', '2'],
    ['[1 #_ (2) 3 4]', '[1 3 4]'],
    ['#:a{:b 1, :_/c 2, :d/e 3}', '{:a/b 1 :c 2 :d/e 3}'],
    ['[\\{ \\( \\"]', '[\\{, \\(, \\"]'],
  ])('are %s and %s', (one, other) => {
    expect(judge(lines(write(one), read(one))), one).toBe('holds');
    expect(judge(lines(write(one), read(other))), other).toBe('holds');
  });

  it.each([
    ['{:a 1}', '{:a 2}'],
    ['[1 2 3]', '[2 1 3]'],
    ['#{1}', '[1]'],
    ['1.0', '1'],
    ['1.0M', '1.0'],
    ['1589367458073308289', '1589367458073308288'],
    ['\\a', '"a"'],
    ['\\a', ':a'],
  ])('are not %s and %s', (one, other) => {
    expect(judge(lines(write(one), read(other)))).toBe('ThinAirRead');
  });

  it.each([
    ['{"a":1,"b":[{"c":1,"d":2}]}', '{"b":[{"d":2,"c":1}],"a":1}', 'holds'],
    ['1.0', '1', 'holds'],
    ['1e3', '1000', 'holds'],
    ['0.5', '5e-1', 'holds'],
    ['12345678901234567890', '12345678901234567890', 'holds'],
    ['12345678901234567890', '12345678901234567891', 'ThinAirRead'],
    ['12345678901234567890', '"12345678901234567890"', 'ThinAirRead'],
    ['{"a":1,"a":2}', '{"a":2}', 'holds'],
    ['"\\u0061\\\\\\""', '"a\\u005c\\""', 'holds'],
  ])('in JSON: %s and %s', (one, other, expected) => {
    expect(judge(lines(writeJson(one), readJson(other)))).toBe(expected);
  });

  it.each([
    ['foo', '1: foo is no value that can be compared'],
    ['[1 foo/bar]', '1: foo/bar is no value that can be compared'],
    ['#inst "2020-01-01"', '1: #inst "2020-01-01" is no value that can be compared'],
    ['##NaN', '1: ##NaN is no value that can be compared'],
    ['{:a 1 :a 2}', '1: a map has :a twice'],
    ['{[1] 1 (1) 2}', '1: a map has [1] twice'],
    ['#{1 1N}', '1: a set has 1 twice'],
    ['1x', '1: 1x is no value that can be compared'],
    ['0x1f', '1: 0x1f is no value that can be compared'],
    ['#_', '1: a } that closes nothing'],
    ['#::{:a 1}', '1: #:: has no namespace that is known'],
  ])('are nothing that is said of %s', (value, expected) => {
    expect(judge(write(value))).toBe(expected);
  });
});

describe('values that are more than one register', () => {
  const SEVERAL = 'no operation wrote a map with these keys, so it may be a read of several keys';
  const txn = (f: string, micros: readonly [string, string], process: number): string =>
    operation('edn', process, f, micros);

  it.each([
    [
      'micro-operations under other names',
      lines(
        txn('write', ['[[:w 9 2]]', '[[:w 9 2]]'], 0),
        txn('read', ['[[:r 9 nil]]', '[[:r 9 2]]'], 1),
      ),
      'holds',
    ],
    [
      'micro-operations that break it',
      lines(
        txn('write', ['[["w" 9 2]]', '[["w" 9 2]]'], 0),
        txn('read', ['([:r 9 nil])', '([:r 9 nil])'], 1),
      ),
      'EnclosedZone',
    ],
    [
      'micro-operations that a read did not ask for',
      lines(write('2'), read('[[:r 9 2]]')),
      '4: [[:r 9 2]] answers a read that asked for something else',
    ],
    [
      'appends',
      txn('write', ['[[:append 9 2]]', '[[:append 9 2]]'], 0),
      '1: unknown operation of a transaction: append',
    ],
    ['accounts', lines(read('{0 50, 1 50}'), read('{0 40, 1 60}')), `2: {0 50 1 50}: ${SEVERAL}`],
    [
      'keys of a map one by one',
      lines(write('{:x 1}'), write('{:y 2}'), read('{:x 1, :y 2}')),
      `6: {:x 1 :y 2}: ${SEVERAL}`,
    ],
    [
      'maps of one register',
      lines(write('{:x 1}'), write('{:x 2}'), read('{:x 3}')),
      'ThinAirRead',
    ],
  ])('%s', (_what, text, expected) => {
    expect(judge(text)).toBe(expected);
  });

  it('have no name in files of elle-cli', () => {
    const event = (process: number, type: string, value: string): string =>
      `{"type":"${type}","process":${process},"value":${value}}`;
    const [put, asked] = ['[["w","x",1]]', '[["r","x",null]]'];
    const wrote = [event(0, 'invoke', put), event(0, 'ok', put)];
    const got = (value: string): string =>
      lines(...wrote, event(1, 'invoke', asked), event(1, 'ok', `[["r","x",${value}]]`));
    expect(judge(got('1'))).toBe('holds');
    expect(judge(got('null'))).toBe('EnclosedZone');
    expect(judge(event(0, 'invoke', '1'))).toBe('1: it has no f');
  });
});

describe('processes', () => {
  it.each([
    ['are numbers up to 2^53', lines(write('1'), read('1', '', 9007199254740991)), 'holds'],
    [
      'of a later life are not those of another',
      lines(write('1', '', 3), read('nil', '', 1000003)),
      'EnclosedZone',
    ],
    ['may have names', lines(writeJson('1', '', '"c0"'), readJson('1')), 'holds'],
    [
      'with names may break it',
      lines(write('1', '', ':c0'), read('nil', '', ':c1')),
      'EnclosedZone',
    ],
    [
      'may be the nemesis',
      lines('{:process :nemesis, :type :info, :f :start}', write('1')),
      'holds',
    ],
    [
      'may only inform',
      lines('{:process "checker", :type :info, :f :start, :value #object[a]}', write('1')),
      'holds',
    ],
    [
      'with names end with an operation of unknown outcome too',
      lines(write('1', '', ':c').replace(':ok', ':info'), write('1', '', ':c')),
      '3: process :c goes on after its operation of unknown outcome (line 1)',
    ],
    [
      'with names have operations that are known',
      '{:process "db", :type :invoke, :f :start}',
      '1: unknown f: start',
    ],
  ])('%s', (_what, text, expected) => {
    expect(judge(text)).toBe(expected);
  });

  it('get numbers that no other one has, and the reader tells them', () => {
    const { operations } = readHistory(
      lines(write('1', '', ':a'), write('2', '', '"a"'), write('3', '', 7), write('4', '', ':a')),
    );
    expect(operations.map(({ session }) => session)).toEqual([8, 9, 7, 8]);
  });
});

describe('times', () => {
  const timed = (...times: readonly string[]): string => {
    const [a, b, c, d] = times.map((time) => `, :time ${time}}`);
    const events = lines(write('1'), read('nil')).split('\n');
    return [a, b, c, d]
      .map((end, at) => (events[at] as string).replace(/\}$/, end as string))
      .join('\n');
  };

  it('make operations concurrent where they disagree with the lines', () => {
    const late = lines(write('1'), read('1')).split('\n');
    const at = (times: readonly number[], events: readonly string[]): string =>
      events.map((event, place) => event.replace(/\}$/, `, :time ${times[place]}}`)).join('\n');
    const times = [10, 15, 2, 3];
    expect(judge(at(times, late))).toBe('holds');
    expect(notesOf(at(times, late))).toEqual([
      'times go back (line 3): operations are concurrent where the lines and the times disagree',
    ]);
    expect(judge(at(times, lines(write('1'), read('nil')).split('\n')))).toBe('holds');
    expect(notesOf(at([10, 15, 15, 16], late))).toEqual([]);
  });

  it.each([
    [
      ['1589367458073308289', '1589367458073308290', '1589367458073308291', '1589367458073308292'],
      'EnclosedZone',
    ],
    [
      ['1589367458073308289', '1589367458073308290', '1589367458073308290', '1589367458073308292'],
      'holds',
    ],
    [
      ['1589367458073308289', '1589367458073308291', '1589367458073308290', '1589367458073308292'],
      'holds',
    ],
    [
      [
        '15893674580733082890',
        '15893674580733082891',
        '15893674580733082892',
        '15893674580733082893',
      ],
      'EnclosedZone',
    ],
    [
      ['4503599627370497', '4503599627370498', '4503599627370499', '4503599627370500'],
      'EnclosedZone',
    ],
    [['-1', '-1', '-1', '-1'], 'EnclosedZone'],
    [['nil', 'nil', 'nil', 'nil'], 'EnclosedZone'],
    [['-1', '-1', '5', '6'], '3: it has a time, and those before it had none'],
  ])('%j', (times, expected) => {
    expect(judge(timed(...times))).toBe(expected);
  });

  it('count an index of -1 as none', () => {
    expect(judge(lines(write('1', ', :index -1'), read('1', ', :index -1')))).toBe('holds');
  });
});

it.each([
  ['9007199254740993.0', '9007199254740993', 'holds'],
  ['9007199254740993.0', '9007199254740992', 'ThinAirRead'],
  ['1e23', '100000000000000000000000', 'holds'],
  ['-1200e-2', '-12', 'holds'],
  ['2.5', '25e-1', 'holds'],
  ['0.0', '-0', 'holds'],
])('%s and %s in JSON are exact where they are whole', (written, found, expected) => {
  expect(judge(lines(writeJson(written), readJson(found)))).toBe(expected);
});

it.each(['010', '08', '-010', '+00'])('%s is refused: EDN has no leading zeros', (value) => {
  expect(judge(lines(write(value), read('8')))).toMatch(/^1: /);
});

describe('fields that are not read', () => {
  it.each([
    'java.net.ConnectException',
    '{:via [{:type java.net.ConnectException, :at [sun.nio.ch.Net pollConnect "Net.java" -2]}]}',
    '#object[clojure.core$fn__123 0x1f "a"]',
    '#jepsen.client.Error{:a #inst "2020"}',
    '[##Inf ##-Inf ##NaN +a -b <init> a/b a.b]',
    '1e999',
    '123456789012345678901234567890',
    '[\\{ \\} \\newline \\"]',
    '"{"',
    '#_ {:a 1} 2',
    '#{(1) [2]}',
  ])('may have %s', (value) => {
    expect(judge(lines(write('1', `, :exception ${value}`), read('1')))).toBe('holds');
  });

  it.each(['1725300000000000123', '1e400', '-0.0', '[1e999,{"a":12345678901234567890}]'])(
    'may have %s in JSON',
    (value) => {
      expect(judge(lines(writeJson('1', `,"t_ns":${value}`), readJson('1')))).toBe('holds');
    },
  );
});

describe('a file', () => {
  const events = lines(write('1'), read('3'));

  it.each([
    ['is a list', `(${events})`, 'ThinAirRead'],
    ['is a vector', `[\n${events}\n]`, 'ThinAirRead'],
    ['has records', `[${events.replaceAll('{', '#jepsen.history.Op{')}]`, 'ThinAirRead'],
    [
      'has discarded maps',
      `${write('1')}\n#_${write('2')}`.replace(/\{:process 0, :type :ok.*2\}$/, ''),
      'holds',
    ],
    [
      'has several discarded values',
      '#_ #_ {:process 1} "}" #_[1 {}] 2]',
      '1: 2] where the map of an operation should begin',
    ],
    [
      'has discarded values of any kind',
      `#_ :a #_ #tag [1 {}] #_#_ 1 \\{ ${events}`,
      'ThinAirRead',
    ],
    ['ends after a discard', `${events} #_`, '4: nothing after #_'],
    ['has a list that is not closed', `(${events}`, '4: ( is not closed'],
    [
      'has a list that is closed otherwise',
      `(${events}]`,
      '4: ] where the map of an operation should begin',
    ],
    ['has more after the list', `(${write('1')})\n${read('1')}`, '3: more after the closing )'],
    [
      'has flat cas',
      lines(write('[:k 1]'), operation('edn', 1, 'cas', ['[:k 1 2]', '[:k 1 2]'])),
      'holds',
    ],
    ['has flat cas first', operation('edn', 1, 'cas', ['[:k 1 2]', '[:k 1 2]']), 'ThinAirRead'],
    [
      'has flat cas in JSON',
      lines(writeJson('["k",1]'), operation('json', 1, 'cas', ['["k",2,1]', '["k",2,1]'])),
      'ThinAirRead',
    ],
    [
      'has cas of one register with a key',
      lines(write('1'), operation('edn', 1, 'cas', ['[:k 1 2]', '[:k 1 2]'])),
      '3: cas takes [expected new], not [:k 1 2]',
    ],
  ])('%s', (_what, text, expected) => {
    expect(judge(text)).toBe(expected);
  });
});

describe('a read of a write that failed', () => {
  it('names the write, which belongs to the witness', () => {
    const failed = write('2').replace(':ok', ':fail');
    const cas = operation('edn', 0, 'cas', ['[1 1]', '[1 1]']);
    for (const more of ['', `\n${cas}`]) {
      const history = readHistory(lines(write('1'), failed, `${read('2')}${more}`));
      expect(checkHistory(history, 'linearizable')).toMatchObject({
        witness: {
          operations: [{ line: 3 }, { line: 5 }],
          sentence:
            'client 1 got register=2 (line 5), but client 0, which put register=2 (line 3), ' +
            'was told that this failed.',
        },
      });
    }
  });
});

// Files that are no histories: each is refused at its line, and none of it is judged.
import { describe, expect, it } from 'vitest';
import { FormatError, readHistory } from '../../src/histories/index.ts';

function refusal(format: string | undefined, text: string): string {
  try {
    readHistory(text, format);
  } catch (error) {
    if (error instanceof FormatError) return `${error.line}: ${error.message}`;
    throw error;
  }
  return 'none';
}

const event = (fields: string): string => `{${fields}}`;
const PUT = ':process 0, :type :invoke, :f :write, :value 1';
const DONE = ':process 0, :type :ok, :f :write, :value 1';

const EDN: readonly (readonly [why: string, lines: readonly string[]])[] = [
  ['1: a map that is not closed before the end of the file', ['{:process 0']],
  ['1: a } that closes nothing', ['{:process [0})']],
  ['1: process 0 is answered, but has asked for nothing', [event(DONE)]],
  ['2: process 0 has an operation under way, since line 1', [event(PUT), event(PUT)]],
  ['1: unknown f: dequeue', ['{:process 0, :type :invoke, :f :dequeue}']],
  ['1: it has no f', ['{:process 0, :type :invoke}']],
  ['1: it has no f', ['{:process 0, :type :invoke, :f nil}']],
  ['1: f is read, not a keyword or a string', ['{:process 0, :type :invoke, :f read}']],
  ['1: f is [:read], not a keyword or a string', ['{:process 0, :type :invoke, :f [:read]}']],
  ['1: unknown f: constructor', ['{:process 0, :type :invoke, :f :constructor}']],
  ['1: unknown type: x', ['{:process 0, :type :x, :f :read}']],
  ['1: type is invoke, not a keyword or a string', ['{:process 0, :type invoke, :f :read}']],
  ['1: it has no type', ['{:process 0, :type nil, :f :read}']],
  ['2: unknown type: done', [event(PUT), event(DONE.replace(':ok', ':done'))]],
  ['2: it has no type', [event(PUT), event(DONE.replace(':type :ok, ', ''))]],
  ['1: index is "0", not a whole number', [event(`${PUT}, :index "0"`)]],
  ['1: index is 1.5, not a whole number', [event(`${PUT}, :index 1.5`)]],
  ['1: index is -2, not a whole number', [event(`${PUT}, :index -2`)]],
  ['1: it has no process', ['{:type :invoke, :f :read}']],
  ['1: it has no value', ['{:process 0, :type :invoke, :f :write}']],
  ['1: 1.5 is no process', [event(PUT.replace('0', '1.5'))]],
  ['1: -1 is no process', [event(PUT.replace('0', '-1'))]],
  ['1: -2 is no time in whole nanoseconds', [event(`${PUT}, :time -2`)]],
  ['1: 1.5 is no time in whole nanoseconds', [event(`${PUT}, :time 1.5`)]],
  ['1: "1" is no time in whole nanoseconds', [event(`${PUT}, :time "1"`)]],
  [
    '2: 99999999999999999999 is too far from the first time to be exact',
    [event(`${PUT}, :time 1`), event(`${DONE}, :time 99999999999999999999`)],
  ],
  [
    '2: 1589367458073308289 is too far from the first time to be exact',
    [event(`${PUT}, :time 1689367458073308289`), event(`${DONE}, :time 1589367458073308289`)],
  ],
  ['2: it has no time, and those before it had one', [event(`${PUT}, :time 1`), event(DONE)]],
  ['2: it has a time, and those before it had none', [event(PUT), event(`${DONE}, :time 1`)]],
  ['2: it ends before it begins (line 1)', [event(`${PUT}, :time 9`), event(`${DONE}, :time 8`)]],
  [
    '3: process 0 begins before it has ended the one before',
    [event(`${PUT}, :time 1`), event(`${DONE}, :time 9`), event(`${PUT}, :time 8`)],
  ],
  [
    '3: process 0 goes on after its operation of unknown outcome (line 1)',
    [event(PUT), event(DONE.replace(':ok', ':info')), event(PUT)],
  ],
  [
    '2: index 3 after 3: the events are not in their order',
    [event(`${PUT}, :index 3`), event(`${DONE}, :index 3`)],
  ],
  [
    '2: another value than was written (line 1)',
    [event(PUT), event(DONE.replace('value 1', 'value 2'))],
  ],
  [
    '2: it answers another operation than that of line 1',
    [event(PUT), event(DONE.replace('write', 'read'))],
  ],
  [
    '3: 1 where [key value] stands in other lines',
    [
      event(PUT.replace('value 1', 'value [:k 1]')),
      event(DONE.replace('value 1', 'value [:k 1]')),
      event(PUT),
    ],
  ],
  [
    '2: it got :b, and asked for :a',
    [
      '{:process 0, :type :invoke, :f :read, :value [:a nil]}',
      '{:process 0, :type :ok, :f :read, :value [:b nil]}',
    ],
  ],
  ['1: a key that is nil', [event(PUT.replace('value 1', 'value [nil 1]'))]],
  ['1: cas takes [expected new], not 3', ['{:process 0, :type :invoke, :f :cas, :value 3}']],
  ['1: cas cannot write nil', ['{:process 0, :type :invoke, :f :cas, :value [1 nil]}']],
  ['1: a transaction without operations', ['{:process 0, :type :invoke, :f :txn, :value []}']],
  ...[':f :txn, ', ':f :read, ', ':f :write, ', ''].map((f): readonly [string, string[]] => [
    '1: a transaction is a list of [r key value] and [w key value], not [:r 1 nil]',
    [`{:process 0, :type :invoke, ${f}:value [:r 1 nil]}`],
  ]),
  [
    '1: a transaction is a list of [r key value] and [w key value], not {:r 1}',
    ['{:process 0, :type :invoke, :f :txn, :value {:r 1}}'],
  ],
  [
    '2: a transaction is a list of [r key value] and [w key value], not nil',
    [
      '{:process 0, :type :invoke, :f :txn, :value [[:r 1 nil]]}',
      '{:process 0, :type :ok, :f :txn, :value nil}',
    ],
  ],
  [
    '2: [:r 1 5] answers a read that asked for something else',
    [
      '{:process 0, :type :invoke, :f :read, :value nil}',
      '{:process 0, :type :ok, :f :read, :value [:r 1 5]}',
    ],
  ],
  [
    '3: a transaction names its keys, and other lines name no key',
    [event(PUT), event(DONE), '{:process 0, :type :invoke, :f :txn, :value [[:r 1 nil]]}'],
  ],
  [
    '2: it names no key, and the transactions of other lines do',
    ['{:process 1, :type :invoke, :f :txn, :value [[:r 1 nil]]}', event(PUT)],
  ],
  [
    '2: a transaction of 1 operations answers one of 2',
    [
      '{:process 0, :type :invoke, :f :txn, :value [[:r 1 nil] [:w 1 2]]}',
      '{:process 0, :type :ok, :f :txn, :value [[:r 1 nil]]}',
    ],
  ],
  [
    '2: it got 2, and asked for 1',
    [
      '{:process 0, :type :invoke, :f :txn, :value [[:w 1 2] [:r 1 nil]]}',
      '{:process 0, :type :ok, :f :txn, :value [[:w 1 2] [:r 2 2]]}',
    ],
  ],
  [
    '2: a write answers a read',
    [
      '{:process 0, :type :invoke, :f :txn, :value [[:r 1 nil]]}',
      '{:process 0, :type :ok, :f :txn, :value [[:w 1 2]]}',
    ],
  ],
  [
    '2: another value than was written (line 1)',
    [
      '{:process 0, :type :invoke, :f :txn, :value [[:w 1 nil]]}',
      '{:process 0, :type :ok, :f :txn, :value [[:r 1 nil]]}',
    ],
  ],
  [
    '1: unknown operation of a transaction: append',
    ['{:process 0, :type :invoke, :f :txn, :value [[:append 1 2]]}'],
  ],
  ['1: a map has :process twice', [event(`${PUT}, :process 1`)]],
  ['1: a map has a key without a value', ['{:process 0, :type}']],
  ['1: frob is no process', ['{:process frob}']],
  ['1: \\q means nothing in a string', ['{:process "\\q"}']],
  ['1: a map that is not closed before the end of the file', ['{:process "', '', '']],
  ['2: more after the closing ]', ['[]', event(PUT)]],
  ['2: [ is not closed', ['[', event(':process :nemesis')]],
  ['2: ] where the map of an operation should begin', [event(':process :nemesis'), ']']],
  ['1: hello where the map of an operation should begin', ['hello']],
  ['1: } where the map of an operation should begin', ['{:process :nemesis}}']],
  ['1: nested deeper than 32', [event(`${PUT}, :error ${'['.repeat(99)}${']'.repeat(99)}`)]],
];

const JSON_FORMAT: readonly (readonly [why: string, lines: readonly string[]])[] = [
  ['1: [ is not closed', ['[']],
  ['1: no comma before it', ['[{"process":"nemesis"} {"process":"nemesis"}]']],
  ['1: a comma in the wrong place', ['[{"process":"nemesis"},,{"process":"nemesis"}]']],
  ['1: ] where the map of an operation should begin', ['[{"process":"nemesis"},]']],
  ['2: a comma in the wrong place', ['{"process":"nemesis"}', ',{"process":"nemesis"}']],
  [
    '1: 1e4000 is no value that can be compared',
    ['{"process":0,"type":"invoke","f":"write","value":1e4000}'],
  ],
  ['1: 1e4000 is no process', ['{"process":1e4000}']],
  ['1: it has no process', ['{"__proto__":{"process":0,"type":"invoke","f":"read"}}']],
  ['1: unknown f: __proto__', ['{"process":0,"type":"invoke","f":"__proto__"}']],
  ['1: nested deeper than 32', [`{"process":${'['.repeat(200_000)}${']'.repeat(200_000)}}`]],
];

const KV: readonly (readonly [why: string, lines: readonly string[]])[] = [
  ['1: the key is no string', ['{:process 0, :type :invoke, :f :get, :key 9, :value nil}']],
  ['1: the value is no string', ['{:process 0, :type :invoke, :f :put, :key "9", :value 1}']],
  [
    '1: a get that asks for a value',
    ['{:process 0, :type :invoke, :f :get, :key "9", :value "1"}'],
  ],
  [
    '1: f is cas, not get, put or append',
    ['{:process 0, :type :invoke, :f :cas, :key "9", :value nil}'],
  ],
  [
    '1: f is put, not a keyword or a string',
    ['{:process 0, :type :invoke, :f put, :key "9", :value "1"}'],
  ],
  ['1: :nemesis is no process', ['{:process :nemesis, :type :info, :f :start}']],
  ['1: unknown type: begin', ['{:process 0, :type :begin, :f :get, :key "9"}']],
  ['1: it has no type', ['{:process 0, :f :get, :key "9"}']],
  ['1: it has no f', ['{:process 0, :type :invoke, :key "9", :value nil}']],
  ['1: the key is no string', ['{:process 0, :type :invoke, :f :get, :value nil}']],
  [
    '2: it answers another operation than that of line 1',
    [
      '{:process 0, :type :invoke, :f :get, :key "9", :value nil}',
      '{:process 0, :type :ok, :f :get, :key "8", :value "x"}',
    ],
  ],
  [
    '2: another value than was written',
    [
      '{:process 0, :type :invoke, :f :put, :key "9", :value "a"}',
      '{:process 0, :type :ok, :f :put, :key "9", :value "b"}',
    ],
  ],
];

const ETCD: readonly (readonly [why: string, lines: readonly string[]])[] = [
  ['1: not a process, a type, a function and a value', ['INFO  jepsen.util - 0\t:invoke\t:read']],
  ['1: unknown f: enqueue', ['INFO  jepsen.util - 0\t:invoke\t:enqueue\t1']],
  ['1: cas takes [expected new], not [1]', ['INFO  jepsen.util - 0\t:invoke\t:cas\t[1]']],
  ['1: unknown type: begin', ['INFO  jepsen.util - 0\t:begin\t:read\tnil']],
  ['1: [ is not closed', ['INFO  jepsen.util - 0\t:invoke\t:cas\t[1 2']],
  ['1: process 0 is answered, but has asked for nothing', ['INFO  jepsen.util - 0\t:ok\t:read\t1']],
];

const PLUME: readonly (readonly [why: string, lines: readonly string[]])[] = [
  ['2: not r(key,value,session,transaction), nor w(...)', ['w(1,1,0,1)', 'w(1,1,0)']],
  ['1: not r(key,value,session,transaction), nor w(...)', ['w(1,1,0,1) # trailing']],
  ['1: the transaction is -2, not a whole number of up to 20 digits, nor -1', ['w(1,1,0,-2)']],
  ['1: the key is x, not a whole number of up to 20 digits', ['w(x,1,0,1)']],
  ['1: the value is -5, not a whole number of up to 20 digits', ['w(1,-5,0,1)']],
  ['1: the value is  5, not a whole number of up to 20 digits', ['w(1, 5,0,1)']],
  ['1: the session is empty, not a whole number of up to 20 digits', ['w(1,5,,1)']],
  [
    `1: the key is ${'1'.repeat(21)}, not a whole number of up to 20 digits`,
    [`w(${'1'.repeat(21)},1,0,1)`],
  ],
  ['2: transaction 1 is one of session 0', ['w(1,1,0,1)', 'w(1,2,1,1)']],
];

const OPERATION = {
  session: 1,
  incarnation: 1,
  seq: 0,
  kind: 'put',
  key: 'k',
  value: 'v',
  outcome: 'ok',
  invokedAt: 0,
  returnedAt: 1,
  server: 0,
  version: [1, 0, 1],
  applied: [[0, 1, 1]],
  line: 1,
};
const own = (...changes: object[]): string[] =>
  changes.map((change) => JSON.stringify({ ...OPERATION, ...change }));

const OWN: readonly (readonly [why: string, lines: readonly string[]])[] = [
  ['1: not a JSON object', ['[1]']],
  ['1: not a JSON object', ['null']],
  ['1: key is missing, not a text', own({ key: undefined })],
  [
    '1: session is missing, not a whole number from 0 to 9007199254740991',
    ['{"kind":"put","outcome":"ok"}'],
  ],
  [
    '1: kind is "toString", not one of put, get, delete, append, pop, cas, add, ' +
      'insert, remove, elements',
    own({ kind: 'toString' }),
  ],
  ['1: outcome is "yes", not one of ok, absent, stale, fail, unknown', own({ outcome: 'yes' })],
  ['1: outcome is "absent", not one of a put', own({ outcome: 'absent' })],
  ['1: value is null, not a text', own({ value: null })],
  [
    '1: value is "v", not null, as in a get that is absent',
    own({ kind: 'get', outcome: 'absent' }),
  ],
  ['1: seq is -1, not a whole number from 0 to 9007199254740991', own({ seq: -1 })],
  [
    '1: seq is 9007199254740992, not a whole number from 0 to 9007199254740991',
    own({ seq: 2 ** 53 }),
  ],
  ['1: invokedAt is "0", not a time in milliseconds', own({ invokedAt: '0' })],
  ['1: returnedAt is null, not a time in milliseconds', own({ returnedAt: null })],
  ['1: version is [1,0], not null or [timestamp, server, incarnation]', own({ version: [1, 0] })],
  [
    '1: applied is [[0,1]], not null or a list of [server, incarnation, timestamp]',
    own({ applied: [[0, 1]] }),
  ],
  ...[
    [[0, 1, 0]],
    [[0, 1, 3, 2]],
    [[0, 1, 0, 1.5]],
    [[-1, 1, 0, 1]],
    [
      [0, 1, 0, 1],
      [0, 1, 1, 2],
    ],
    [
      [1, 1, 0, 1],
      [0, 1, 0, 1],
    ],
  ].map((context): readonly [string, string[]] => [
    `1: context is ${JSON.stringify(context)}, not a sorted list of [server, incarnation, ` +
      'after, upTo]',
    own({ context }),
  ]),
  [
    '1: context is [[0,1,1,2]], not a set with the version itself',
    own({ context: [[0, 1, 1, 2]] }),
  ],
  [
    '1: context is [[0,1,0,1]], not a set with the version itself',
    own({
      kind: 'get',
      context: [[0, 1, 0, 1]],
      siblings: [
        { value: 'v', version: [1, 0, 1] },
        { value: 'w', version: [2, 0, 1] },
      ],
    }),
  ],
  [
    '1: context is [[0,1,1,2]], not a set with the version itself',
    [
      '{"kind":"initial","key":"k","value":"v","version":[1,0,1],"outcome":"ok","server":0,' +
        '"context":[[0,1,1,2]]}',
    ],
  ],
  ['1: isSet is null, not true or false', own({ kind: 'cas', expected: null, isSet: null })],
  ['2: two operations are number 0', own({}, {})],
  [
    '2: it begins before the one before it in its session ends',
    own({}, { seq: 1, invokedAt: 0.5 }),
  ],
  ['1: it ends before it begins', own({ invokedAt: 2 })],
];

describe.each([
  ['jepsen-edn', EDN],
  ['jepsen-json', JSON_FORMAT],
  ['porcupine-kv', KV],
  ['jepsen-etcd', ETCD],
  ['plume', PLUME],
  ['causeway', OWN],
])('%s', (format, rows) => {
  it.each(rows)('%s', (why, lines) => {
    expect(refusal(format, lines.join('\n'))).toBe(why);
  });
});

describe('any format', () => {
  it.each(['jepsen-edn', 'jepsen-json', 'porcupine-kv', 'jepsen-etcd', 'plume', 'causeway'])(
    '%s may have no operations, blank lines and a mark of UTF-8',
    (format) => {
      expect(readHistory('', format).operations).toEqual([]);
      expect(readHistory('\u{feff}\n\n', format).operations).toEqual([]);
    },
  );

  it.each(['', 'hello', '{', '{"a":1}', '[1]', '{:a'])('is not guessed of %j', (text) => {
    expect(refusal(undefined, text)).toBe('1: a history in no format that is known');
  });

  it('is refused with what JSON says of broken JSON', () => {
    expect(refusal('causeway', '{"session":')).toMatch(/^1: .*JSON/);
    expect(refusal('jepsen-json', '{"process":1,}')).toMatch(/^1: .*JSON/);
  });

  it('has no map without an end', () => {
    const line = '"a"'.repeat(1000);
    const lines = ['{', ...Array.from({ length: 400 }, () => line)];
    const why = 'a map of more than 1048576 characters';
    expect(refusal('jepsen-edn', lines.join('\n'))).toBe(`351: ${why}`);
  });
});

describe('keys and values that are names of JavaScript', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    '%s is as good as any',
    (name) => {
      const text = JSON.stringify([
        { process: 0, type: 'invoke', f: 'write', value: [name, name] },
        { process: 0, type: 'ok', f: 'write', value: [name, name] },
      ]);
      expect(readHistory(text).operations).toMatchObject([
        { key: name, value: name, outcome: 'ok' },
      ]);
      expect(Object.hasOwn(Object.prototype, 'process')).toBe(false);
    },
  );
});

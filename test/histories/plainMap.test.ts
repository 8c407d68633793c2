// The reader of usual lines against the readers of the whole notations, which see a line alone if a
// blank stands before it.
import { describe, expect, it } from 'vitest';
import { FormatError, readHistory } from '../../src/histories/index.ts';
import { PlainMapReader } from '../../src/histories/plainMap.ts';

/** The history, or the line and the reason of its refusal. */
function outcome(text: string, format: string): unknown {
  try {
    return readHistory(text, format);
  } catch (error) {
    if (error instanceof FormatError) return `${error.line}: ${error.message}`;
    throw error;
  }
}

const slowly = (text: string): string => text.replace(/^/gm, ' ');

const EDN_VALUES = [
  ...['1', '0', '-1', '007', '-0', '123456789012345', '1234567890123456', '1.5', '1N', '+1', '1e3'],
  ...['nil', 'nile', 'true', 'false', 'falsey', ':a', ':a/b', ':a.b', ':', '::a', ':a:b', 'sym'],
  ...['"a"', '""', '"a b"', '"\\n"', '"\\ud800"', '"é"', '"a', '"tab\there"', '\\a', '#{1}'],
  ...['{:a 1}', '[1 [2 "x"] nil]', '[1,2,]', '[', '[1', '[1 2]]', '(1 2)', '[1"a"]', '["a"1]'],
  ...['[[:r 1 nil]]', '[:r 1 nil]', '#_1 2', '1 ; c', '1}', '[[[[[[[[[[1]]]]]]]]]]', '', '"a":b'],
];
const JSON_VALUES = [
  ...['1', '0', '-1', '007', '-0', '123456789012345', '12345678901234567', '1.5', '1.0', '1e3'],
  ...['null', 'nullx', 'true', 'false', '"a"', '""', '"\\n"', '"\\ud800"', '"é"', '"a', '"\t"'],
  ...[
    '{"a":1}',
    '[1,[2,"x"],null]',
    '[1,2,]',
    '[1 2]',
    '[',
    '[1,2]]',
    '[[["r",1,null]]]',
    '01',
    '',
  ],
];

describe('a line of usual values', () => {
  const edn = (f: string, value: string, more = ''): string =>
    [`{:type :invoke, :f :${f}, :value ${f === 'read' ? 'nil' : value}, :process 0${more}}`]
      .concat(`{:type :ok, :f :${f}, :value ${value}, :process 0${more}}`)
      .join('\n');

  it.each(EDN_VALUES)('%s in EDN', (value) => {
    for (const f of ['read', 'write']) {
      for (const more of ['', `, :error ${value}`, `, :node ${value}`, `, :f ${value}`]) {
        const text = edn(f, value, more);
        expect(outcome(text, 'jepsen-edn')).toEqual(outcome(slowly(text), 'jepsen-edn'));
      }
    }
  });

  it.each(JSON_VALUES)('%s in JSON', (value) => {
    for (const name of ['error', 'node', 'value', 'process', '', 'f']) {
      const text = edn('write', '1', `, :${name} 2`)
        .replaceAll(/:(\w*)(?= )/g, '"$1":')
        .replaceAll(/: :(\w+)/g, ':"$1"')
        .replaceAll('2', value);
      const told = outcome(text, 'jepsen-json');
      expect(told).toEqual(outcome(slowly(text), 'jepsen-json'));
    }
  });

  it.each([
    '{:type :invoke :f :read :process 0}',
    '{:type :invoke,:f :read,,:process 0,}',
    '{ :type\t:invoke :f :read :process 0 } ',
    '{:type:invoke :f :read :process 0}',
    '{:type :invoke :f :read :process 0 :type :ok}',
    '{:type :invoke :f :read :process 0} {:type :ok :f :read :process 0 :value 1}',
    '{:type :invoke :f :read :process 0',
    '{:type :invoke :f "read" :process "0"}',
    '{}',
  ])('%s', (text) => {
    expect(outcome(text, 'jepsen-edn')).toEqual(outcome(slowly(text), 'jepsen-edn'));
  });

  it('is read although lines before it had other fields', () => {
    const reader = new PlainMapReader(['a', 'b'], false);
    expect(reader.read('{:a 1, :b [2 "x"]}')?.[0]).toBe(1);
    expect(reader.read('{:b 3, :a 4}')).toEqual([4, 3]);
    expect(reader.read('{:a 5}')).toEqual([5, undefined]);
    expect(reader.read('{:a 6, :b 7}')).toEqual([6, 7]);
    expect(reader.read('{:a 6, :c 7}')).toBeUndefined();
    expect(reader.read('{:a 6, :a 7}')).toBeUndefined();
    expect(reader.read(`{:a "${'é'.repeat(5000)}"}`)).toBeUndefined();
    expect(reader.read(`{:a "${'e'.repeat(5000)}"}`)).toEqual(['e'.repeat(5000), undefined]);
  });
});

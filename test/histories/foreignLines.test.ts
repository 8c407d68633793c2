// Logs of Jepsen and lines of Plume as other tools and other people write them.
import { describe, expect, it } from 'vitest';
import { readHistory } from '../../src/histories/index.ts';
import { judge } from './judge.ts';

describe('logs of Jepsen', () => {
  const bare = (text: string): string => text.replaceAll(' ', '\t');
  const old = (text: string): string => `INFO  jepsen.util - ${text.replaceAll(' ', '\t')}`;
  const now = (text: string): string =>
    `2025-01-20 12:08:03,850{GMT}\tINFO\t[jepsen worker 0] jepsen.util: ${bare(text)}`;
  const wrote = ['0 :invoke :write 4', '0 :ok :write 4'];
  const got = (value: string): string[] => ['1 :invoke :read nil', `1 :ok :read ${value}`];
  const other = '2025-01-20 12:08:03,807{GMT}\tINFO\t[jepsen node n1] maelstrom.db: Setting up n1';

  it.each([
    ['old', old],
    ['now', now],
    ['bare', bare],
  ])('%s', (_name, line) => {
    const log = (...texts: readonly string[]): string => texts.map(line).join('\n');
    const nemesis = ':nemesis :info :start {:a';
    expect(judge(log(...wrote, nemesis, ...got('nil')))).toBe('EnclosedZone');
    expect(judge(log(...wrote, ...got('4')))).toBe('holds');
    expect(judge(log('0 :invoke :write 4', '0 :info :write 4 :timeout', ...got('4')))).toBe(
      'holds',
    );
    expect(judge(log('0 :invoke :write 4', '0 :fail :write 4 [11 "not', ...got('4')))).toBe(
      'ThinAirRead',
    );
    expect(judge(log('0 :invoke :write "a"', '0 :ok :write "a"', ...got('"a"')))).toBe('holds');
    expect(judge(log('1000003 :invoke :write 4', '1000003 :ok :write 4', ...got('4')))).toBe(
      'holds',
    );
    expect(judge(log('1 :invoke :enqueue 4'))).toBe('1: unknown f: enqueue');
  });

  it('have values [key value] today', () => {
    const text = [
      '1\t:invoke\t:write\t[0 2]',
      '1\t:ok\t:write\t[0 2]',
      '0\t:invoke\t:read\t[1 nil]',
      '0\t:ok\t:read\t[1 2]',
    ];
    expect(judge([other, ...text.map(now), other].join('\n'))).toBe('ThinAirRead');
  });

  it('say of a failed cas what Porcupine reads only in the early ones', () => {
    const texts = ['0 :invoke :write 1', '0 :ok :write 1'];
    const cas = ['1\t:invoke\t:cas\t[1 2]', '1\t:fail\t:cas\t[1 2]'];
    expect(judge([...texts.map(old), ...cas.map(old)].join('\n'))).toBe('NoLinearization');
    expect(judge([...texts.map(now), ...cas.map(now)].join('\n'))).toBe('holds');
    expect(judge(`${[...texts.map(old), ...cas.map(old)].join('\n')}\t:timeout`)).toBe('holds');
  });

  it.each([
    ['Meeting on Tuesday.\nNothing.', '1: no line of the file is an event that Jepsen has logged'],
    ['\n  \nINFO  other - 0', '3: no line of the file is an event that Jepsen has logged'],
    ['0\t:invoke\t:read\tnil\nhello', '2: not a process, a type, a function and a value'],
    [old(':nemesis :info :start nil'), 'undecided'],
    ['', 'undecided'],
  ])('%j', (text, expected) => {
    expect(judge(text, 'linearizable', 'jepsen-etcd')).toBe(expected);
  });
});

describe('Plume', () => {
  it.each([
    [
      'numbers of 64 bits',
      ['w(13296660918851520211,1,0,1)', 'r(13296660918851520211,1,1,2)'],
      'holds',
    ],
    [
      'numbers of 64 bits that differ by one',
      ['w(1,18446744073709551615,0,1)', 'r(1,18446744073709551614,1,2)'],
      'ThinAirRead',
    ],
    [
      'sessions of 64 bits',
      ['w(1,1,18446744073709551615,1)', 'r(1,1,18446744073709551614,2)'],
      'holds',
    ],
    [
      'transactions of 64 bits',
      ['w(1,1,0,18446744073709551615)', 'r(1,1,0,18446744073709551614)'],
      'holds',
    ],
    ['a transaction whose lines stand apart', ['w(0,1,0,0)', 'w(0,2,0,1)', 'r(0,1,0,0)'], 'holds'],
    ['zeros and blanks', [' w(01,001,00,1) ', '', 'r(1,1,1,2)'], 'holds'],
  ])('%s', (_what, text, expected) => {
    expect(judge(text.join('\n'), 'causal', 'plume')).toBe(expected);
  });

  it('keeps the operations of a transaction together, where its first line stands', () => {
    const { operations } = readHistory('w(0,1,0,7)\nw(0,2,0,8)\nr(0,1,0,7)\nw(1,1,1,9)', 'plume');
    expect(
      operations.map(({ line, seq, session, transaction }) => [line, seq, session, transaction]),
    ).toEqual([
      [1, 0, 0, '7'],
      [3, 1, 0, '7'],
      [2, 2, 0, undefined],
      [4, 0, 1, undefined],
    ]);
  });
});

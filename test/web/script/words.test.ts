// The words of a script: how a line is coloured, and what a word can become.
import { describe, expect, it } from 'vitest';
import { CommandTable } from '../../../src/language/commandTable.ts';
import { PROTOCOLS } from '../../../src/protocols/registry.ts';
import { completeAt } from '../../../src/web/script/completeAt.ts';
import { toKindTable, tokenize } from '../../../src/web/script/tokens.ts';
import {
  createVocabulary,
  findCommand,
  protocolAfter,
} from '../../../src/web/script/vocabulary.ts';

const TABLE = new CommandTable(PROTOCOLS);
const VOCABULARY = createVocabulary(TABLE, PROTOCOLS);
const KINDS = toKindTable(VOCABULARY);

/** Each coloured part with its kind: `put/command 2/id`. */
function colour(line: string): string {
  return tokenize(line, KINDS)
    .map(({ from, to, kind }) => `${line.slice(from, to)}/${kind}`)
    .join(' ');
}

describe('colours', () => {
  it.each([
    ['put 2 tea dark  green ', 'put/command 2/id tea/key dark  green/value'],
    ['get 2 <b>', 'get/command 2/id <b>/key'],
    ['  breakConnection 0 1 oneway', 'breakConnection/command 0/id 1/id oneway/word'],
    ['partition 0 1 | 2', 'partition/command 0/number 1/number |/word 2/number'],
    ['protocol quorum n=3', 'protocol/command quorum/word n=3/option'],
    ['sleep 200ms', 'sleep/command 200ms/number'],
    ['append 3 k v w', 'append/command 3/id k/key v w/value'],
    ['expect any x:1 | x:2', 'expect/command any/word x:1 | x:2/value'],
    ['let name = a  b', 'let/command name/word =/option a  b/value'],
    ['repeat 3 as i', 'repeat/command 3/number as/word i/word'],
    ['wait until get 5 x', 'wait/command until/word get/word 5/id x/word'],
    [
      'wait until get 5 x expect x:1',
      'wait/command until/word get/word 5/id x/word expect/word x:1/word',
    ],
    ['killClient 5', 'killClient/command 5/id'],
    ['joinSever 0', 'joinSever/unknown 0/number'],
    ['  # put 2 tea', '# put 2 tea/comment'],
    ['', ''],
    [' \t ', ''],
  ])('%s', (line, parts) => {
    expect(colour(line)).toBe(parts);
  });

  it('take every first word for a command while the words are not known', () => {
    expect(tokenize('anything 1', undefined).map(({ kind }) => kind)).toEqual([
      'command',
      'number',
    ]);
  });

  it('read a long line once', () => {
    const line = `put 1 k ${'x '.repeat(200_000)}`;
    expect(tokenize(line, KINDS)).toHaveLength(4);
  });
});

describe('the vocabulary', () => {
  it('is data', () => {
    expect(JSON.parse(JSON.stringify(VOCABULARY))).toEqual(VOCABULARY);
  });

  it('has the commands of each protocol', () => {
    expect(VOCABULARY.map(({ name }) => name)).toEqual(PROTOCOLS.map(({ name }) => name));
    expect(findCommand(VOCABULARY, 'quorum', ' transfer 1')?.usage).toBe('transfer [s]');
    expect(findCommand(VOCABULARY, 'causal', 'transfer')?.usage).toBe('transfer [s]');
    expect(findCommand(VOCABULARY, 'causal', '# put')).toBeUndefined();
    expect(findCommand(VOCABULARY, 'causal', '')).toBeUndefined();
  });

  it('is that of the protocol which the lines before have chosen', () => {
    expect(protocolAfter(['protocol chain', 'protocol quorum n=2', 'put'], 'causal')).toBe(
      'quorum',
    );
    expect(protocolAfter(['# protocol chain', 'protocols x'], 'causal')).toBe('causal');
  });
});

describe('completions', () => {
  const words = (before: string): string[] =>
    completeAt({ before, protocol: 'causal' }, TABLE, PROTOCOLS).list.map(({ word }) => word);

  it('name commands, with their usage', () => {
    const { unfinished, list } = completeAt(
      { before: 'joinServer 0\njoinC', protocol: 'causal' },
      TABLE,
      PROTOCOLS,
    );
    expect(unfinished).toBe('joinC');
    expect(list).toEqual([
      {
        word: 'joinClient',
        usage: 'joinClient c s [guarantee...]',
        about: expect.stringContaining('starts a client'),
      },
    ]);
  });

  it('name the nodes that the lines before have started', () => {
    const before = 'joinServer 0\njoinServer 7\njoinClient 3 0\njoinServer 9\nkillServer 9\n';
    expect(words(`${before}printStore `)).toEqual(['0', '7']);
    expect(words(`${before}get `)).toEqual(['3']);
    expect(words(`${before}killServer 7`)).toEqual(['7']);
  });

  it('follow the protocol of the lines before, and of the line itself', () => {
    expect(words('app')).toEqual([]);
    expect(words('protocol sharded\napp')).toEqual(['append']);
    expect(words('protocol ')).toEqual(PROTOCOLS.map(({ name }) => name));
    expect(words('protocol quorum vn')).toEqual(['vnodes=']);
  });

  it('know the commands about the text and the answers', () => {
    expect(words('get 1 x\nexp')).toEqual(['expect']);
    expect(words('expect l')).toEqual(['lines', 'like']);
    expect(words('rep')).toEqual(['repeat']);
    expect(words('repeat 3 ')).toEqual(['as']);
    expect(words('inc')).toEqual(['include']);
    expect(words('joinServer 0\njoinClient 3 0\nkillClient 3\nkillClient ')).toEqual([]);
    expect(words('joinServer 0\njoinServer 1\npartition 0 | 1 o')).toEqual(['oneway']);
  });

  it('leave comments alone', () => {
    expect(words('# joi')).toEqual([]);
  });
});

// A large batch that met something too seldom is told; a small one is not blamed.
import { expect, test } from 'vitest';
import { causal } from '../../src/protocols/causal/index.ts';
import { findTooLittle, listWanted, Tally, TELLING_SEEDS } from '../../src/swarm/tally.ts';
import { plain } from '../support/tinyProtocols.ts';
import { createFakeLanguage } from './fakeLanguage.ts';

test('counts add up and are sorted', () => {
  const tally = new Tally();
  tally.mark('b');
  tally.add({ a: 2, b: 3 });
  expect(Object.entries(tally.toCounts())).toEqual([
    ['a', 2],
    ['b', 4],
  ]);
});

test('what a large batch met fewer than five times', () => {
  const tally = new Tally();
  tally.add({ often: 5, seldom: 4 });
  const wanted = ['often', 'seldom', 'never'];
  expect(findTooLittle(tally, wanted, TELLING_SEEDS)).toEqual([
    { what: 'seldom', count: 4 },
    { what: 'never', count: 0 },
  ]);
  expect(findTooLittle(tally, wanted, TELLING_SEEDS - 1)).toEqual([]);
});

test('what is wanted follows from the protocol and the language', () => {
  const language = { ...createFakeLanguage(() => undefined), commands: () => ['put', 'append'] };
  const wanted = listWanted(plain, language);
  expect(wanted).toContain('command put');
  expect(wanted).toContain('command append');
  expect(wanted).toContain('guarantee monotonic');
  expect(wanted).toContain('bad line E_SELF');
  expect(wanted).toContain('outcome delete unknown');
  expect(wanted).not.toContain('outcome get stale');
  const lagging = { ...plain, claims: ['monotonic-reads'] as const };
  expect(listWanted(lagging, language)).toContain('outcome get stale');
});

test('a command whose words are not known cannot be wanted', () => {
  const [append] = plain.commands;
  if (append === undefined) throw new Error('plain has a command');
  const worded = { ...plain, commands: [{ ...append, args: ['word'] as const }] };
  const language = { ...createFakeLanguage(() => undefined), commands: () => ['append'] };
  expect(listWanted(worded, language)).not.toContain('command append');
});

test('each value of an option that can be drawn is wanted', () => {
  const language = { ...createFakeLanguage(() => undefined), commands: () => [] };
  const wanted = listWanted(causal, language).filter((what) => what.startsWith('option '));
  const gossip = ['eager', 'off', '50ms', '200ms'].map((text) => `option gossip=${text}`);
  expect(wanted.sort()).toEqual([...gossip, 'option storage=memory', 'option storage=log'].sort());
});

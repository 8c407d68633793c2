// A large batch that covered something too rarely is reported; a small one is not.
import { expect, test } from 'vitest';
import {
  Coverage,
  coverSessions,
  DISK_FAULTS,
  findTooLittle,
  listWanted,
  ONE_SIDED,
  SERVER_FAULTS,
  TELLING_SEEDS,
} from '../../src/fuzz/coverage.ts';
import type { Operation } from '../../src/kernel/history.ts';
import { causal } from '../../src/protocols/causal/index.ts';
import { plain } from '../support/tinyProtocols.ts';
import { createFakeLanguage } from './fakeLanguage.ts';

test('counts add up and are sorted', () => {
  const coverage = new Coverage();
  coverage.mark('b');
  coverage.add({ a: 2, b: 3 });
  expect(Object.entries(coverage.toCounts())).toEqual([
    ['a', 2],
    ['b', 4],
  ]);
});

test('what a large batch met fewer than five times', () => {
  const coverage = new Coverage();
  coverage.add({ often: 5, seldom: 4 });
  const wanted = ['often', 'seldom', 'never'];
  expect(findTooLittle(coverage, wanted, TELLING_SEEDS)).toEqual([
    { what: 'seldom', count: 4 },
    { what: 'never', count: 0 },
  ]);
  expect(findTooLittle(coverage, wanted, TELLING_SEEDS - 1)).toEqual([]);
});

test('a verdict on every level that is promised is wanted, and that it held', () => {
  const language = createFakeLanguage(() => undefined);
  const wanted = listWanted(causal, language).filter((what) => what.startsWith('verdict '));
  expect(wanted.sort()).toEqual(
    [
      'verdict causal holds',
      'verdict monotonic-reads holds',
      'verdict monotonic-writes holds',
      'verdict read-your-writes holds',
      'verdict writes-follow-reads holds',
    ].sort(),
  );
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

test('notes are wanted, and disks that are not well of who can have logs', () => {
  const language = createFakeLanguage(() => undefined);
  const noted = { ...plain, notes: ['choose'] };
  expect(listWanted(noted, language)).toContain('note choose');
  expect(listWanted(noted, language)).not.toContain(DISK_FAULTS.full);
  expect(listWanted(causal, language)).toEqual(
    expect.arrayContaining([...Object.values(DISK_FAULTS), ...Object.values(SERVER_FAULTS)]),
  );
});

test('clients that did one thing only, three times at least', () => {
  const coverage = new Coverage();
  const operation = (session: number, kind: 'put' | 'get'): Operation =>
    ({ session, incarnation: 1, kind }) as Operation;
  const times = (count: number, ...one: Operation[]): Operation[] =>
    Array.from({ length: count }, () => one).flat();
  coverSessions(
    [
      ...times(3, operation(1, 'get')),
      ...times(2, operation(2, 'get')),
      ...times(4, operation(3, 'put')),
      ...times(2, operation(4, 'get'), operation(4, 'put')),
    ],
    coverage,
  );
  expect(coverage.toCounts()).toEqual({ [ONE_SIDED.reads]: 1, [ONE_SIDED.writes]: 1 });
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

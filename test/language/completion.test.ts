// The completions of the tab key, and the name that a mistyped word is near to.
import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../src/kernel/protocol.ts';
import { CommandTable } from '../../src/language/commandTable.ts';
import { complete } from '../../src/language/completion.ts';
import { countEdits, nearestName } from '../../src/language/nearest.ts';
import { Report } from '../../src/language/report.ts';
import { Run } from '../../src/language/run.ts';
import { FakeCluster } from '../support/fakeCluster.ts';
import { other, plain } from '../support/tinyProtocols.ts';

async function createRun(protocol: Protocol = plain): Promise<Run> {
  const sink = { answer: () => undefined, diagnostic: () => undefined };
  const run = new Run({
    createCluster: async () => new FakeCluster(),
    protocols: [plain, other],
    protocol,
    options: {},
    seed: 1,
    report: new Report(sink, { isJson: false, isQuiet: false }, 'console'),
  });
  for (const id of [0, 1, 10]) await run.start(id, 'server', 1);
  for (const id of [5, 12]) await run.start(id, 'client', 1);
  return run;
}

const commands = new CommandTable([plain, other]).all('plain');

describe('completion', () => {
  test.each<[string, string[]]>([
    ['join', ['joinServer ', 'joinClient ']],
    ['  prin', ['printStore ']],
    ['appe', ['append ']],
    ['transf', []],
    ['he', ['heal ', 'help ']],
    ['exi', ['exit ']],
    ['killServer ', ['0 ', '1 ', '10 ']],
    ['killServer 1', ['1 ', '10 ']],
    ['killServer 1 ', []],
    ['put ', ['5 ', '12 ']],
    ['put 1', ['12 ']],
    ['put 12 ', []],
    ['breakConnection 0 1', ['1 ', '10 ', '12 ']],
    ['breakConnection 0 1 ', ['oneway ']],
    ['partition 0 | 1', ['1 ', '10 ', '12 ']],
    ['partition 0 | 1 o', ['oneway ']],
    ['partition 0 o', []],
    ['expect ', ['exactly ', 'any ', 'lines ', 'like ', 'nothing ']],
    ['expect x:1 ', []],
    ['wait ', ['until ']],
    ['wait until ', ['get ', 'printStore ', 'inspect ']],
    ['killClient ', ['5 ', '12 ']],
    ['link 1', ['1 ', '10 ', '12 ']],
    ['link a', ['all ']],
    ['link 0 1', ['1 ', '10 ', '12 ']],
    ['link 0 1 ', ['delay=', 'loss=', 'duplication=', 'reorder=', 'reset ']],
    ['link all d', ['delay=', 'duplication=']],
    ['link 0 1 loss=1 re', ['reorder=', 'reset ']],
    ['joinServer ', []],
    ['joinClient 5 ', ['0 ', '1 ', '10 ']],
    ['joinClient 7 0 ', ['causal ', 'monotonic ']],
    ['joinClient 7 0 causal m', ['monotonic ']],
    ['protocol ', ['plain ', 'other ']],
    ['protocol plain p', ['pace=']],
    ['workload ops=1 k', ['keys=']],
    ['help joinS', ['joinServer ']],
    ['help put ', []],
    ['nonsense ', []],
    ['constructor ', []],
  ])('%j', async (text, expected) => {
    const run = await createRun();
    const [candidates] = complete({ commands, run, consoleWords: ['help', 'exit'] }, text);
    expect(candidates).toEqual(expected);
  });

  test('says which part of the line is unfinished', async () => {
    const run = await createRun();
    const setup = { commands, run, consoleWords: [] };
    expect(complete(setup, 'get 1')[1]).toBe('1');
    expect(complete(setup, 'get ')[1]).toBe('');
  });
});

test('master is a word only where there is a configuration service', async () => {
  const candidates = (run: Run): string[] =>
    complete({ commands, run, consoleWords: [] }, 'createConnection 0 m')[0];
  const createService: NonNullable<Protocol['createService']> = () => {
    throw new Error('not meant to run');
  };
  expect(candidates(await createRun())).toEqual([]);
  expect(candidates(await createRun({ ...plain, createService }))).toEqual(['master ']);
});

describe('nearest name', () => {
  const names = commands.map(({ name }) => name);

  test.each([
    ['joinServr', 'joinServer'],
    ['joinsrever', 'joinServer'],
    ['JOINCLIENT', 'joinClient'],
    ['pri', 'printStore'],
    ['gte', 'get'],
    ['dleete', 'delete'],
    ['stabilise', 'stabilize'],
    ['breakconection', 'breakConnection'],
  ])('%s is nearest to %s', (word, nearest) => {
    expect(nearestName(word, names)).toBe(nearest);
  });

  test.each(['frobnicate', 'cluster', 'set', 'q'])('%s is near to none', (word) => {
    expect(nearestName(word, ['joinServer', 'heal', 'stabilize', 'put', 'delete'])).toBeUndefined();
  });

  test('one edit in three characters is near, one more is not', () => {
    expect(nearestName('hael', ['heal'])).toBe('heal');
    expect(nearestName('check', ['heal'])).toBeUndefined();
    expect(nearestName('stbilze', ['stabilize'])).toBe('stabilize');
    expect(nearestName('stblze', ['stabilize'])).toBeUndefined();
  });

  test.each([
    ['', 'abc', 3],
    ['abc', '', 3],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['kitten', 'sitting', 3],
  ])('%j to %j takes %i edits', (from, to, edits) => {
    expect(countEdits(from, to)).toBe(edits);
  });
});

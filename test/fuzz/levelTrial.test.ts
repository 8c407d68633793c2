// A run judged by one level, whatever the protocol guarantees.
import { describe, expect, it } from 'vitest';
import { runLevelTrial } from '../../src/fuzz/levelTrial.ts';
import { createScriptLanguage } from '../../src/fuzz/scriptSession.ts';
import { shrink } from '../../src/fuzz/shrink.ts';
import type { TestCase } from '../../src/fuzz/testCase.ts';
import type { Protocol } from '../../src/kernel/protocol.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { NO_FAULTS } from '../../src/sim/faultPlan.ts';

const language = createScriptLanguage(PROTOCOLS);
const causal = PROTOCOLS.find(({ name }) => name === 'causal') as Protocol;

function testCaseOf(...lines: string[]): TestCase {
  return { protocol: causal, seed: 1, faults: NO_FAULTS, lines };
}

const STALE = [
  'joinServer 0',
  'joinServer 1',
  'joinClient 2 0',
  'joinClient 3 1',
  'breakConnection 0 1',
  'put 2 x 1',
  'get 3 x',
];

describe('a run judged by a level', () => {
  it('breaks one that its protocol does not guarantee', async () => {
    const { failure } = await runLevelTrial(language, testCaseOf(...STALE), 'linearizable');
    expect(failure).toMatchObject({ kind: 'linearizable', ending: [] });
    expect(failure?.sentence).toMatch(/^there was no x until client 3 found no x \(line 7\)/);
  });

  it('holds what it keeps', async () => {
    const held = { failure: undefined, isUndecided: false };
    expect(await runLevelTrial(language, testCaseOf(...STALE), 'causal')).toEqual(held);
  });

  it.each([['concurrently'], ['protocol nonsense', ...STALE]])(
    'is not decided if the script ends early: %s',
    async (...lines) => {
      const undecided = { failure: undefined, isUndecided: true };
      const testCase = testCaseOf(...lines);
      expect(await runLevelTrial(language, testCase, 'linearizable')).toEqual(undecided);
    },
  );

  it('is shrunk to the lines that break it, and is replaced by no other script', async () => {
    const lines = [...STALE.slice(0, 5), 'put 2 y 1', 'get 2 y', 'sleep 5', ...STALE.slice(5)];
    const testCase = testCaseOf(...lines, 'heal', 'stabilize');
    const judge = async (candidate: TestCase) =>
      (await runLevelTrial(language, candidate, 'linearizable')).failure;
    const failure = await judge(testCase);
    if (failure === undefined) throw new Error('it breaks before it is shrunk');
    const shrunk = await shrink({ language, testCase, failure, judge, mayBeginAnew: false });
    expect(shrunk.failure.kind).toBe('linearizable');
    expect(shrunk.testCase.lines.length).toBeLessThanOrEqual(STALE.length);
    expect(lines).toEqual(expect.arrayContaining([...shrunk.testCase.lines]));
  });
});

// One test case, run and judged.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Coverage } from '../../src/fuzz/coverage.ts';
import { drawTestCase } from '../../src/fuzz/draw.ts';
import { createScriptLanguage } from '../../src/fuzz/scriptSession.ts';
import type { TestCase } from '../../src/fuzz/testCase.ts';
import { runTrial, type TrialResult } from '../../src/fuzz/trial.ts';
import { TrialRun } from '../../src/fuzz/trialRun.ts';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { Interruption } from '../../src/master/interruption.ts';
import { runProgram } from '../../src/master/program.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { NO_FAULTS } from '../../src/sim/faultPlan.ts';
import { formatFaults } from '../../src/sim/faultText.ts';
import { Collector, createInput } from '../support/streams.ts';
import { plain } from '../support/tinyProtocols.ts';
import { createFakeLanguage } from './fakeLanguage.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-trial-'));
afterAll(() => rmSync(folder, { recursive: true }));

const language = createScriptLanguage(PROTOCOLS);
const [causal] = PROTOCOLS;
if (causal === undefined) throw new Error('there is a protocol');

const testCaseOf = (lines: readonly string[], seed = 1): TestCase => ({
  ...{ protocol: causal, seed, faults: NO_FAULTS, lines },
});
const tryLines = (...lines: string[]): Promise<TrialResult> =>
  runTrial({ language, testCase: testCaseOf(lines) });

describe('the ending', () => {
  test('wakes, heals and converges whatever the script has left', async () => {
    const { failure, said } = await tryLines(
      ...['joinServer 0', 'joinServer 1', 'joinServer 2', 'joinClient 5 0', 'joinClient 6 2'],
      ...['partition 0 | 1 | 2', 'pauseServer 1', 'put 5 x v1', 'put 6 y v2'],
    );
    expect(failure).toBeUndefined();
    const entries = '"entries":[["x","v1"],["y","v2"]]';
    const printed = said.filter(({ text }) => text.includes('printStore'));
    expect(printed.map(({ text }) => text.includes(entries))).toEqual([true, true, true]);
  });

  test('is not needed where no server lives', async () => {
    expect((await tryLines('sleep 5ms')).failure).toBeUndefined();
    expect((await tryLines()).failure).toBeUndefined();
  });

  test.each([
    ['starts them', 'sleep 5ms'],
    ['needs no round of all without one whose id a client has', 'joinClient 1 0'],
  ])('knows the servers of an earlier run, and %s', async (_, line) => {
    const protocol = PROTOCOLS.find(({ name }) => name === 'sharded') ?? causal;
    const begin = ['protocol sharded sync=0 interval=off storage=log', 'joinServer 0'];
    const setupOf = (lines: readonly string[]) => ({
      language,
      testCase: { ...testCaseOf(lines), protocol },
    });
    const former = new TrialRun(setupOf([...begin, 'joinServer 1']), new Coverage());
    const later = new TrialRun(setupOf([...begin, line]), new Coverage(), await former.leave());
    expect(await later.run()).toBeUndefined();
  });

  test('counts what died with the only server that had it, and calls it no failure', async () => {
    const { failure, coverage } = await tryLines(
      ...['protocol causal gossip=off', 'joinServer 0', 'joinServer 1', 'joinClient 5 0'],
      ...['put 5 x v1', 'killServer 0'],
    );
    expect(failure).toBeUndefined();
    expect(coverage.count('write lost with its server')).toBe(1);
  });
});

describe('a deadline', () => {
  test('leaves out what the script sleeps', async () => {
    const { failure } = await tryLines(
      ...['joinServer 0', 'sleep 60s', 'concurrently', 'sleep 60s', 'end'],
    );
    expect(failure).toBeUndefined();
  });

  test('has room for each operation of a workload, however many there are', async () => {
    const lines = ['joinServer 0', 'joinClient 5 0', 'workload clients=1 ops=1000'];
    const faults = { ...NO_FAULTS, minDelayMs: 300, maxDelayMs: 300 };
    const { failure } = await runTrial({ language, testCase: { ...testCaseOf(lines), faults } });
    expect(failure).toBeUndefined();
  });
});

describe('what a failure is called', () => {
  const failing = async (wrong: string): Promise<string | undefined> => {
    const fake = createFakeLanguage(() => wrong);
    return (
      await runTrial({ language: fake, testCase: { ...testCaseOf(['heal']), protocol: plain } })
    ).failure?.kind;
  };

  test.each([
    ['C4: servers 0 and 1 differ', 'C4'],
    ['cut: 1 received push of 0', 'cut'],
    ['no end after 50 events: the run gets nowhere', 'G4'],
    ['server 17 is odd', 'Bug: server n is odd'],
  ])('%s', async (wrong, kind) => {
    expect(await failing(wrong)).toBe(kind);
  });

  test('G3: something on stderr that is not specified', async () => {
    const fake = { ...createFakeLanguage(() => undefined) };
    const odd = {
      ...fake,
      open: (setup: Parameters<typeof fake.open>[0]) => ({
        ...fake.open(setup),
        do: async () => setup.onDiagnostic('something\n'),
      }),
    };
    const { failure } = await runTrial({ language: odd, testCase: testCaseOf(['heal']) });
    expect(failure?.kind).toBe('G3');
  });

  test('a script that ends within a block is not run to its end, and not judged', async () => {
    const { failure, said } = await tryLines('joinServer 0', 'concurrently', 'printStore 0');
    expect([failure, said]).toEqual([undefined, []]);
  });
});

describe('looking changes nothing', () => {
  test.each([2, 12, 15])('the plain program runs the draft of seed %i alike', async (seed) => {
    const testCase = drawTestCase(causal, seed);
    const judged: TraceEvent[] = [];
    await runTrial({ language, testCase, trace: (event) => judged.push(event) });
    const [script, trace] = [join(folder, 'script.txt'), join(folder, 'trace.jsonl')];
    writeFileSync(script, `${testCase.lines.join('\n')}\n`);
    const faults = ['--faults', formatFaults(testCase.faults)];
    await runProgram({
      words: ['--sim', '--seed', String(seed), ...faults, '--trace', trace, script],
      protocols: PROTOCOLS,
      stdin: createInput(''),
      ...{ stdout: new Collector(), stderr: new Collector(), interruption: new Interruption() },
    });
    const plainTrace = readFileSync(trace, 'utf8').trimEnd().split('\n');
    const isEnd = (text: string): boolean => text.includes('"event":"crash"');
    // After the script's last line the program ends the nodes, and the judge goes on.
    while (isEnd(plainTrace.at(-1) ?? '')) plainTrace.pop();
    expect(plainTrace.length).toBeGreaterThan(100);
    expect(judged.slice(0, plainTrace.length).map((event) => JSON.stringify(event))).toEqual(
      plainTrace,
    );
  });

  test('another seed is another run', async () => {
    const lines = ['joinServer 0', 'joinServer 1', 'joinClient 5 0', 'put 5 x v1', 'stabilize'];
    const digestOf = async (seed: number): Promise<string> =>
      (await runTrial({ language, testCase: testCaseOf(lines, seed), isHashed: true })).digest;
    expect(await digestOf(1)).toBe(await digestOf(1));
    expect(await digestOf(1)).not.toBe(await digestOf(2));
  });
});

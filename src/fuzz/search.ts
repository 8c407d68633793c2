// Runs test cases: one twice, to compare, or a range of seeds.
import type { Protocol } from '../kernel/protocol.ts';
import { type Counts, Coverage } from './coverage.ts';
import { drawTestCase, withSchedule } from './draw.ts';
import type { ScriptLanguage } from './session.ts';
import type { Failure, TestCase } from './testCase.ts';
import { runTrial, type TrialResult } from './trial.ts';

/** One seed of this many is run twice and compared (G5). */
const TWICE_EVERY = 16;

/** Runs a test case twice. Both runs must be equal to the last message, whatever else fails. */
export async function runTwice(language: ScriptLanguage, testCase: TestCase): Promise<TrialResult> {
  const first = await runTrial({ language, testCase, isHashed: true });
  const second = await runTrial({ language, testCase, isHashed: true });
  if (first.digest === second.digest) return first;
  const sentence = 'two runs of the same script, seed and faults differ';
  const failure = { kind: 'G5', sentence, line: testCase.lines.length, ending: [] };
  return { ...first, failure };
}

/** Runs a test case; those of some seeds twice, so that a difference between two runs is found. */
export function runSeed(language: ScriptLanguage, testCase: TestCase): Promise<TrialResult> {
  if (testCase.seed % TWICE_EVERY === 0) return runTwice(language, testCase);
  return runTrial({ language, testCase });
}

export interface FoundFailure {
  readonly seed: number;
  readonly failure: Failure;
}

/** The result of a range of seeds. It can be sent between processes. */
export interface BatchResult {
  readonly seeds: number;
  readonly events: number;
  readonly counts: Counts;
  readonly failures: readonly FoundFailure[];
}

/** Some seeds, from `from` to before `to`. */
export interface SeedRange {
  readonly from: number;
  readonly to: number;
  /** How delays are chosen, in place of what a seed draws (`NetworkPlan`). */
  readonly depth?: number | undefined;
}

export async function runBatch(
  language: ScriptLanguage,
  protocol: Protocol,
  { from, to, depth }: SeedRange,
): Promise<BatchResult> {
  const coverage = new Coverage();
  const failures: FoundFailure[] = [];
  let events = 0;
  for (let seed = from; seed < to; seed += 1) {
    const result = await runSeed(language, withSchedule(drawTestCase(protocol, seed), depth));
    if (seed % TWICE_EVERY === 0) coverage.mark('seed run twice');
    coverage.add(result.coverage.toCounts());
    events += result.events;
    if (result.failure !== undefined) failures.push({ seed, failure: result.failure });
  }
  return { seeds: to - from, events, counts: coverage.toCounts(), failures };
}

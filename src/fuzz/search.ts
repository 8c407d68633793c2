// Tries drafts: twice and compared, or seed after seed for whoever looks for a failure.
import type { Protocol } from '../kernel/protocol.ts';
import { type Counts, Coverage } from './coverage.ts';
import { drawTestCase } from './draw.ts';
import type { ScriptLanguage } from './session.ts';
import type { Failure, TestCase } from './testCase.ts';
import { runTrial, type TrialResult } from './trial.ts';

/** One seed of so many is run twice and compared (G5). */
const TWICE_EVERY = 16;

/** Runs a draft twice: whatever else it breaks, both must be the same to the last message. */
export async function runTwice(language: ScriptLanguage, testCase: TestCase): Promise<TrialResult> {
  const first = await runTrial({ language, testCase, isHashed: true });
  const second = await runTrial({ language, testCase, isHashed: true });
  if (first.digest === second.digest) return first;
  const sentence = 'two runs of the same script, seed and faults differ';
  const failure = { kind: 'G5', sentence, line: testCase.lines.length, ending: [] };
  return { ...first, failure };
}

export interface FoundFailure {
  readonly seed: number;
  readonly failure: Failure;
}

/** What a range of seeds has shown. It can be sent from one process to another. */
export interface BatchResult {
  readonly seeds: number;
  readonly events: number;
  readonly counts: Counts;
  readonly failures: readonly FoundFailure[];
}

/** Tries the seeds from `from` to before `to`. */
export async function runBatch(
  language: ScriptLanguage,
  protocol: Protocol,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<BatchResult> {
  const coverage = new Coverage();
  const failures: FoundFailure[] = [];
  let events = 0;
  for (let seed = from; seed < to; seed += 1) {
    const testCase = drawTestCase(protocol, seed);
    const isSample = seed % TWICE_EVERY === 0;
    const result = isSample
      ? await runTwice(language, testCase)
      : await runTrial({ language, testCase });
    if (isSample) coverage.mark('seed run twice');
    coverage.add(result.coverage.toCounts());
    events += result.events;
    if (result.failure !== undefined) failures.push({ seed, failure: result.failure });
  }
  return { seeds: to - from, events, counts: coverage.toCounts(), failures };
}

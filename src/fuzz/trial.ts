// Tries one draft. Where its plan has new runs, the script runs once more: twice in turn, so that
// the second run begins with what the first has left when its own lines are done.
import { createRandomStream } from '../kernel/random.ts';
import type { Said } from '../language/transcript.ts';
import { Coverage, LOG_EVENTS } from './coverage.ts';
import type { Failure, TestCase } from './testCase.ts';
import { TrialRun, type TrialSetup } from './trialRun.ts';

export interface TrialResult {
  readonly failure: Failure | undefined;
  /** Whether the script ended before its last line, or in a block: then it was not judged whole. */
  readonly isCutShort: boolean;
  readonly coverage: Coverage;
  /** Events of the simulation. */
  readonly events: number;
  /** Of the trace and of all that was said; empty unless asked for. */
  readonly digest: string;
  /** What the run said, answers as JSON lines. */
  readonly said: readonly Said[];
}

export async function runTrial(setup: TrialSetup): Promise<TrialResult> {
  const coverage = new Coverage();
  const only = new TrialRun(setup, coverage);
  const failure = await only.run();
  const { events, digest, said, isCutShort } = only;
  const isFollowed = only.hasLogs && !isCutShort && hasSecondRun(setup.testCase);
  if (failure !== undefined || !isFollowed) {
    return { failure, isCutShort, coverage, events, digest, said };
  }
  // What the script meets has been counted.
  coverage.mark(LOG_EVENTS.secondRun);
  const { language, testCase } = setup;
  const first = new TrialRun({ language, testCase }, new Coverage());
  const second = new TrialRun(setup, new Coverage(), await first.leave());
  const broken = await second.run();
  return {
    failure: broken && { ...broken, sentence: `${broken.sentence} (in a second run)` },
    isCutShort,
    coverage,
    events: events + first.events + second.events,
    digest: `${digest}\n${second.digest}`,
    said: broken === undefined ? said : second.said,
  };
}

function hasSecondRun({ seed, faults }: TestCase): boolean {
  return createRandomStream(seed, 'second run')() < faults.newRun;
}

// Runs one test case. If its fault plan has new runs, the script runs twice more in turn: the
// second run starts with the data that the first has left after its own lines.
import { createRandomStream } from '../kernel/random.ts';
import type { Said } from '../language/transcript.ts';
import { Coverage, LOG_EVENTS } from './coverage.ts';
import type { Failure, TestCase } from './testCase.ts';
import { TrialRun, type TrialSetup } from './trialRun.ts';

export interface TrialResult {
  readonly failure: Failure | undefined;
  /** Whether the script ended early, or within a block; then it was not judged completely. */
  readonly isCutShort: boolean;
  readonly coverage: Coverage;
  /** Number of events of the simulation. */
  readonly events: number;
  /** A hash of the trace and the output; empty unless requested. */
  readonly digest: string;
  /** The output of the run, answers as JSON lines. */
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
  // The run above has already counted the coverage of this script.
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

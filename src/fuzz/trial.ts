// Tries one draft. Where its plan has new runs, the script runs once more: twice in turn, so that
// the second run begins with what the first has left when its own lines are done.
import { createRandomStream } from '../kernel/random.ts';
import type { Draft, Failure } from './draft.ts';
import { LOG_EVENTS, Tally } from './tally.ts';
import { TrialRun, type TrialSetup } from './trialRun.ts';

export interface TrialResult {
  readonly failure: Failure | undefined;
  /** Whether the script ended before its last line, or in a block: then it was not judged whole. */
  readonly isCutShort: boolean;
  readonly tally: Tally;
  /** Events of the simulation. */
  readonly events: number;
  /** Of the trace and of all that was said; empty unless asked for. */
  readonly digest: string;
  /** What the run said, answers as JSON lines. */
  readonly said: string;
}

export async function runTrial(setup: TrialSetup): Promise<TrialResult> {
  const tally = new Tally();
  const only = new TrialRun(setup, tally);
  const failure = await only.run();
  const { events, digest, said, isCutShort } = only;
  const isFollowed = only.hasLogs && !isCutShort && hasSecondRun(setup.draft);
  if (failure !== undefined || !isFollowed) {
    return { failure, isCutShort, tally, events, digest, said };
  }
  // What the script meets has been counted.
  tally.mark(LOG_EVENTS.secondRun);
  const { language, draft } = setup;
  const first = new TrialRun({ language, draft }, new Tally());
  const second = new TrialRun(setup, new Tally(), await first.leave());
  const broken = await second.run();
  return {
    failure: broken && { ...broken, sentence: `${broken.sentence} (in a second run)` },
    isCutShort,
    tally,
    events: events + first.events + second.events,
    digest: `${digest}\n${second.digest}`,
    said: broken === undefined ? said : second.said,
  };
}

function hasSecondRun({ seed, faults }: Draft): boolean {
  return createRandomStream(seed, 'second run')() < faults.newRun;
}

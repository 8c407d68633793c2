// Tries drafts: twice and compared, or seed after seed for whoever looks for a failure.
import type { Protocol } from '../kernel/protocol.ts';
import type { Draft, Failure } from './draft.ts';
import { drawDraft } from './draw.ts';
import type { ScriptLanguage } from './session.ts';
import { type Counts, Tally } from './tally.ts';
import { runTrial, type TrialResult } from './trial.ts';

/** One seed of so many is run twice and compared (G5). */
const TWICE_EVERY = 16;

/** Runs a draft twice: whatever else it breaks, both must be the same to the last message. */
export async function runTwice(language: ScriptLanguage, draft: Draft): Promise<TrialResult> {
  const first = await runTrial({ language, draft, isHashed: true });
  const second = await runTrial({ language, draft, isHashed: true });
  if (first.digest === second.digest) return first;
  const sentence = 'two runs of the same script, seed and faults differ';
  const failure = { kind: 'G5', sentence, line: draft.lines.length, ending: [] };
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
  const tally = new Tally();
  const failures: FoundFailure[] = [];
  let events = 0;
  for (let seed = from; seed < to; seed += 1) {
    const draft = drawDraft(protocol, seed);
    const isSample = seed % TWICE_EVERY === 0;
    const result = isSample ? await runTwice(language, draft) : await runTrial({ language, draft });
    if (isSample) tally.mark('seed run twice');
    tally.add(result.tally.toCounts());
    events += result.events;
    if (result.failure !== undefined) failures.push({ seed, failure: result.failure });
  }
  return { seeds: to - from, events, counts: tally.toCounts(), failures };
}

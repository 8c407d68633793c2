// The oracle: decides whether the assignment permits an output. It is a model of all correct
// masters, not the output of one: another order of concurrent writes, another choice of server, and
// more or less gossip are all permitted. It refuses only what no correct master can print.
//
// The model is keySearch.ts, key by key: the assignment's promises concern one key each. Only an
// ERR_DEP may have its reason in another key; certainty.ts decides that from the script alone.
import { explain } from './explain.ts';
import type { Judgement } from './judgement.ts';
import { failingLine, Reader, type Reading } from './reading.ts';
import { printedLines, Segmentation } from './segments.ts';
import type { AssignmentScript } from './steps.ts';
import { explainLines } from './wrongLines.ts';

/** More ways to cut an output into answers are not tried. */
const MOST_CUTS = 300;

const PERMITTED: Judgement = { outcome: 'permitted' };
const UNDECIDED: Judgement = {
  outcome: 'undecided',
  why: 'too many runs are possible: use different values, and clients with one server',
};

export function permits(script: AssignmentScript, output: string): Judgement {
  const reader = new Reader(script);
  const lines = printedLines(output);
  const asked = script.steps.filter((step) => step.kind === 'get' || step.kind === 'show');
  const sorted = new Segmentation(asked, lines, reader.wasPut, true);
  if (sorted.isWhole && judgeCuts(reader, sorted).outcome === 'permitted') return PERMITTED;
  const cuts = new Segmentation(asked, lines, reader.wasPut);
  return cuts.isWhole ? judgeCuts(reader, cuts) : explainLines(reader, cuts, asked, lines);
}

/** The output is permitted if it is with one way to cut it. */
function judgeCuts(reader: Reader, cuts: Segmentation): Judgement {
  let best: Reading | undefined;
  let count = 0;
  let isOpen = false;
  for (const segments of cuts.list(cuts.furthest, MOST_CUTS)) {
    count += 1;
    const reading = reader.read(segments);
    const outcomes = new Set(reading.results.map(({ result }) => result.outcome));
    if (!outcomes.has('refused')) {
      if (!outcomes.has('undecided')) return PERMITTED;
      isOpen = true;
    }
    if (best === undefined || failingLine(reading) > failingLine(best)) best = reading;
  }
  if (isOpen || count === MOST_CUTS || best === undefined) return UNDECIDED;
  return explain(reader, best);
}

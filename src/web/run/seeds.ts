// Tries seeds in a page's worker: random scripts, or one script under many seeds, judged by all
// that the protocol guarantees or by one level; and shrinks what broke.
import { drawTestCase } from '../../fuzz/draw.ts';
import { runLevelTrial } from '../../fuzz/levelTrial.ts';
import { runSeed } from '../../fuzz/search.ts';
import type { ScriptLanguage } from '../../fuzz/session.ts';
import { type Shrunk, shrink } from '../../fuzz/shrink.ts';
import { type Failure, type TestCase, tellFailure } from '../../fuzz/testCase.ts';
import { splitScript } from '../../language/transcript.ts';
import { PROTOCOLS } from '../../protocols/registry.ts';
import { NO_FAULTS } from '../../sim/faultPlan.ts';
import { formatFaults, parseFaults } from '../../sim/faultText.ts';
import type { BrokenSeed, SeedBatch, SeedPlan, ShrunkSeed } from './seedPlan.ts';

/** The seeds from `from` to before `to`. Rejects with a sentence for faults that are none. */
export async function trySeeds(
  language: ScriptLanguage,
  plan: SeedPlan,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<SeedBatch> {
  const broken: BrokenSeed[] = [];
  let undecided = 0;
  for (let seed = from; seed < to; seed += 1) {
    const testCase = toTestCase(plan, seed);
    const { failure, isUndecided } = await judge(language, plan, testCase);
    if (failure !== undefined) broken.push(toBroken(seed, { testCase, failure }));
    else if (isUndecided) undecided += 1;
  }
  return { seeds: to - from, broken, undecided };
}

/**
 * Shrinks the script of a seed while it breaks in the same way. `onProgress` is called before each
 * trial. Undefined if the seed breaks nothing.
 */
export async function shrinkSeed(
  language: ScriptLanguage,
  plan: SeedPlan,
  seed: number,
  onProgress: (shrunk: () => ShrunkSeed) => void,
): Promise<ShrunkSeed | undefined> {
  const testCase = toTestCase(plan, seed);
  const { failure } = await judge(language, plan, testCase);
  if (failure === undefined) return undefined;
  const toSeed = ({ trials, ...found }: Shrunk): ShrunkSeed => {
    return { broken: toBroken(seed, found), trials };
  };
  const { level } = plan;
  const shrunk = await shrink({
    ...{ language, testCase, failure, mayBeginAnew: plan.script === null },
    ...(level !== null && {
      judge: async (candidate) => (await runLevelTrial(language, candidate, level)).failure,
    }),
    isOver: (best) => {
      onProgress(() => toSeed(best));
      return false;
    },
  });
  return toSeed(shrunk);
}

function toTestCase({ protocol: name, script, faults }: SeedPlan, seed: number): TestCase {
  const protocol = PROTOCOLS.find((known) => known.name === name);
  if (protocol === undefined) throw new Error(`there is no protocol ${name}`);
  if (script === null) return drawTestCase(protocol, seed);
  const plan = faults === '' ? NO_FAULTS : parseFaults(faults);
  return { protocol, seed, faults: plan, lines: splitScript(script) };
}

interface Judged {
  readonly failure: Failure | undefined;
  readonly isUndecided: boolean;
}

async function judge(
  language: ScriptLanguage,
  { level }: SeedPlan,
  testCase: TestCase,
): Promise<Judged> {
  if (level !== null) return runLevelTrial(language, testCase, level);
  const { failure, isCutShort } = await runSeed(language, testCase);
  return { failure, isUndecided: isCutShort };
}

function toBroken(
  seed: number,
  { testCase, failure }: { readonly testCase: TestCase; readonly failure: Failure },
): BrokenSeed {
  const told = tellFailure(failure).replace(/\s+/g, ' ');
  const { lines, protocol, faults } = testCase;
  const { ending, kind } = failure;
  // At the end, because the sentence names lines by their numbers.
  const comments = [
    `# Broken with seed ${testCase.seed}: ${told}`,
    ...(ending.length > 0 ? ['# after further lines without faults:'] : []),
    ...ending.map((line) => `#   ${line}`),
  ];
  const plan = formatFaults(faults);
  return {
    ...{ seed, kind, sentence: told, length: lines.length },
    source: {
      script: `${[...lines, '', ...comments].join('\n')}\n`,
      protocol: protocol.name,
      seed: testCase.seed,
      faults: plan === formatFaults(NO_FAULTS) ? '' : plan,
    },
  };
}

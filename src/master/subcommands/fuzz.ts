// `causeway fuzz`: looks for a seed that fails, and shrinks its script.
import { drawTestCase, withSchedule } from '../../fuzz/draw.ts';
import { describeOptions, writeScript } from '../../fuzz/scriptFile.ts';
import { createScriptLanguage } from '../../fuzz/scriptSession.ts';
import type { FoundFailure } from '../../fuzz/search.ts';
import { shrink } from '../../fuzz/shrink.ts';
import { tellFailure } from '../../fuzz/testCase.ts';
import { EXIT } from '../exitStatus.ts';
import { quoteWord } from '../quoteWord.ts';
import type { SubcommandSetup } from '../subcommand.ts';
import { createProgress } from './progress.ts';
import { namesEngine, runRealFuzz } from './realFuzz.ts';
import { readSwarmOptions, type SwarmOptions } from './swarmOptions.ts';
import { spreadSeeds } from './swarmWorkers.ts';
import { assertWritable, writeFound } from './writeFound.ts';

/** The name in messages of a script that is written to stdout. */
const UNNAMED = 'SCRIPT';

export async function runFuzz(setup: SubcommandSetup): Promise<number> {
  if (namesEngine(setup)) return runRealFuzz(setup);
  const { words, protocols, output, interruption } = setup;
  const options = readSwarmOptions('fuzz', words, protocols, output);
  if (typeof options === 'number') return options;
  const { protocol, outPath } = options;
  assertWritable(outPath);
  const { found, done } = await findFirst(setup, options);
  if (found === undefined) {
    output.diagnostic(`causeway: fuzz: ${protocol.name}: ${done} seeds, none broken\n`);
    return interruption.status ?? EXIT.ok;
  }
  output.diagnostic(`causeway: fuzz: seed ${found.seed}: broken: ${tellFailure(found.failure)}\n`);
  await writeShrunk(setup, { ...options, found });
  return EXIT.broken;
}

/** The lowest seed that failed: waits for batches with lower seeds that are under way. */
async function findFirst(
  { output, interruption }: SubcommandSetup,
  options: SwarmOptions,
): Promise<{ found: FoundFailure | undefined; done: number }> {
  const failures: FoundFailure[] = [];
  const progress = createProgress(output, options.seeds);
  let done = 0;
  await spreadSeeds({
    ...options,
    interruption,
    onBatch: (batch) => {
      done += batch.seeds;
      failures.push(...batch.failures);
      progress.show(done, failures.length);
      return failures.length > 0;
    },
  }).finally(() => progress.clear());
  failures.sort((a, b) => a.seed - b.seed);
  return { found: failures[0], done };
}

async function writeShrunk(
  { protocols, output, interruption }: SubcommandSetup,
  order: SwarmOptions & { readonly found: FoundFailure },
): Promise<void> {
  const { protocol, outPath, depth, found } = order;
  const language = createScriptLanguage(protocols);
  const testCase = withSchedule(drawTestCase(protocol, found.seed), depth);
  const isOver = (): boolean => interruption.status !== undefined;
  const shrunk = await shrink({ language, testCase, failure: found.failure, isOver });
  const { length } = shrunk.testCase.lines;
  const effort = `${testCase.lines.length} lines shrunk to ${length} in ${shrunk.trials} trials`;
  output.diagnostic(`causeway: fuzz: ${effort}\n`);
  const name = quoteWord(outPath ?? UNNAMED);
  const text = await writeScript(language, shrunk, name);
  writeFound(text, outPath, output);
  if (outPath === undefined) return;
  const options = describeOptions(shrunk.testCase);
  output.diagnostic(`causeway: replay: node master.js replay ${options} ${name}\n`);
}

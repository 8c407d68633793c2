// `causeway swarm`: runs many seeds, and prints the failures and the coverage.

import { Coverage, findTooLittle, listWanted, TELLING_SEEDS } from '../../fuzz/coverage.ts';
import { createScriptLanguage } from '../../fuzz/scriptSession.ts';
import type { FoundFailure } from '../../fuzz/search.ts';
import { tellFailure } from '../../fuzz/testCase.ts';
import { formatSchedule } from '../../sim/faultText.ts';
import { EXIT } from '../exitStatus.ts';
import type { Output } from '../output.ts';
import type { SubcommandSetup } from '../subcommand.ts';
import { createProgress } from './progress.ts';
import { readSwarmOptions } from './swarmOptions.ts';
import { spreadSeeds } from './swarmWorkers.ts';

/** So many failures are told one by one; of so many others the seeds are named. */
const TOLD_FAILURES = 10;
const NAMED_FAILURES = 200;

export async function runSwarm(setup: SubcommandSetup): Promise<number> {
  const { words, protocols, output, interruption } = setup;
  const options = readSwarmOptions('swarm', words, protocols, output);
  if (typeof options === 'number') return options;
  const { protocol, seeds } = options;
  const coverage = new Coverage();
  const failures: FoundFailure[] = [];
  const sums = { seeds: 0, events: 0 };
  const progress = createProgress(output, seeds);
  await spreadSeeds({
    ...options,
    interruption,
    onBatch: (batch) => {
      sums.seeds += batch.seeds;
      sums.events += batch.events;
      coverage.add(batch.counts);
      failures.push(...batch.failures);
      progress.show(sums.seeds, failures.length);
      return false;
    },
  }).finally(() => progress.clear());
  const wanted = listWanted(protocol, createScriptLanguage(protocols));
  tellCounts(output, coverage, wanted);
  for (const line of listFailures(protocol.name, failures, options.depth))
    output.answer(`${line}\n`);
  const done = `${sums.seeds} of ${seeds} seeds, ${sums.events} events`;
  output.answer(`swarm: ${protocol.name}: ${done}, ${failures.length} broken\n`);
  if (failures.length > 0) return EXIT.broken;
  if (interruption.status !== undefined) return interruption.status;
  return tellTooLittle(output, findTooLittle(coverage, wanted, seeds), seeds);
}

/** Nothing is said of what did not happen and need not: the protocol may be unable to have it. */
function tellCounts(output: Output, coverage: Coverage, wanted: readonly string[]): void {
  for (const [what, count] of Object.entries(coverage.toCounts())) {
    if (count === 0 && !wanted.includes(what)) continue;
    output.answer(`${String(count).padStart(10)}  ${what}\n`);
  }
}

/** The lines about the failures, by ascending seed; `depth` is the one that was asked for. */
export function listFailures(
  protocol: string,
  failures: readonly FoundFailure[],
  depth?: number,
): string[] {
  const schedule = depth === undefined ? '' : ` --schedule ${formatSchedule(depth)}`;
  const sorted = [...failures].sort((a, b) => a.seed - b.seed);
  const told = sorted
    .slice(0, TOLD_FAILURES)
    .flatMap(({ seed, failure }) => [
      `seed ${seed}: broken: ${tellFailure(failure)}`,
      `  replay: node master.js replay --protocol ${protocol} --seed ${seed}${schedule}`,
    ]);
  const others = sorted.slice(TOLD_FAILURES).map(({ seed }) => seed);
  if (others.length === 0) return told;
  const named = others.slice(0, NAMED_FAILURES).join(', ');
  return [...told, `broken too: seeds ${named}${others.length > NAMED_FAILURES ? ', ...' : ''}`];
}

function tellTooLittle(
  output: Output,
  tooLittle: readonly { what: string; count: number }[],
  seeds: number,
): number {
  if (seeds < TELLING_SEEDS) {
    output.answer(`swarm: below ${TELLING_SEEDS} seeds nothing is called exercised too little\n`);
  }
  for (const { what, count } of tooLittle) {
    output.answer(`swarm: exercised too little: ${what}, ${count} times\n`);
  }
  return tooLittle.length > 0 ? EXIT.undecided : EXIT.ok;
}

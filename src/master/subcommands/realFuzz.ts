// `causeway fuzz` on an engine: random scripts on real programs, for as long as it may take.
import { Command } from 'commander';
import { type RealFound, searchReal, shrinkReal } from '../../fuzz/realSearch.ts';
import { runReal } from '../../fuzz/realTrial.ts';
import { tellFailure } from '../../fuzz/testCase.ts';
import type { Options } from '../../kernel/design.ts';
import { type Engine, isEngine } from '../../kernel/engine.ts';
import { LIVE_NODES } from '../../kernel/limits.ts';
import { chooseOptions, chooseProtocol } from '../../language/choice.ts';
import { startTimer } from '../../rpc/monotonic.ts';
import { EXIT } from '../exitStatus.ts';
import { pathOption } from '../pathWords.ts';
import { quoteWord } from '../quoteWord.ts';
import { parseOrSay } from '../reply.ts';
import { settingOption } from '../settingOption.ts';
import type { SubcommandSetup } from '../subcommand.ts';
import { createProgress } from './progress.ts';
import { whole } from './wholeOption.ts';
import { assertWritable, writeFound } from './writeFound.ts';

const USUAL_SEEDS = 1_000;
const USUAL_SECONDS = 60;

interface Order {
  readonly engine: Engine;
  readonly given: ReadonlyMap<string, string>;
  readonly options: Options;
  readonly seeds: number;
  readonly from: number;
  readonly seconds: number;
  readonly hasKills: boolean;
  readonly outPath: string | undefined;
}

/** Whether these arguments of `fuzz` are about an engine. */
export function namesEngine({ words, protocols }: SubcommandSetup): boolean {
  const at = words.indexOf('--protocol');
  const named = words.find((word) => word.startsWith('--protocol='))?.split('=')[1];
  const name = named ?? (at >= 0 ? words[at + 1] : undefined);
  return protocols.some((design) => design.name === name && isEngine(design));
}

/** Ends every program before it returns. */
export async function runRealFuzz(setup: SubcommandSetup): Promise<number> {
  const { words, output, interruption } = setup;
  const order = parseOrSay(createCommand(), words, (parsed) => read(parsed, setup), output);
  if (typeof order === 'number') return order;
  const { engine, seeds, from, seconds } = order;
  assertWritable(order.outPath);
  const progress = createProgress(output, seeds);
  let tried = 0;
  const numbers = (function* () {
    for (let seed = from; seed < from + seeds; seed += 1) {
      progress.show(tried, 0);
      tried += 1;
      yield seed;
    }
  })();
  const result = await within(setup, order, (attempt) =>
    searchReal(toRealOrder(order), numbers, attempt),
  ).finally(() => progress.clear());
  const { found } = result;
  if (found === undefined) {
    const told = `${result.tried} seeds in at most ${seconds} s, none broken`;
    output.diagnostic(`causeway: fuzz: ${engine.name}: ${told}\n`);
    return interruption.status ?? EXIT.ok;
  }
  output.diagnostic(`causeway: fuzz: seed ${found.seed}: broken: ${tellFailure(found.failure)}\n`);
  const { shrunk, trials } = await within(setup, order, (attempt) => shrinkReal(found, attempt));
  const effort = `${found.lines.length} lines shrunk to ${shrunk.lines.length} in ${trials} runs`;
  output.diagnostic(`causeway: fuzz: ${effort}\n`);
  write(setup, order, shrunk);
  return EXIT.broken;
}

type Attempt = Parameters<typeof searchReal>[2];

/** Gives the task a way to run scripts until the time of the order is over. */
async function within<T>(
  { interruption }: SubcommandSetup,
  { engine, seconds }: Order,
  task: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  let cancel = (): void => undefined;
  const late = new Promise<void>((resolve) => {
    cancel = startTimer(seconds * 1_000, resolve);
  });
  const over = Promise.race([late, interruption.happened]);
  try {
    return await task((lines, seed) => {
      const createCluster = (options: Options) =>
        engine.createCluster({ protocol: engine, options, seed });
      return runReal({ design: engine, createCluster, over }, lines, seed);
    });
  } finally {
    cancel();
  }
}

function createCommand(): Command {
  return new Command('causeway fuzz')
    .description(
      'Runs random scripts on the programs of a store of others, in real time; looks for one ' +
        'that breaks what they claim, and removes the lines that it does not need.',
    )
    .option('--protocol <name>', 'the store')
    .addOption(settingOption())
    .addOption(whole('--seeds <n>', `how many seeds to try; ${USUAL_SEEDS} unless told`))
    .addOption(whole('--from <k>', 'the first seed, 1 unless told'))
    .addOption(
      whole(
        '--seconds <s>',
        `how long to search, and then to shrink, at most; ${USUAL_SECONDS} unless told`,
      ),
    )
    .option(
      '--kills',
      'also kill servers and start them again: only if they keep what they promise',
    )
    .addOption(pathOption('--out <file>', 'where to write the script; on stdout unless told'))
    .allowExcessArguments(false)
    .helpOption('-h, --help', 'show this')
    .exitOverride();
}

function read(parsed: Command, { protocols }: SubcommandSetup): Order {
  const given = parsed.opts<{
    protocol: string;
    set?: ReadonlyMap<string, string>;
    seeds?: number;
    from?: number;
    seconds?: number;
    kills?: true;
    out?: string;
  }>();
  const engine = chooseProtocol(protocols.filter(isEngine), given.protocol);
  const settings = given.set ?? new Map<string, string>();
  return {
    engine,
    given: settings,
    options: chooseOptions(engine, settings),
    seeds: given.seeds ?? USUAL_SEEDS,
    from: given.from ?? 1,
    seconds: given.seconds ?? USUAL_SECONDS,
    hasKills: given.kills === true,
    outPath: given.out,
  };
}

function toRealOrder({ engine, given, options, hasKills }: Order) {
  const all = Array.from({ length: LIVE_NODES }, (_, id) => id);
  // The command takes the rest of the line, so it is the last.
  const ordered = [...given].sort(([a], [b]) => Number(a === 'command') - Number(b === 'command'));
  return {
    choice: ['protocol', engine.name, ...ordered.map((pair) => pair.join('='))].join(' '),
    ids: all.filter((id) => engine.refuseServer?.(id, options) === undefined),
    hasKills,
    hasCas: engine.commands.some(({ name }) => name === 'cas'),
  };
}

function write({ output }: SubcommandSetup, { outPath }: Order, found: RealFound): void {
  const { lines, failure, seed } = found;
  const text = [
    `# broken: ${tellFailure(failure).replace(/\s+/g, ' ')}`,
    '# (lines are counted without these comments)',
    '# Programs run in real time: it may take several runs to see it again.',
    `# again: node master.js --seed ${seed} --check claims ${quoteWord(outPath ?? 'SCRIPT')}`,
    ...lines,
    '',
  ].join('\n');
  writeFound(text, outPath, output);
}

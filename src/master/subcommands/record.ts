// `causeway record`: runs a script in simulation over many seeds, and writes all its outputs into
// one file; or runs it on real processes, and says which of these they printed.
import { basename } from 'node:path';
import { formatGolden } from '../../language/golden/goldenFile.ts';
import { OutputCollection, type PrintedLine } from '../../language/golden/outputs.ts';
import type { Sink } from '../../language/report.ts';
import { splitScript } from '../../language/transcript.ts';
import { type FaultPlan, NO_FAULTS } from '../../sim/faultPlan.ts';
import { formatFaults } from '../../sim/faultText.ts';
import { executeScript, type Stage } from '../execute.ts';
import { EXIT, graverOf, isComplete } from '../exitStatus.ts';
import { quoteWord } from '../quoteWord.ts';
import { inOneChunk, MOST_BYTES, readWhole, tooLarge } from '../readWhole.ts';
import { assertReplaceable, replaceFile } from '../replaceFile.ts';
import { SCRIPT_FILES } from '../scriptFiles.ts';
import { onStage } from '../staging.ts';
import type { SubcommandSetup } from '../subcommand.ts';
import { createSimWorld } from '../worlds.ts';
import { createProgress } from './progress.ts';
import { runAgainst } from './recordAgainst.ts';
import { type RecordOrder, readRecordOrder } from './recordOptions.ts';

/**
 * Each seed runs with each of these: the usual delays; a part of the messages much later, as those
 * of a process that the machine does not let run; and links of different speed. So operations
 * overtake each other that usual delays keep apart.
 */
const PLANS: readonly (FaultPlan | undefined)[] = [
  undefined,
  { ...NO_FAULTS, tail: 0.2, tailDelayMs: 50 },
  { ...NO_FAULTS, depth: 3, maxDelayMs: 50 },
];
const SHOWN_DIAGNOSTICS = 10;

export async function runRecord(setup: SubcommandSetup): Promise<number> {
  const { words, protocols, output, interruption } = setup;
  const order = readRecordOrder(setup);
  if (typeof order === 'number') return order;
  const { invocation, runs } = order;
  return onStage({ invocation, words, protocols, output, interruption }, async (stage) => {
    if (runs === undefined) assertReplaceable(order.outPath);
    // Once for all runs: a pipe cannot be read again.
    const bytes = await Promise.race([readWhole(order.path), interruption.happened]);
    if (typeof bytes === 'number') return bytes;
    // What the runs find is recorded, and no finding of this run.
    if (runs === undefined) return record({ ...stage, claims: [] }, order, bytes);
    const replay = `node master.js ${['record', ...words].map(quoteWord).join(' ')}`;
    return runAgainst({ ...stage, replay }, order, { bytes, runs });
  });
}

/** Writes nothing if a run did not come to its end. */
async function record(stage: Stage, order: RecordOrder, bytes: Buffer): Promise<number> {
  const { path, outPath, seeds, from, options } = order;
  const collection = new OutputCollection();
  const said = new Diagnostics(stage);
  const progress = createProgress(stage.output, seeds);
  let worst: number = EXIT.ok;
  for (let seed = from; seed < from + seeds; seed += 1) {
    for (const faults of PLANS) {
      const repeat = describeRepeat(options, seed, faults);
      const run = await runOnce(stage, { path, bytes, seed, faults, repeat });
      if (!run.isDone) {
        progress.clear();
        for (const text of run.said) stage.output.diagnostic(text);
        stage.output.diagnostic(`causeway: nothing is recorded: not done with ${repeat}\n`);
        return run.status;
      }
      collection.add(run.printed, repeat);
      for (const text of run.said) said.add(text, repeat);
      worst = graverOf(worst, run.status);
    }
    progress.show(seed - from + 1, 0);
  }
  progress.clear();
  const golden = collection.end();
  const script = splitScript(bytes.toString());
  const lines = formatGolden(golden, { name: basename(path), script, options });
  const text = lines.map((line) => `${line}\n`).join('');
  if (Buffer.byteLength(text) > MOST_BYTES) throw tooLarge(outPath);
  replaceFile(outPath, text);
  said.end();
  const { length } = golden.outputs;
  const what = `${length} ${length === 1 ? 'output' : 'outputs'} in ${golden.runs} runs`;
  stage.output.answer(`record: ${what}\n`);
  return worst;
}

function describeRepeat(options: string, seed: number, faults: FaultPlan | undefined): string {
  const words = options === '' ? [] : [options];
  words.push(`--seed ${seed}`);
  if (faults !== undefined) words.push(`--faults ${formatFaults(faults)}`);
  return words.join(' ');
}

interface OneRun {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly seed: number;
  readonly faults: FaultPlan | undefined;
  /** The options that give this run again. */
  readonly repeat: string;
}

interface Heard {
  readonly status: number;
  /** Whether the script was done to its end. */
  readonly isDone: boolean;
  readonly printed: readonly PrintedLine[];
  /** What went to stderr. */
  readonly said: readonly string[];
}

async function runOnce(stage: Stage, one: OneRun): Promise<Heard> {
  const { path, bytes, seed, faults, repeat } = one;
  const { printed, said, listener } = createListener();
  let isDone = false;
  const golden = {
    conclude: () => {
      isDone = true;
      return EXIT.ok;
    },
  };
  const invocation = { ...stage.invocation, seed, faults };
  const world = createSimWorld(faults);
  const replay = `node master.js --sim ${repeat} ${quoteWord(path)}`;
  const script = { name: path, bytes: inOneChunk(bytes), files: SCRIPT_FILES };
  const own = { ...stage, invocation, world, listener, golden, replay };
  const status = await executeScript(own, script);
  return { status, isDone: isDone && isComplete(status), printed, said };
}

/** Hears a run, and passes nothing on. */
function createListener() {
  const printed: PrintedLine[] = [];
  const said: string[] = [];
  const sink: Sink = {
    answer: (text, line = 0) => printed.push({ line, text: text.replace(/\n$/, '') }),
    diagnostic: (text) => said.push(text),
  };
  return { printed, said, listener: { over: () => sink } };
}

/** What the runs said on stderr: each text once, with the first run that said it. */
class Diagnostics {
  readonly #stage: Stage;
  readonly #firstByText = new Map<string, string>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  add(text: string, repeat: string): void {
    if (!this.#firstByText.has(text)) this.#firstByText.set(text, repeat);
  }

  end(): void {
    const { output } = this.#stage;
    for (const [text, first] of [...this.#firstByText].slice(0, SHOWN_DIAGNOSTICS)) {
      output.diagnostic(text.replace(/\n$/, ` (first with ${first})\n`));
    }
    const more = this.#firstByText.size - SHOWN_DIAGNOSTICS;
    if (more > 0) output.diagnostic(`causeway: and ${more} more\n`);
  }
}

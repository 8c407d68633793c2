// `causeway record`: runs a script in simulation over many seeds, and writes all its outputs into
// one file; or runs it on real processes, and says which of these they printed.
import { readFileSync } from 'node:fs';
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
import { SCRIPT_FILES } from '../scriptFiles.ts';
import { onStage } from '../staging.ts';
import type { SubcommandSetup } from '../subcommand.ts';
import { createSimWorld } from '../worlds.ts';
import { createProgress } from './progress.ts';
import { runAgainst } from './recordAgainst.ts';
import { type RecordOrder, readRecordOrder } from './recordOptions.ts';
import { writeLinesToFile } from './writeLines.ts';

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
  return onStage({ invocation, words, protocols, output, interruption }, (stage) =>
    runs === undefined ? record(stage, order) : runAgainst(stage, order, runs),
  );
}

/** Writes nothing if a run did not come to its end. */
async function record(stage: Stage, order: RecordOrder): Promise<number> {
  const { path, outPath, seeds, from } = order;
  const bytes = readFileSync(path);
  const collection = new OutputCollection();
  const said = new Diagnostics(stage);
  const progress = createProgress(stage.output, seeds);
  let worst: number = EXIT.ok;
  for (let seed = from; seed < from + seeds; seed += 1) {
    for (const faults of PLANS) {
      const repeat = `--seed ${seed}${faults ? ` --faults ${formatFaults(faults)}` : ''}`;
      const run = await runOnce(stage, { path, bytes, seed, faults, repeat });
      if (!isComplete(run.status)) {
        progress.clear();
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
  writeLinesToFile(outPath, formatGolden(golden, { name: basename(path), script }));
  said.end();
  const { length } = golden.outputs;
  const what = `${length} ${length === 1 ? 'output' : 'outputs'} in ${golden.runs} runs`;
  stage.output.answer(`record: ${what}\n`);
  return worst;
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
  readonly printed: readonly PrintedLine[];
  /** What went to stderr. */
  readonly said: readonly string[];
}

async function runOnce(stage: Stage, one: OneRun): Promise<Heard> {
  const { path, bytes, seed, faults, repeat } = one;
  const { printed, said, listener } = createListener();
  const invocation = { ...stage.invocation, seed, faults };
  const world = createSimWorld(faults);
  const replay = `node master.js --sim ${repeat} ${quoteWord(path)}`;
  const script = { name: path, bytes: inOneChunk(bytes), files: SCRIPT_FILES };
  const status = await executeScript({ ...stage, invocation, world, listener, replay }, script);
  return { status, printed, said };
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

async function* inOneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
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

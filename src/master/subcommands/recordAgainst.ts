// `causeway record --runs n`: runs a script on real processes, and counts which of its recorded
// outputs they printed.
import { type GoldenOutputs, nameOf } from '../../language/golden/outputs.ts';
import { escapeControls } from '../../language/printable.ts';
import type { Sink } from '../../language/report.ts';
import { executeScript, type Script, type Stage } from '../execute.ts';
import { EXIT, graverOf, isComplete } from '../exitStatus.ts';
import { GoldenCheck, readGolden, whyOther } from '../golden.ts';
import { inOneChunk } from '../readWhole.ts';
import { SCRIPT_FILES } from '../scriptFiles.ts';
import { createProcessWorld } from '../worlds.ts';
import type { RecordOrder } from './recordOptions.ts';

interface Runs {
  /** The script. */
  readonly bytes: Uint8Array;
  readonly runs: number;
}

/**
 * A run that printed something else is told on stderr, and costs exit status 1. If a run does not
 * come to its end, the counts are those of the runs before it.
 */
export async function runAgainst(
  stage: Stage,
  { path, outPath, options }: RecordOrder,
  { bytes, runs }: Runs,
): Promise<number> {
  const { output, interruption } = stage;
  const golden = await Promise.race([readGolden(outPath), interruption.happened]);
  if (typeof golden === 'number') return golden;
  if (typeof golden === 'string') {
    output.diagnostic(`causeway: ${golden}\n`);
    return EXIT.badLines;
  }
  const other = whyOther(outPath, golden.options, options);
  if (other !== undefined) output.diagnostic(`causeway: note: ${escapeControls(other)}\n`);
  const counts = golden.outputs.map(() => 0);
  let worst: number = EXIT.ok;
  for (let run = 0; run < runs; run += 1) {
    // The stage notes nothing: other options are told once, above.
    const check = new GoldenCheck(outPath, golden, { isSim: false, options });
    const status = await runOnce(stage, { name: path, bytes: inOneChunk(bytes) }, check);
    if (!check.isConcluded || !isComplete(status)) {
      if (run > 0) output.lastAnswer(tellCounts(golden, counts, run));
      return status;
    }
    worst = graverOf(worst, status);
    if (check.output !== undefined) counts[check.output] = (counts[check.output] ?? 0) + 1;
  }
  output.answer(tellCounts(golden, counts, runs));
  return worst;
}

function tellCounts(golden: GoldenOutputs, counts: readonly number[], done: number): string {
  const tell = (count: number): string => (count === 0 ? 'never' : `${count} of ${done}`);
  const lines = golden.outputs.map(({ runs }, index) => {
    const seen = tell(counts[index] ?? 0);
    return `output ${nameOf(index)}: ${seen}; in simulation ${runs} of ${golden.runs}\n`;
  });
  const others = done - counts.reduce((a, b) => a + b, 0);
  return `${lines.join('')}another output: ${tell(others)}\n`;
}

async function runOnce(stage: Stage, script: Script, check: GoldenCheck): Promise<number> {
  const world = createProcessWorld();
  const listener = { over: (sink: Sink): Sink => check.over(withoutAnswers(sink)) };
  const own = { ...stage, world, listener, golden: check };
  try {
    return await executeScript(own, { ...script, files: SCRIPT_FILES });
  } finally {
    await world.close();
  }
}

function withoutAnswers(sink: Sink): Sink {
  return { answer: () => undefined, diagnostic: (text, line) => sink.diagnostic(text, line) };
}

// `causeway record --runs n`: runs a script on real processes, and counts which of its recorded
// outputs they printed.
import { createReadStream } from 'node:fs';
import { nameOf } from '../../language/golden/outputs.ts';
import type { Sink } from '../../language/report.ts';
import { executeScript, type Stage } from '../execute.ts';
import { EXIT, graverOf, isComplete } from '../exitStatus.ts';
import { GoldenCheck, readGolden } from '../golden.ts';
import { SCRIPT_FILES } from '../scriptFiles.ts';
import { createProcessWorld } from '../worlds.ts';
import type { RecordOrder } from './recordOptions.ts';

/** A run that printed something else is told on stderr, and costs exit status 1. */
export async function runAgainst(
  stage: Stage,
  { path, outPath }: RecordOrder,
  runs: number,
): Promise<number> {
  const { output } = stage;
  const golden = readGolden(outPath);
  if (typeof golden === 'string') {
    output.diagnostic(`causeway: ${golden}\n`);
    return EXIT.badLines;
  }
  const counts = golden.outputs.map(() => 0);
  let worst: number = EXIT.ok;
  for (let run = 0; run < runs; run += 1) {
    const check = new GoldenCheck(outPath, golden, false);
    const status = await runOnce(stage, path, check);
    if (!isComplete(status)) return status;
    worst = graverOf(worst, status);
    if (check.output !== undefined) counts[check.output] = (counts[check.output] ?? 0) + 1;
  }
  const others = runs - counts.reduce((a, b) => a + b, 0);
  for (const [index, { runs: simulated }] of golden.outputs.entries()) {
    const seen = counts[index] === 0 ? 'never' : `${counts[index]} of ${runs}`;
    const name = `output ${nameOf(index)}`;
    output.answer(`${name}: ${seen}; in simulation ${simulated} of ${golden.runs}\n`);
  }
  output.answer(`another output: ${others === 0 ? 'never' : `${others} of ${runs}`}\n`);
  return worst;
}

async function runOnce(stage: Stage, path: string, check: GoldenCheck): Promise<number> {
  const world = createProcessWorld();
  const script = { name: path, bytes: createReadStream(path), files: SCRIPT_FILES };
  const listener = { over: (sink: Sink): Sink => check.over(withoutAnswers(sink)) };
  try {
    return await executeScript({ ...stage, world, listener, golden: check }, script);
  } finally {
    await world.close();
  }
}

function withoutAnswers(sink: Sink): Sink {
  return { answer: () => undefined, diagnostic: (text, line) => sink.diagnostic(text, line) };
}

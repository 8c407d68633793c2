// Runs a script in simulation, or on the programs of others that it names, and records the line of
// each answer, which standard output does not show.
import { ENGINES } from '../../src/engines/registry.ts';
import { isEngine } from '../../src/kernel/engine.ts';
import { asProtocol, completeOptions, type Protocol } from '../../src/kernel/protocol.ts';
import { CommandTable } from '../../src/language/commandTable.ts';
import { Interpreter } from '../../src/language/interpreter.ts';
import { readLines } from '../../src/language/lines.ts';
import { Report } from '../../src/language/report.ts';
import { Run } from '../../src/language/run.ts';
import type { Said } from '../../src/language/transcript.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { createSimCluster } from '../../src/sim/world.ts';
import { inChunks } from '../support/runScript.ts';

const SEED = 1;
const ALL = [...PROTOCOLS, ...ENGINES];

/** The answers as standard output has them, in its order. */
export async function hearAnswers(script: Uint8Array): Promise<Said[]> {
  const said: Said[] = [];
  const sink = {
    answer: (text: string, line?: number) => said.push({ text, line }),
    diagnostic: () => undefined,
  };
  const report = new Report(sink, { isJson: false, isQuiet: true }, 'stdin');
  const protocol = PROTOCOLS[0] as Protocol;
  const run = new Run({
    createCluster: async (chosen, options) =>
      isEngine(chosen)
        ? chosen.createCluster({ protocol: chosen, options, seed: SEED })
        : createSimCluster({ protocol: asProtocol(chosen), options, seed: SEED }),
    protocols: ALL,
    protocol,
    options: completeOptions(protocol, {}),
    seed: SEED,
    report,
  });
  const table = new CommandTable(ALL);
  const interpreter = new Interpreter({ run, table, report, isStrict: false });
  for await (const lines of readLines(inChunks(script))) {
    for (const line of lines) await interpreter.do(line);
  }
  interpreter.end();
  await run.quiesce();
  await run.stop();
  return said;
}

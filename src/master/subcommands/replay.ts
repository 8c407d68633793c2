// `causeway replay`: prints the script of a seed, or a given script, with its answers, and judges
// it as the swarm does.
import { Readable } from 'node:stream';
import { listUndecided } from '../../fuzz/coverage.ts';
import { drawTestCase, withSchedule } from '../../fuzz/draw.ts';
import { createScriptLanguage } from '../../fuzz/scriptSession.ts';
import { runTwice } from '../../fuzz/search.ts';
import { type TestCase, tellFailure } from '../../fuzz/testCase.ts';
import { runTrial } from '../../fuzz/trial.ts';
import { EnvironmentError } from '../../kernel/cluster.ts';
import type { TraceSink } from '../../kernel/trace.ts';
import { type BadLine, readLines } from '../../language/lines.ts';
import { escapeControls } from '../../language/printable.ts';
import { splitScript, transcribe } from '../../language/transcript.ts';
import { NO_FAULTS } from '../../sim/faultPlan.ts';
import { formatFaults } from '../../sim/faultText.ts';
import { EXIT } from '../exitStatus.ts';
import { fileBytes } from '../fileBytes.ts';
import type { Interruption } from '../interruption.ts';
import { type JsonLinesFile, openJsonLines } from '../jsonLinesFile.ts';
import { assertReadable, whySame } from '../namedFile.ts';
import type { Output } from '../output.ts';
import type { SubcommandSetup } from '../subcommand.ts';
import { readSwarmOptions, type SwarmOptions } from './swarmOptions.ts';

const USUAL_SEED = 1;

export async function runReplay(setup: SubcommandSetup): Promise<number> {
  const { words, protocols, output, interruption } = setup;
  const options = readSwarmOptions('replay', words, protocols, output);
  if (typeof options === 'number') return options;
  const testCase = await Promise.race([readTestCase(options, output), interruption.happened]);
  if (typeof testCase === 'number') return testCase;
  const { tracePath } = options;
  if (tracePath === undefined) interruption.endAtOnce();
  const file = tracePath === undefined ? undefined : openJsonLines(tracePath, output, interruption);
  const trace = file && createSink(file, interruption);
  const status = await Promise.race([show(setup, testCase, trace), interruption.happened]);
  file?.close();
  return status;
}

/** A trial that is not awaited any more runs on until the program ends, but writes no trace. */
function createSink(file: JsonLinesFile, interruption: Interruption): TraceSink {
  return (event) => {
    if (interruption.status === undefined) file.write(event);
  };
}

/** Prints the script with the output of its lines, and the verdict. Returns the exit status. */
async function show(
  { protocols, output }: SubcommandSetup,
  testCase: TestCase,
  trace: TraceSink | undefined,
): Promise<number> {
  const language = createScriptLanguage(protocols);
  const shown = await runTrial({ language, testCase, ...(trace && { trace }) });
  output.answer(`# seed ${testCase.seed}, faults ${formatFaults(testCase.faults)}\n`);
  for (const line of transcribe(testCase.lines, shown.said)) output.answer(`${line}\n`);
  const failure = shown.failure ?? (await runTwice(language, testCase)).failure;
  const undecided = listUndecided(shown.coverage);
  const kept =
    undecided.length === 0 ? 'holds: every guarantee' : `undecided: ${undecided.join(', ')}`;
  const judged = shown.isCutShort ? 'nothing is judged: the script has not been done' : kept;
  const verdict = failure === undefined ? judged : `broken: ${tellFailure(failure)}`;
  output.answer(`replay: ${shown.events} events: ${verdict}\n`);
  if (failure !== undefined) return EXIT.broken;
  if (shown.isCutShort) return EXIT.badLines;
  return undecided.length === 0 ? EXIT.ok : EXIT.undecided;
}

/** For a script that cannot be shown: prints the reason and returns an exit status. */
async function readTestCase(options: SwarmOptions, output: Output): Promise<TestCase | number> {
  const { protocol, path, tracePath, seed = USUAL_SEED, faults = NO_FAULTS } = options;
  if (path === undefined) return withSchedule(drawTestCase(protocol, seed), options.depth);
  const say = (text: string): void => output.diagnostic(`causeway: ${escapeControls(text)}\n`);
  assertReadable(path, 'script');
  const why = tracePath && whySame(path, tracePath);
  if (why) {
    say(why);
    return EXIT.usage;
  }
  const bytes = await readScript(path);
  const spoilt = await findSpoilt(bytes);
  if (spoilt !== undefined) {
    say(`${path}:${spoilt.number}: ${spoilt.problem}: ${spoilt.why}`);
    return EXIT.badLines;
  }
  const lines = splitScript(new TextDecoder().decode(bytes));
  return withSchedule({ protocol, seed, faults, lines }, options.depth);
}

async function readScript(path: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of fileBytes(path)) parts.push(part);
    return Buffer.concat(parts);
  } catch (error) {
    throw new EnvironmentError('E_IO', `${path}: ${(error as Error).message}`);
  }
}

/** The first line that is no text, so that it can be neither shown nor run. */
async function findSpoilt(bytes: Buffer): Promise<BadLine | undefined> {
  for await (const lines of readLines(Readable.from([bytes]))) {
    for (const line of lines) {
      if ('problem' in line && line.problem !== 'E_CONTROL_CHAR') return line;
    }
  }
  return undefined;
}

// `causeway replay`: one seed's script, or one that is named, shown and judged as by the swarm.
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { type Draft, tellFailure } from '../../fuzz/draft.ts';
import { drawDraft } from '../../fuzz/draw.ts';
import { createScriptLanguage } from '../../fuzz/scriptSession.ts';
import { runTwice } from '../../fuzz/search.ts';
import { runTrial } from '../../fuzz/trial.ts';
import { EnvironmentError } from '../../kernel/cluster.ts';
import type { TraceSink } from '../../kernel/trace.ts';
import { type BadLine, readLines } from '../../language/lines.ts';
import { escapeControls } from '../../language/printable.ts';
import { NO_FAULTS } from '../../sim/faultPlan.ts';
import { formatFaults } from '../../sim/faultText.ts';
import { EXIT } from '../exitStatus.ts';
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
  const draft = await readDraft(options, output);
  if (typeof draft === 'number') return draft;
  const { tracePath } = options;
  const file = tracePath === undefined ? undefined : openJsonLines(tracePath, output, interruption);
  const trace = file && createSink(file, interruption);
  const status = await Promise.race([show(setup, draft, trace), interruption.happened]);
  file?.close();
  return status;
}

/** A trial that is not waited for any more goes on until the program ends, without the file. */
function createSink(file: JsonLinesFile, interruption: Interruption): TraceSink {
  return (event) => {
    if (interruption.status === undefined) file.write(event);
  };
}

/** Prints the script with what its lines said, and the verdict. Gives the exit status. */
async function show(
  { protocols, output }: SubcommandSetup,
  draft: Draft,
  trace: TraceSink | undefined,
): Promise<number> {
  const language = createScriptLanguage(protocols);
  const shown = await runTrial({ language, draft, ...(trace && { trace }) });
  output.answer(`# seed ${draft.seed}, faults ${formatFaults(draft.faults)}\n`);
  for (const line of transcribe(draft.lines, shown.said)) output.answer(`${line}\n`);
  const failure = shown.failure ?? (await runTwice(language, draft)).failure;
  const isKept = failure === undefined && !shown.isCutShort;
  const kept = isKept
    ? 'every promise was kept'
    : 'nothing is judged: the script has not been done';
  output.answer(`replay: ${shown.events} events: ${failure ? tellFailure(failure) : kept}\n`);
  if (failure !== undefined) return EXIT.broken;
  return isKept ? EXIT.ok : EXIT.badLines;
}

/** The script, which it still is: what each line said stands behind it as comments. */
function transcribe(lines: readonly string[], said: string): string[] {
  const saidByLine = new Map<number, string[]>();
  for (const text of said.split('\n')) {
    const [, number = 0] = /^(?:\{"line":|causeway: script:)([0-9]+)/.exec(text) ?? [];
    const texts = saidByLine.get(Number(number)) ?? [];
    saidByLine.set(Number(number), [...texts, `# ${text}`]);
  }
  return lines.flatMap((line, index) => [line, ...(saidByLine.get(index + 1) ?? [])]);
}

/** An exit status for a script that cannot be shown: it has been said why. */
async function readDraft(options: SwarmOptions, output: Output): Promise<Draft | number> {
  const { protocol, path, tracePath, seed = USUAL_SEED, faults = NO_FAULTS } = options;
  if (path === undefined) return drawDraft(protocol, seed);
  const say = (text: string): void => output.diagnostic(`causeway: ${escapeControls(text)}\n`);
  assertReadable(path, 'script');
  const why = tracePath && whySame(path, tracePath);
  if (why) {
    say(why);
    return EXIT.usage;
  }
  const bytes = readScript(path);
  const spoilt = await findSpoilt(bytes);
  if (spoilt !== undefined) {
    say(`${path}:${spoilt.number}: ${spoilt.problem}: ${spoilt.why}`);
    return EXIT.badLines;
  }
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return { protocol, seed, faults, lines };
}

function readScript(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new EnvironmentError('E_IO', `${path}: ${(error as Error).message}`);
  }
}

/** The first line that is no text, so that it cannot be shown, nor done as it stands there. */
async function findSpoilt(bytes: Buffer): Promise<BadLine | undefined> {
  for await (const lines of readLines(Readable.from([bytes]))) {
    for (const line of lines) {
      if ('problem' in line && line.problem !== 'E_CONTROL_CHAR') return line;
    }
  }
  return undefined;
}

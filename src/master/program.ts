// The program from its arguments to its exit status: chooses the scripts, the world, and the files.
import type { Readable, Writable } from 'node:stream';
import type { Design } from '../kernel/design.ts';
import { isProtocol } from '../kernel/protocol.ts';
import { escapeControls } from '../language/printable.ts';
import { type Invocation, parseCommandLine } from './commandLine.ts';
import { describeFault, toEnvironmentError } from './environmentFault.ts';
import { executeScript, type Script, type Stage } from './execute.ts';
import { EXIT, graverOf, isComplete, signalStatus } from './exitStatus.ts';
import { fileBytes } from './fileBytes.ts';
import type { Interruption } from './interruption.ts';
import { Output } from './output.ts';
import { SCRIPT_FILES } from './scriptFiles.ts';
import { onStage } from './staging.ts';
import type { SubcommandSetup } from './subcommand.ts';
import { findSubcommand, SUBCOMMANDS, type Subcommand, tellMistyped } from './subcommands.ts';

export interface Surroundings {
  /** The arguments after the program's name. */
  readonly words: readonly string[];
  readonly protocols: readonly Design[];
  readonly stdin: Readable & { readonly isTTY?: boolean; readonly fd?: number };
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly interruption: Interruption;
}

/** Returns the exit status when all output has been written and no node lives any more. */
export async function runProgram(surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, interruption } = surroundings;
  const output = new Output({ stdout, stderr }, (error) => {
    if (error.code === 'EPIPE') {
      interruption.interrupt(signalStatus('SIGPIPE'));
      return;
    }
    output.alarm(`causeway: E_IO: stdout: ${error.message}\n`);
    interruption.interrupt(EXIT.environment);
  });
  const status = await runWords(surroundings, output);
  await output.drained();
  return interruption.status ?? status;
}

async function runWords(surroundings: Surroundings, output: Output): Promise<number> {
  const { words, protocols } = surroundings;
  const subcommand = findSubcommand(words);
  if (subcommand !== undefined) {
    return runSubcommand(subcommand, { ...surroundings, words: words.slice(1), output });
  }
  const mistyped = tellMistyped(words);
  if (mistyped !== undefined) {
    output.diagnostic(`causeway: ${mistyped}\n`);
    return EXIT.usage;
  }
  const invocation = parseCommandLine(words, protocols, SUBCOMMANDS);
  return 'status' in invocation
    ? reply(output, invocation)
    : runInvocation(surroundings, invocation, output);
}

async function runSubcommand(subcommand: Subcommand, setup: SubcommandSetup): Promise<number> {
  const run = await subcommand.load();
  try {
    return await run(setup);
  } catch (error) {
    const fault = toEnvironmentError(error);
    if (fault === undefined) throw error;
    setup.output.diagnostic(describeFault(fault));
    return EXIT.environment;
  }
}

function reply(output: Output, said: { stdout: string; stderr: string; status: number }): number {
  output.answer(said.stdout);
  output.diagnostic(said.stderr);
  return said.status;
}

async function runInvocation(
  surroundings: Surroundings,
  invocation: Invocation,
  output: Output,
): Promise<number> {
  if (invocation.page !== undefined) {
    const { renderLanguageReference, renderMessages } = await import('./reference.ts');
    const isLanguage = invocation.page === 'language';
    const { protocols } = surroundings;
    const { protocol } = invocation;
    if (isLanguage) output.answer(renderLanguageReference(protocols));
    else if (isProtocol(protocol)) output.answer(renderMessages(protocol));
    else {
      output.diagnostic(`causeway: protocol ${protocol.name} has no messages of its own\n`);
      return EXIT.usage;
    }
    return EXIT.ok;
  }
  const { words, protocols, interruption, stdin } = surroundings;
  return onStage({ invocation, words, protocols, output, interruption, fd: stdin.fd }, (stage) =>
    runScripts(stage, surroundings),
  );
}

async function runScripts(stage: Stage, { stdin, stderr }: Surroundings): Promise<number> {
  const { scripts } = stage.invocation;
  if (scripts.length === 0 && stdin.isTTY) {
    const { runConsole } = await import('./console.ts');
    return runConsole(stage, { input: stdin, screen: stderr });
  }
  if (scripts.length === 0) return executeScript(stage, { name: 'stdin', bytes: stdin });
  let worst: number = EXIT.ok;
  for (const path of scripts) {
    if (scripts.length > 1) stage.output.diagnostic(headingOf(path, stage.invocation));
    const script: Script = { name: path, bytes: fileBytes(path), files: SCRIPT_FILES };
    const status = await executeScript(stage, script);
    if (!isComplete(status)) return status;
    worst = graverOf(worst, status);
    if (status === EXIT.badLines && stage.invocation.isStrict) break;
  }
  return worst;
}

/** Stands before the output of one of several scripts, as `head` and `tail` name files. */
function headingOf(path: string, { isQuiet }: Invocation): string {
  return isQuiet ? '' : `==> ${escapeControls(path)} <==\n`;
}

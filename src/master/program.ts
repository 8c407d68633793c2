// The program from its arguments to its exit status: chooses the scripts, the world, and the files.
import { createReadStream, fstatSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { EnvironmentError } from '../kernel/cluster.ts';
import type { Protocol } from '../kernel/protocol.ts';
import { CommandTable } from '../language/commandTable.ts';
import { keepCode } from '../rpc/compilation.ts';
import { type Invocation, parseCommandLine } from './commandLine.ts';
import { describeFault, toEnvironmentError } from './environmentFault.ts';
import { executeScript, reportFailure, type Script, type Stage } from './execute.ts';
import { EXIT, graverOf, isComplete, signalStatus } from './exitStatus.ts';
import type { Interruption } from './interruption.ts';
import { type JsonLinesFile, openJsonLines } from './jsonLinesFile.ts';
import { whyUnreadable } from './namedFile.ts';
import { Output } from './output.ts';
import { whyShared } from './ownFiles.ts';
import { describeReplay } from './replay.ts';
import type { SubcommandSetup } from './subcommand.ts';
import { findSubcommand, SUBCOMMANDS, type Subcommand } from './subcommands.ts';
import { createProcessWorld, createSimWorld } from './worlds.ts';

export interface Surroundings {
  /** The arguments after the program's name. */
  readonly words: readonly string[];
  readonly protocols: readonly Protocol[];
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
  const { scripts } = invocation;
  if (invocation.page !== undefined) {
    const { renderLanguageReference, renderMessages } = await import('./reference.ts');
    const isLanguage = invocation.page === 'language';
    const { protocols } = surroundings;
    output.answer(
      isLanguage ? renderLanguageReference(protocols) : renderMessages(invocation.protocol),
    );
    return EXIT.ok;
  }
  const whys =
    scripts.length > 0
      ? scripts.map((path) => whyUnreadable(path, 'script'))
      : [whyNoScript(surroundings.stdin.fd)];
  const unreadable = whys.filter((why) => why !== undefined);
  if (unreadable.length > 0) {
    const faults = unreadable.map((why) => new EnvironmentError('E_IO', why));
    output.diagnostic(faults.map(describeFault).join(''));
    return EXIT.environment;
  }
  const shared = whyShared(invocation, surroundings.stdin.fd);
  if (shared !== undefined) {
    output.diagnostic(`causeway: ${shared}\n`);
    return EXIT.usage;
  }
  const files: JsonLinesFile[] = [];
  const open = (path: string | undefined): JsonLinesFile | undefined => {
    if (path === undefined) return undefined;
    const file = openJsonLines(path, output, surroundings.interruption);
    files.push(file);
    return file;
  };
  const { isSim } = invocation;
  const stage = {
    invocation,
    protocols: surroundings.protocols,
    table: new CommandTable(surroundings.protocols),
    world: isSim ? createSimWorld(invocation.faults) : createProcessWorld(invocation),
    output,
    interruption: surroundings.interruption,
    replay: describeReplay(surroundings.words, invocation),
  };
  try {
    const [trace, history] = [open(invocation.tracePath), open(invocation.historyPath)];
    const status = await runScripts({ ...stage, trace, history }, surroundings);
    await keepCode();
    for (const file of files) file.close();
    return status;
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return reportFailure({ ...stage, trace: undefined, history: undefined }, error);
  } finally {
    await stage.world.close();
  }
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
    const script: Script = { name: path, bytes: createReadStream(path) };
    const status = await executeScript(stage, script);
    if (!isComplete(status)) return status;
    worst = graverOf(worst, status);
    if (status === EXIT.badLines && stage.invocation.isStrict) break;
  }
  return worst;
}

/** Node reads a folder on stdin as an empty file. */
function whyNoScript(fd: number | undefined): string | undefined {
  const isFolder = fd !== undefined && fstatSync(fd).isDirectory();
  return isFolder ? 'stdin is a folder, not a script' : undefined;
}

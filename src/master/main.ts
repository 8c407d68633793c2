// The master's entry point: passes the process's arguments, streams and signals to the program.
import { Console } from 'node:console';
import { ENGINES } from '../engines/registry.ts';
import { PROTOCOLS } from '../protocols/registry.ts';
import { describeFault, toEnvironmentError } from './environmentFault.ts';
import { EXIT, type Signal, signalStatus } from './exitStatus.ts';
import { Interruption, SignalFilter, SignalListeners } from './interruption.ts';
import { runProgram } from './program.ts';
import { describeLooseBug } from './replay.ts';
import { findSubcommand } from './subcommands.ts';

const protocols = [...PROTOCOLS, ...ENGINES];
const { argv, stdin, stdout, stderr } = process;
const words = argv.slice(2);
// Standard output has answers only, whatever a library writes.
globalThis.console = new Console(stderr, stderr);
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
const interruption = new Interruption(new SignalListeners(process, SIGNALS));
const filter = new SignalFilter();

/** The first signal ends the nodes before the program, a second one ends the program at once. */
function onSignal(signal: Signal): void {
  if (!filter.isNew(signal, performance.now())) return;
  const status = signalStatus(signal);
  if (interruption.status !== undefined) process.exit(status);
  interruption.interrupt(status);
}

/** Handles an error that was caught nowhere: a bug, unless it is a fault of the environment. */
function onLoose(error: unknown): number {
  const fault = toEnvironmentError(error);
  const isOfSubcommand = findSubcommand(words) !== undefined;
  stderr.write(
    fault ? describeFault(fault) : describeLooseBug(error, words, protocols, isOfSubcommand),
  );
  const status = fault ? EXIT.environment : EXIT.bug;
  interruption.interrupt(status);
  return status;
}

for (const signal of SIGNALS) process.on(signal, onSignal);
process.on('uncaughtException', onLoose);
process.on('unhandledRejection', onLoose);

const surroundings = { words, protocols, stdin, stdout, stderr };
void runProgram({ ...surroundings, interruption })
  .catch(onLoose)
  .then((status) => process.exit(status));

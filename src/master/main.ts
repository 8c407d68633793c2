// The master's entry point: hands the process's arguments, streams and signals to the program.
import { PROTOCOLS } from '../protocols/registry.ts';
import { EXIT, type Signal, signalStatus } from './exitStatus.ts';
import { Interruption } from './interruption.ts';
import { runProgram } from './program.ts';
import { describeLooseBug } from './replay.ts';

const { argv, stdin, stdout, stderr } = process;
const words = argv.slice(2);
const interruption = new Interruption();

/** The first one ends the nodes before the program, a second one ends the program at once. */
function onSignal(signal: Signal): void {
  const status = signalStatus(signal);
  if (interruption.status !== undefined) process.exit(status);
  interruption.interrupt(status);
}

function onBug(error: unknown): number {
  stderr.write(describeLooseBug(error, words, PROTOCOLS));
  interruption.interrupt(EXIT.bug);
  return EXIT.bug;
}

for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
process.on('uncaughtException', onBug);
process.on('unhandledRejection', onBug);

const surroundings = { words, protocols: PROTOCOLS, stdin, stdout, stderr };
void runProgram({ ...surroundings, interruption })
  .catch(onBug)
  .then((status) => process.exit(status));

// The interface of a subcommand.
import type { Readable } from 'node:stream';
import type { Design } from '../kernel/design.ts';
import type { Interruption } from './interruption.ts';
import type { Output } from './output.ts';

/** The parts of the program that a subcommand may use. */
export interface SubcommandSetup {
  /** The arguments after its name. */
  readonly words: readonly string[];
  readonly protocols: readonly Design[];
  readonly stdin: Readable;
  readonly output: Output;
  readonly interruption: Interruption;
}

/** Returns the exit status when no process that it started lives any more. */
export type RunSubcommand = (setup: SubcommandSetup) => Promise<number>;

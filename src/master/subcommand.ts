// What a subcommand is given, and what it gives back.
import type { Readable } from 'node:stream';
import type { Protocol } from '../kernel/protocol.ts';
import type { Interruption } from './interruption.ts';
import type { Output } from './output.ts';

/** What a subcommand may use. */
export interface SubcommandSetup {
  /** The arguments behind its name. */
  readonly words: readonly string[];
  readonly protocols: readonly Protocol[];
  readonly stdin: Readable;
  readonly output: Output;
  readonly interruption: Interruption;
}

/** Returns the exit status when nothing that it started lives any more. */
export type RunSubcommand = (setup: SubcommandSetup) => Promise<number>;

// The programs beside running a script: `causeway check FILE`, `causeway swarm`, and so on. Each is
// a line in the table, and loaded only when it is asked for.
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

export interface Subcommand {
  readonly name: string;
  /** Its arguments, as the help shows them. */
  readonly usage: string;
  /** One sentence. */
  readonly about: string;
  readonly load: () => Promise<RunSubcommand>;
}

export const SUBCOMMANDS: readonly Subcommand[] = [
  {
    name: 'grade',
    usage: 'PROTOCOL [--processes] [--seed N]',
    about: 'runs the six phases in which a chain-replicated store is graded; prints the points',
    load: async () => (await import('./subcommands/grade.ts')).runGrade,
  },
];

/** The subcommand that the arguments ask for. A script of that name is meant by `./NAME`. */
export function findSubcommand(words: readonly string[]): Subcommand | undefined {
  return SUBCOMMANDS.find(({ name }) => name === words[0]);
}

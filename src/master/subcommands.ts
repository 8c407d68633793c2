// The programs beside running a script: `causeway check FILE`, `causeway swarm`, and so on. Each is
// a line in the table, and loaded only when it is asked for.
import type { RunSubcommand } from './subcommand.ts';

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

// What a command of the script language is. The table of commands (commandTable.ts) is the one
// source of the parser, the help, the console's completion and the reference page.
import type { NodeId } from '../kernel/ids.ts';
import type { Argument } from './arguments.ts';
import { LineError } from './lineError.ts';
import type { LineReport } from './report.ts';
import type { Run } from './run.ts';
import type { WordReader } from './words.ts';

/**
 * How a command stands to `concurrently`: `inside` is welcome there, `outside` is not, `delay`
 * holds back the lines behind it, `opens` and `closes` are the block's own two words.
 */
export type BlockRole = 'inside' | 'outside' | 'delay' | 'opens' | 'closes';

/** How a line stands to others when it is done. */
export interface Turn {
  /** What `clientsOf` gave. */
  readonly clients: readonly NodeId[];
  /** Whether other lines may be done at the same time. */
  readonly isShared: boolean;
  /** Counts the lines of this command whose turn came, from 1. */
  readonly number: number;
}

/** A command with its arguments, ready to run. */
export interface Action {
  /**
   * The clients whose operations these are: one client's operations never overtake each other.
   * Throws a LineError where those that are needed do not live.
   */
  clientsOf(run: Run): readonly NodeId[];
  /** Throws a LineError before anything was done, or does all of it. */
  run(run: Run, report: LineReport, turn: Turn): Promise<void> | void;
}

export interface Command {
  readonly name: string;
  readonly usage: string;
  /** What it does, in a phrase. */
  readonly about: string;
  /** What it prints on stdout, in a phrase; empty for nothing. */
  readonly prints: string;
  readonly block: BlockRole;
  /**
   * What the lines after it mean depends on it: without it another script would run. A script ends
   * where it is refused.
   */
  readonly isGoverning: boolean;
  readonly args: readonly Argument<unknown>[];
  /** Reads the arguments. Throws a LineError. */
  bind(words: WordReader): Action;
}

type ValuesOf<A extends readonly Argument<unknown>[]> = {
  [K in keyof A]: A[K] extends Argument<infer T> ? T : never;
};

interface Definition<A extends readonly Argument<unknown>[]> {
  readonly name: string;
  readonly args: A;
  /** What the names of the arguments make unless told. */
  readonly usage?: string;
  readonly about: string;
  readonly prints?: string;
  readonly block?: BlockRole;
  readonly isGoverning?: boolean;
  /** None unless told. */
  readonly clientsOf?: (values: ValuesOf<A>, run: Run) => readonly NodeId[];
  readonly run: (
    run: Run,
    values: ValuesOf<A>,
    report: LineReport,
    turn: Turn,
  ) => Promise<void> | void;
}

export function defineCommand<const A extends readonly Argument<unknown>[]>(
  definition: Definition<A>,
): Command {
  const { name, args, about, prints = '' } = definition;
  const { block = 'inside', isGoverning = false } = definition;
  const { usage = [name, ...args.map((argument) => argument.shown)].join(' ') } = definition;
  return {
    name,
    usage,
    about,
    prints,
    block,
    isGoverning,
    args,
    bind: (words) => {
      const values = readArguments(args, words, usage) as ValuesOf<A>;
      return {
        clientsOf: (run) => definition.clientsOf?.(values, run) ?? [],
        run: (run, report, turn) => definition.run(run, values, report, turn),
      };
    },
  };
}

function readArguments(
  args: readonly Argument<unknown>[],
  words: WordReader,
  usage: string,
): unknown[] {
  try {
    const values = args.map((argument) => argument.read(words));
    if (!words.isAtEnd) throw new LineError('E_ARGS', 'too many words');
    return values;
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    throw new LineError(error.code, `${error.message}; usage: ${usage}`);
  }
}

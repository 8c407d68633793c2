// The type of a command of the script language. The parser, the help, the console's completion and
// the reference page all use the one table of commands (commandTable.ts).
import type { NodeId } from '../kernel/ids.ts';
import type { Arrivals } from './arrivals.ts';
import { LineError } from './lineError.ts';
import type { LineReport } from './report.ts';
import type { Run } from './run.ts';
import type { WordReader } from './words.ts';

/**
 * A command's role in a block of `concurrently`: `inside` is allowed there, `outside` is not,
 * `delay` delays the lines after it, `opens` and `closes` begin and end the block.
 */
export type BlockRole = 'inside' | 'outside' | 'delay' | 'opens' | 'closes';

/** What the line before, or the block before, has printed. */
export interface Answered {
  /** `line 3`. */
  readonly who: string;
  readonly lines: readonly string[];
  /** Whether it was a bad line. */
  readonly isRefused: boolean;
}

/** The context of a line when it runs. */
export interface Turn {
  /** The result of `clientsOf`. */
  readonly clients: readonly NodeId[];
  /** Whether other lines may run at the same time. */
  readonly isShared: boolean;
  /** Present if other lines that have a `check` may be under way. */
  readonly arrivals?: Arrivals;
  /** Undefined before the first line. */
  readonly before: Answered | undefined;
  /** Counts the lines of this command that have run, from 1, this one included. */
  readonly number: number;
}

/** A command with its arguments, ready to run. */
export interface Action {
  /**
   * The clients whose operations these are: the operations of one client never overlap. Throws a
   * LineError if a client that is needed is not alive.
   */
  clientsOf(run: Run): readonly NodeId[];
  /**
   * Throws a LineError if the line cannot be done now; has no effect, and `run` checks again. Only
   * lines that have it may be under way together, at the beginning of a script.
   */
  readonly check?: (run: Run) => void;
  /** Either throws a LineError before any effect, or completes the command. */
  run(run: Run, report: LineReport, turn: Turn): Promise<void> | void;
}

export interface Command {
  readonly name: string;
  readonly usage: string;
  /** What the command does, in a phrase. */
  readonly about: string;
  /** What it prints on stdout, in a phrase; empty for nothing. */
  readonly prints: string;
  readonly block: BlockRole;
  /**
   * True if the meaning of the lines after it depends on it. When such a line is refused, the
   * script ends.
   */
  readonly isGoverning: boolean;
  /** True if it shows something that can be looked at again and again. */
  readonly isQuestion: boolean;
  /** True if the answer before it is still the answer before the next line. */
  readonly keepsAnswer: boolean;
  readonly args: readonly Argument<unknown>[];
  /** Parses the arguments. Throws a LineError. `parse` reads a line inside the line. */
  bind(words: WordReader, parse?: ParseLine): Action;
}

/** A line that is neither blank nor a comment: its command, with the parsed arguments. */
export interface ParsedLine {
  readonly command: Command;
  readonly action: Action;
}

/** How the console completes an argument. */
export type Completion =
  | 'server'
  | 'client'
  | 'node'
  | 'node or master'
  | 'protocol'
  | 'option'
  | 'guarantee'
  | readonly string[];

export type CompletionRule = (before: readonly string[], ids: readonly string[]) => string[];

export interface Argument<T> {
  /** As the usage shows it: `s`, `[guarantee...]`. */
  readonly shown: string;
  /** Of a repeated argument also as a function of the words before, and of the live ids. */
  readonly completion?: Completion | CompletionRule;
  /** Takes any number of words. */
  readonly isRepeated?: boolean;
  /**
   * Parses its part of the line. Throws a LineError when it is missing or wrong. `parse` is for a
   * part that is a line itself.
   */
  read(words: WordReader, parse?: ParseLine): T;
}

/** Parses a line for the protocol that runs; undefined for a blank one. Throws a LineError. */
export type ParseLine = (text: string) => ParsedLine | undefined;

type ValuesOf<A extends readonly Argument<unknown>[]> = {
  [K in keyof A]: A[K] extends Argument<infer T> ? T : never;
};

type FirstOf<A extends readonly Argument<unknown>[]> = A[0] extends Argument<infer T> ? T : never;

interface Definition<A extends readonly Argument<unknown>[]> {
  readonly name: string;
  readonly args: A;
  /** Built from the arguments' names if absent. */
  readonly usage?: string;
  readonly about: string;
  readonly prints?: string;
  readonly block?: BlockRole;
  readonly isGoverning?: boolean;
  readonly isQuestion?: boolean;
  readonly keepsAnswer?: boolean;
  /** None if absent. */
  readonly clientsOf?: (values: ValuesOf<A>, run: Run) => readonly NodeId[];
  readonly check?: (run: Run, values: ValuesOf<A>) => void;
  readonly run: (
    run: Run,
    values: ValuesOf<A>,
    report: LineReport,
    turn: Turn,
  ) => Promise<void> | void;
}

/** A command whose arguments can be read without running it. */
export interface ReadableCommand<T> extends Command {
  /** The first argument. Throws a LineError. */
  read(words: WordReader): T;
}

export function defineCommand<const A extends readonly Argument<unknown>[]>(
  definition: Definition<A>,
): ReadableCommand<FirstOf<A>> {
  const { name, args, about, prints = '' } = definition;
  const { block = 'inside', isGoverning = false } = definition;
  const { isQuestion = false, keepsAnswer = false } = definition;
  const {
    usage = [name, ...args.map(({ shown }) => shown)].filter((part) => part !== '').join(' '),
  } = definition;
  return {
    name,
    usage,
    about,
    prints,
    block,
    isGoverning,
    isQuestion,
    keepsAnswer,
    args,
    read: (words) => readArguments(args, words, usage, undefined)[0] as FirstOf<A>,
    bind: (words, parse) => {
      const values = readArguments(args, words, usage, parse) as ValuesOf<A>;
      const { check } = definition;
      return {
        ...(check && { check: (run: Run) => check(run, values) }),
        clientsOf: (run) => definition.clientsOf?.(values, run) ?? [],
        run: (run, report, turn) => {
          assertIsThere(name, run);
          return definition.run(run, values, report, turn);
        },
      };
    },
  };
}

/** Throws a LineError for a command that the protocol lacks with the options of the run. */
function assertIsThere(name: string, { protocol, options }: Run): void {
  const why = protocol.lacksWith?.(options)[name];
  if (why === undefined) return;
  throw new LineError('E_UNSUPPORTED', `protocol ${protocol.name} has no ${name} here: ${why}`);
}

function readArguments(
  args: readonly Argument<unknown>[],
  words: WordReader,
  usage: string,
  parse: ParseLine | undefined,
): unknown[] {
  try {
    const values = args.map((argument) => argument.read(words, parse));
    if (!words.isAtEnd) throw new LineError('E_ARGS', 'too many words');
    return values;
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    throw new LineError(error.code, `${error.message}; usage: ${usage}`);
  }
}

// What a format of histories is: a reader that is fed line by line, and a writer that gives lines.
import type { History, Recorded } from '../checkers/history.ts';

/** The file, or the history, is not what the format can hold. */
export class FormatError extends Error {
  /** The line at fault in the file; of a history to be written, that of the operation at fault. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = 'FormatError';
    this.line = line;
  }
}

/** Holds no more than the operations and one unfinished form. Both methods throw FormatError. */
export interface HistoryReader {
  /** Takes the next line, without its end. Lines are numbered from 1. */
  take(text: string, line: number): void;
  /** Gives the history when all lines have been taken. */
  end(): History;
}

export interface Written {
  /** Without line ends. Gives each line once. */
  readonly lines: Iterable<string>;
  /** What the history has and the format has no place for, in plain words. */
  readonly losses: readonly string[];
}

export interface Format {
  /** What the option `--format` calls it. */
  readonly name: string;
  /** Whose it is. */
  readonly about: string;
  createReader(): HistoryReader;
  /** Throws FormatError, before any line was given, where an operation cannot be written. */
  write(history: History): Written;
}

/** What no foreign format has a place for, as far as the history has it. */
export function commonLosses(operations: readonly Recorded[]): string[] {
  const has = (isThere: (operation: Recorded) => boolean): boolean => operations.some(isThere);
  return [
    has(({ version }) => version !== null) && 'versions',
    has(({ applied }) => applied !== null) && 'what servers had applied',
    has(({ server }) => server !== null) && 'which server answered',
  ].filter((loss) => loss !== false);
}

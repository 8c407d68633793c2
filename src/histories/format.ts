// The interface of a history format: a reader that takes lines, and a writer that yields lines.
import type { History, Recorded } from '../checkers/history.ts';
import { distinctValues } from '../kernel/history.ts';

/** The file is not in the format, or the format cannot express the history. */
export class FormatError extends Error {
  /** The line with the error: of the file that is read, or of the operation that is written. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = 'FormatError';
    this.line = line;
  }
}

export interface InitialValue {
  /** Undefined for all keys that are not named. */
  readonly key: string | undefined;
  readonly value: string;
}

/** What a user names as an initial value, and is none for this history. */
export class InitialValueError extends Error {
  override readonly name = 'InitialValueError';
}

/** Stores only the operations and one unfinished form. The methods throw FormatError. */
export interface HistoryReader {
  /** Takes the next line, without its end. Lines are numbered from 1. */
  take(text: string, line: number): void;
  /**
   * Returns the history after all lines have been taken. `initial` is what keys held before it, in
   * the words of the format. Throws InitialValueError for such a value.
   */
  end(initial?: readonly InitialValue[]): History;
  /** Checks what can be told only together with what keys held before the history. */
  check?(history: History): void;
  /** What the reader had to choose, in plain words; complete after `end`. */
  readonly notes: readonly string[];
}

export interface Written {
  /** Without line ends. Can be iterated once. */
  readonly lines: Iterable<string>;
  /** What the format cannot express, in plain words. */
  readonly losses: readonly string[];
}

export interface Format {
  /** The name for the option `--format`. */
  readonly name: string;
  /** Which tool the format belongs to. */
  readonly about: string;
  createReader(): HistoryReader;
  /**
   * The text of the value that a word of the command line names; null for absence. Throws
   * InitialValueError for a word that names none.
   */
  toText(word: string): string | null;
  /** Whether a counter begins with 0, unless the user says otherwise; else it is absent. */
  readonly hasCounters?: true;
  /** Throws FormatError before yielding any line if an operation cannot be written. */
  write(history: History): Written;
}

/** Lets a foreign format refuse the operations that only Causeway's own format has. */
export function restrict(format: Format): Format {
  return {
    ...format,
    write: (history) => {
      for (const operation of history.operations) {
        const what = nameOwn(operation);
        if (what === undefined) continue;
        throw new FormatError(operation.line, `the format has no word for ${what}`);
      }
      return format.write(history);
    },
  };
}

/** What no foreign format can express; undefined for other operations. */
function nameOwn(operation: Recorded): string | undefined {
  if (operation.kind === 'pop') return 'the operation pop';
  if (operation.kind === 'append' && operation.side === 'left') return 'an append at the left';
  if (operation.kind !== 'get') return undefined;
  const isOne = distinctValues(operation.siblings ?? []).length <= 1;
  return isOne ? undefined : 'a get of several values';
}

/** The properties of this history that no foreign format can express. */
export function commonLosses(operations: readonly Recorded[]): string[] {
  const has = (isThere: (operation: Recorded) => boolean): boolean => operations.some(isThere);
  return [
    has(({ version }) => version !== null) && 'versions',
    has(({ context }) => context !== undefined) && 'causal contexts',
    has(({ applied }) => applied !== null) && 'what servers had applied',
    has(({ server }) => server !== null) && 'which server answered',
  ].filter((loss) => loss !== false);
}

// Reads a history from a file or a stream, line by line, in any of the known formats.
import type { History } from '../../checkers/index.ts';
import {
  type Format,
  FormatError,
  GUESSED_LINES,
  guessFormat,
  type HistoryReader,
  type InitialValue,
} from '../../histories/index.ts';
import { EnvironmentError } from '../../kernel/cluster.ts';
import { type BadLine, readLines } from '../../language/lines.ts';

export interface Source {
  /** The name in messages. */
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Undefined if the first lines are to tell. */
  readonly format: Format | undefined;
  /** What keys held before the history. */
  readonly initial: readonly InitialValue[];
  onGuess(format: Format): void;
  /** Takes what the reader had to choose. */
  onNote(note: string): void;
  isInterrupted(): boolean;
}

/**
 * Undefined when it was interrupted. Throws FormatError at the first line that does not fit the
 * format, and EnvironmentError if the bytes cannot be read.
 */
export async function readHistoryFile(source: Source): Promise<History | undefined> {
  const intake = new Intake(source);
  for await (const lines of readLines(readable(source))) {
    if (source.isInterrupted()) return undefined;
    for (const line of lines) {
      if ('problem' in line) throw new FormatError(line.number, describe(line));
      intake.take(line.text, line.number);
    }
  }
  return intake.end();
}

async function* readable({ name, bytes }: Source): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw new EnvironmentError('E_IO', `${name}: ${(error as Error).message}`);
  }
}

function describe({ problem, why }: BadLine): string {
  return problem === 'E_LINE_TOO_LONG' ? `a line of ${why}` : why;
}

/** Holds the first lines back until they tell the format. */
class Intake {
  readonly #source: Source;
  #reader: HistoryReader | undefined;
  #held: { readonly text: string; readonly number: number }[] = [];

  constructor(source: Source) {
    this.#source = source;
    this.#reader = source.format?.createReader();
  }

  take(text: string, number: number): void {
    if (this.#reader !== undefined) {
      this.#reader.take(text, number);
      return;
    }
    if (text.trim() === '') return;
    this.#held.push({ text, number });
    const format = guessFormat(this.#held.map((line) => line.text));
    if (format !== undefined) this.#begin(format);
    else if (this.#held.length >= GUESSED_LINES) this.#giveUp();
  }

  end(): History {
    if (this.#held.length > 0) this.#giveUp();
    if (this.#reader === undefined) return { operations: [], isTimed: true, transactions: 0 };
    const history = this.#reader.end(this.#source.initial);
    for (const note of this.#reader.notes) this.#source.onNote(note);
    return history;
  }

  #begin(format: Format): void {
    this.#source.onGuess(format);
    const reader = format.createReader();
    this.#reader = reader;
    for (const { text, number } of this.#held.splice(0)) reader.take(text, number);
  }

  #giveUp(): never {
    const line = this.#held[0]?.number ?? 1;
    throw new FormatError(line, 'no format that is known; name one with --format');
  }
}

// The different outputs of one script, and what each run of many adds to them.

/** A line of standard output, and the script's line that printed it. */
export interface PrintedLine {
  readonly line: number;
  readonly text: string;
  /** The line of the golden file that has it; absent for one that a run printed. */
  readonly writtenAt?: number;
}

export interface GoldenOutput {
  readonly lines: readonly PrintedLine[];
  /** How many runs printed this. */
  readonly runs: number;
  /** The options of the command line that give this output again: `--seed 1`. */
  readonly first: string;
}

/** What a script may print. */
export interface GoldenOutputs {
  /** All different, in the order in which they were found; at least one. */
  readonly outputs: readonly GoldenOutput[];
  /** How many runs there were. */
  readonly runs: number;
}

/** Outputs are different if their texts are, whichever lines of the script printed them. */
export class OutputCollection {
  readonly #outputByText = new Map<string, GoldenOutput>();
  #runs = 0;

  /** `repeat`: the options that give this run again. */
  add(lines: readonly PrintedLine[], repeat: string): void {
    this.#runs += 1;
    const key = textOf(lines);
    const former = this.#outputByText.get(key);
    this.#outputByText.set(key, {
      lines: former?.lines ?? lines,
      runs: (former?.runs ?? 0) + 1,
      first: former?.first ?? repeat,
    });
  }

  end(): GoldenOutputs {
    return { outputs: [...this.#outputByText.values()], runs: this.#runs };
  }
}

/** As standard output has them. */
export function textOf(lines: readonly PrintedLine[]): string {
  return lines.map(({ text }) => `${text}\n`).join('');
}

const LETTERS = 26;
const FIRST_LETTER = 'A'.charCodeAt(0);

/** The name of an output: A to Z, then AA, AB and so on. */
export function nameOf(index: number): string {
  const last = String.fromCharCode(FIRST_LETTER + (index % LETTERS));
  return index < LETTERS ? last : nameOf(Math.floor(index / LETTERS) - 1) + last;
}

/** The index of the output with that name, which consists of capital letters. */
export function indexOf(name: string): number {
  const value = (sum: number, letter: string): number =>
    sum * LETTERS + letter.charCodeAt(0) - FIRST_LETTER + 1;
  return [...name].reduce(value, 0) - 1;
}

/** `A,C-E`; ranges for three and more. */
export function nameAll(indexes: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < indexes.length; ) {
    const first = indexes[at] as number;
    let end = at + 1;
    while (indexes[end] === first + end - at) end += 1;
    const isRange = end - at > 2;
    if (isRange) parts.push(`${nameOf(first)}-${nameOf(first + end - at - 1)}`);
    else parts.push(...indexes.slice(at, end).map(nameOf));
    at = end;
  }
  return parts.join(',');
}

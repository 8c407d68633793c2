// Whether a run printed one of the outputs that a golden file has, and if not, what differs.
import { align } from './alignment.ts';
import { type GoldenOutputs, type PrintedLine, textOf } from './outputs.ts';

/** Beyond the lines that the longest output has, so many more are kept, and the rest is counted. */
const KEPT_BEYOND = 1_000;

/** A line that only one of two outputs has. */
export interface Change extends PrintedLine {
  /** `-` for a line of the golden output, `+` for one that the run printed. */
  readonly sign: '-' | '+';
}

export type Comparison =
  /** The index of the output that the run printed. */
  | { readonly isGolden: true; readonly output: number }
  | {
      readonly isGolden: false;
      /** The index of the output with the fewest changes, the first of them. */
      readonly nearest: number;
      readonly changes: readonly Change[];
      /** Lines that were printed after those which are compared. */
      readonly uncounted: number;
      /** Each line of the script printed what it did in some output, but not all in one. */
      readonly isMixture: boolean;
    };

/** Takes what a run prints, line by line. It needs no more memory than the golden file. */
export class PrintedOutput {
  readonly #golden: GoldenOutputs;
  readonly #most: number;
  readonly #lines: PrintedLine[] = [];
  #uncounted = 0;

  constructor(golden: GoldenOutputs) {
    this.#golden = golden;
    const lengths = golden.outputs.map(({ lines }) => lines.length);
    this.#most = lengths.reduce((a, b) => Math.max(a, b), 0) + KEPT_BEYOND;
  }

  add(line: PrintedLine): void {
    if (this.#lines.length < this.#most) this.#lines.push(line);
    else this.#uncounted += 1;
  }

  compare(): Comparison {
    return compareOutput(this.#golden, this.#lines, this.#uncounted);
  }
}

function compareOutput(
  golden: GoldenOutputs,
  printed: readonly PrintedLine[],
  uncounted: number,
): Comparison {
  const text = textOf(printed);
  const output = golden.outputs.findIndex(({ lines }) => textOf(lines) === text);
  if (output !== -1 && uncounted === 0) return { isGolden: true, output };
  const differences = golden.outputs.map(({ lines }) => listChanges(lines, printed));
  const fewest = differences.reduce((a, b) => (b.length < a.length ? b : a));
  const nearest = differences.indexOf(fewest);
  const isMixture = uncounted === 0 && isMixed(golden, printed);
  return { isGolden: false, nearest, changes: fewest, uncounted, isMixture };
}

/** In the order of the outputs; what is missing comes before what is there instead. */
function listChanges(golden: readonly PrintedLine[], printed: readonly PrintedLine[]): Change[] {
  const changes: Change[] = [];
  let [missing, extra] = [0, 0];
  const pairs = align(golden, printed, (a, b) => a.text === b.text);
  for (const [own, other] of [...pairs, [golden.length, printed.length] as const]) {
    for (const line of golden.slice(missing, own)) changes.push({ sign: '-', ...line });
    for (const line of printed.slice(extra, other)) changes.push({ sign: '+', ...line });
    [missing, extra] = [own + 1, other + 1];
  }
  return changes;
}

function isMixed({ outputs }: GoldenOutputs, printed: readonly PrintedLine[]): boolean {
  const own = textByLine(printed);
  const known = outputs.map(({ lines }) => textByLine(lines));
  const numbers = new Set([own, ...known].flatMap((texts) => [...texts.keys()]));
  return [...numbers].every((number) => {
    return known.some((texts) => texts.get(number) === own.get(number));
  });
}

/** All that each line of the script printed. */
function textByLine(lines: readonly PrintedLine[]): Map<number, string> {
  const texts = new Map<number, string>();
  for (const { line, text } of lines) texts.set(line, `${texts.get(line) ?? ''}${text}\n`);
  return texts;
}

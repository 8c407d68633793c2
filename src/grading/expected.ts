// Compares an output with expected ones: it has to be one of them, line by line.
import { quote } from '../language/printable.ts';

export interface ExpectedOutput {
  /** How a report names it. */
  readonly name: string;
  readonly lines: readonly string[];
}

/** The first line that differs from the expected output that agrees the longest. */
export interface Difference {
  readonly name: string;
  /** From 1. */
  readonly number: number;
  /** Undefined if the output ends before it. */
  readonly printed: string | undefined;
  /** Undefined if the output should have ended. */
  readonly expected: string | undefined;
}

/** Blanks at the end of a line, and blank lines at the end, do not count. */
export function linesOf(output: string): string[] {
  const lines = output.split('\n').map((line) => line.trimEnd());
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Undefined if the output is one of these. There is at least one. */
export function compareExpected(
  output: string,
  expected: readonly ExpectedOutput[],
): Difference | undefined {
  const lines = linesOf(output);
  const shared = expected.map((one) => countShared(lines, one.lines));
  const whole = expected.some(
    (one, index) => shared[index] === lines.length && one.lines.length === lines.length,
  );
  if (whole) return undefined;
  const best = shared.indexOf(Math.max(...shared));
  const at = shared[best] as number;
  const { name, lines: own } = expected[best] as ExpectedOutput;
  return { name, number: at + 1, printed: lines[at], expected: own[at] };
}

/** Whether an output can be the beginning of an expected one: that of the script's beginning. */
export function isBeginning(output: string, expected: readonly ExpectedOutput[]): boolean {
  const lines = linesOf(output);
  return expected.some((one) => countShared(lines, one.lines) === lines.length);
}

function countShared(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((line, index) => line !== b[index]);
  return at === -1 ? a.length : at;
}

export function tellDifference({ name, number, printed, expected }: Difference): string {
  const shown = printed === undefined ? 'the output ends' : `it printed ${quote(printed)}`;
  const wanted = expected === undefined ? 'has no such line' : `has ${quote(expected)}`;
  return `line ${number} of the output: ${shown}, ${name} ${wanted}`;
}

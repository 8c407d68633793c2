// A script of a suite with what decides about its output: the oracle, or files.
import { type GoldenFile, GoldenFileError, parseGolden } from '../language/golden/goldenFile.ts';
import { nameOf } from '../language/golden/outputs.ts';
import { splitScript } from '../language/transcript.ts';
import { compareExpected, type ExpectedOutput, isBeginning, linesOf } from './expected.ts';
import { permits } from './oracle/oracle.ts';
import { isCommand, readAssignment, ScriptError } from './oracle/script.ts';
import type { OutputJudgement } from './result.ts';
import { SuiteError, type SuiteScript } from './suite.ts';

/** The name and the text of a file. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** A file with this ending has all outputs that `record` has found. */
const GOLDEN = '.golden';

export class GradedScript {
  readonly spec: SuiteScript;
  readonly text: string;
  readonly #lines: readonly string[];
  /** The numbers of the lines that are commands. */
  readonly #commandLines: readonly number[];
  readonly #expected: readonly ExpectedOutput[];

  /** `files` are the expected outputs. Throws a SuiteError. */
  constructor(spec: SuiteScript, text: string, files: readonly NamedText[]) {
    this.spec = spec;
    this.text = text;
    this.#lines = splitScript(text.replace(/^\ufeff/, ''));
    this.#commandLines = this.#lines.flatMap((line, index) => (isCommand(line) ? [index + 1] : []));
    this.#expected = files.flatMap(readExpected);
    if (this.commandCount === 0) throw new SuiteError(`${spec.file}: it has no command`);
    if (files.length === 0) this.#read(this.commandCount);
  }

  get commandCount(): number {
    return this.#commandLines.length;
  }

  get lineCount(): number {
    return this.#lines.length;
  }

  /** The line of the file that has the last of the first `commands`. */
  lineOf(commands: number): number {
    return this.#commandLines[commands - 1] ?? 0;
  }

  /** How many commands there are up to a line. */
  commandsUpTo(line: number): number {
    return this.#commandLines.filter((number) => number <= line).length;
  }

  /** What a master reads: the first commands, without comments, which the assignment has not. */
  input(commands = this.commandCount): string {
    const lines = this.#commandLines.slice(0, commands);
    return lines.map((number) => `${(this.#lines[number - 1] ?? '').trim()}\n`).join('');
  }

  judge(output: string): OutputJudgement {
    if (this.#expected.length === 0) return permits(this.#read(this.commandCount), output);
    const difference = compareExpected(output, this.#expected);
    return difference === undefined
      ? { outcome: 'permitted' }
      : { outcome: 'different', difference };
  }

  /** Whether the first commands may print this. */
  permitsBeginning(commands: number, output: string): boolean {
    if (this.#expected.length > 0) return isBeginning(output, this.#expected);
    return permits(this.#read(commands), output).outcome !== 'refused';
  }

  #read(commands: number) {
    try {
      return readAssignment(this.#lines.slice(0, this.lineOf(commands)).join('\n'));
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      throw new SuiteError(`${this.spec.file}:${error.line}: ${error.message}`);
    }
  }
}

function readExpected({ name, text: whole }: NamedText): ExpectedOutput[] {
  const text = whole.replace(/^\ufeff/, '');
  if (!name.endsWith(GOLDEN)) return [{ name, lines: linesOf(text) }];
  return readGolden(name, text).outputs.map(({ lines }, index) => ({
    name: `output ${nameOf(index)} of ${name}`,
    lines: linesOf(lines.map((line) => line.text).join('\n')),
  }));
}

function readGolden(name: string, text: string): GoldenFile {
  try {
    return parseGolden(text);
  } catch (error) {
    if (!(error instanceof GoldenFileError)) throw error;
    throw new SuiteError(`${name}:${error.line}: ${error.message}`);
  }
}

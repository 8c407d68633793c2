// The outputs of a script as a text that people read and compare: each line once, with the names of
// the outputs that have it.
import { escapeControls } from '../printable.ts';
import type { GoldenOutput, GoldenOutputs, PrintedLine } from './outputs.ts';
import { indexOf, nameAll, nameOf } from './outputs.ts';
import { mergeOutputs, type Row } from './rows.ts';

/** What the file has besides the outputs. */
export interface Recorded {
  /** The name of the script, without its folder. */
  readonly name: string;
  /** Its lines. */
  readonly script: readonly string[];
  /** The options that all runs had; an empty text for the usual ones. */
  readonly options: string;
}

/** Each of its lines says where the file has it. */
export interface GoldenFile extends GoldenOutputs, Pick<Recorded, 'options'> {}

const SHOWN_CHARACTERS = 80;

/** One line each, without its end. */
export function formatGolden(
  { outputs, runs }: GoldenOutputs,
  { name, script, options }: Recorded,
): string[] {
  const rows = mergeOutputs(outputs.map(({ lines }) => lines));
  const lines = [
    `# What ${escapeControls(name)} printed in simulation, by the subcommand record.`,
    '# A line after > is in every output, one after A> in output A.',
    ...(options === '' ? [] : [`options: ${options}`]),
    ...outputs.map(({ runs: own, first }, index) => {
      return `${nameOf(index)}: ${own} of ${runs} runs, the first with ${first}`;
    }),
  ];
  for (const [at, row] of rows.entries()) {
    if (row.line !== rows[at - 1]?.line) lines.push('', headingOf(row, script));
    lines.push(formatRow(row, outputs.length));
  }
  return lines;
}

function headingOf({ line }: Row, script: readonly string[]): string {
  const text = escapeControls(script[line - 1] ?? '').trim();
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
  return `${line}: ${shown}`.trimEnd();
}

function formatRow({ text, of }: Row, count: number): string {
  const names = of.length === count ? '' : nameAll(of);
  return text === '' ? `${names}>` : `${names}> ${text}`;
}

/** A line of the file that is of no known form. */
export class GoldenFileError extends Error {
  readonly line: number;

  constructor(line: number, why: string) {
    super(why);
    this.line = line;
  }
}

const COMMENT = /^(?:#|[ \t]*$)/;
const OUTPUT = /^([A-Z]{1,4}): ([0-9]{1,9}) of ([0-9]{1,9}) runs, the first with (.+)$/;
const OPTIONS = /^options: (.+)$/;
const HEADING = /^([0-9]{1,9}):/;
const ROW = /^([A-Z,-]*)>(?: (.*))?$/s;
const NAMES = /^([A-Z]{1,4})(?:-([A-Z]{1,4}))?$/;

/** Throws GoldenFileError. Comments and blank lines mean nothing. */
export function parseGolden(text: string): GoldenFile {
  const reader = new GoldenReader();
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const [at, line] of lines.entries()) reader.take(line.replace(/\r$/, ''), at + 1);
  return reader.end(lines.length);
}

class GoldenReader {
  readonly #outputs: (Omit<GoldenOutput, 'lines'> & { readonly lines: PrintedLine[] })[] = [];
  #runs = 0;
  #line = 0;
  #hasRows = false;
  #options: string | undefined;

  take(text: string, number: number): void {
    if (COMMENT.test(text)) return;
    const [, name, own, runs, first] = OUTPUT.exec(text) ?? [];
    if (name !== undefined) {
      if (this.#hasRows) throw new GoldenFileError(number, 'outputs are named before all lines');
      const expected = nameOf(this.#outputs.length);
      if (name !== expected) throw new GoldenFileError(number, `the next output is ${expected}`);
      this.#outputs.push({ lines: [], runs: Number(own), first: first as string });
      this.#runs = Number(runs);
      return;
    }
    const [, options] = OPTIONS.exec(text) ?? [];
    if (options !== undefined) {
      if (this.#outputs.length > 0 || this.#options !== undefined) {
        throw new GoldenFileError(number, 'the options stand in one line, before all outputs');
      }
      this.#options = options;
      return;
    }
    const [, line] = HEADING.exec(text) ?? [];
    if (line !== undefined) this.#line = Number(line);
    else this.#takeRow(text, number);
  }

  end(number: number): GoldenFile {
    if (this.#outputs.length === 0) throw new GoldenFileError(number, 'no output is named');
    return { outputs: this.#outputs, runs: this.#runs, options: this.#options ?? '' };
  }

  #takeRow(text: string, number: number): void {
    const [row, names = '', printed = ''] = ROW.exec(text) ?? [];
    if (row === undefined) throw new GoldenFileError(number, 'neither an output nor a line of one');
    this.#hasRows = true;
    const chosen = names === '' ? [...this.#outputs.keys()] : this.#choose(names, number);
    const line = { line: this.#line, text: printed, writtenAt: number };
    for (const index of chosen) this.#outputs[index]?.lines.push(line);
  }

  #choose(names: string, number: number): number[] {
    const chosen = new Set<number>();
    for (const part of names.split(',')) {
      const [, first, last = first] = NAMES.exec(part) ?? [];
      const [from, to] = [indexOf(first ?? ''), indexOf(last ?? '')];
      if (first === undefined || to < from || to >= this.#outputs.length) {
        throw new GoldenFileError(number, `no output is named ${part}`);
      }
      for (let index = from; index <= to; index += 1) chosen.add(index);
    }
    return [...chosen];
  }
}

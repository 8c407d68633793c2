// `--golden FILE`: whether a run printed one of the outputs that the file has.
import { type Comparison, PrintedOutput } from '../language/golden/comparison.ts';
import { type GoldenFile, GoldenFileError, parseGolden } from '../language/golden/goldenFile.ts';
import { nameAll, nameOf } from '../language/golden/outputs.ts';
import { escapeControls } from '../language/printable.ts';
import type { Report, Sink } from '../language/report.ts';
import { EXIT } from './exitStatus.ts';
import { readWhole } from './readWhole.ts';

/** The code of an output that the file has not. */
export const NOT_GOLDEN = 'E_GOLDEN';
const SHOWN_CHANGES = 20;

/**
 * If the file is malformed, returns where and why. Throws EnvironmentError if it cannot be read, or
 * is too large.
 */
export async function readGolden(path: string): Promise<GoldenFile | string> {
  const text = (await readWhole(path)).toString();
  try {
    return parseGolden(text);
  } catch (error) {
    if (!(error instanceof GoldenFileError)) throw error;
    return escapeControls(`${path}:${error.line}: ${error.message}`);
  }
}

/** Says that a run has other options than those which were recorded; undefined if it has not. */
export function whyOther(path: string, recorded: string, own: string): string | undefined {
  if (recorded === own) return undefined;
  const nameOptions = (options: string): string => options || 'the usual options';
  return `${path} was recorded with ${nameOptions(recorded)}; this run has ${nameOptions(own)}`;
}

interface Judged {
  readonly isSim: boolean;
  /** As describeRunOptions tells them. */
  readonly options: string;
}

/** Hears what one run prints, and compares it at its end. */
export class GoldenCheck {
  readonly #path: string;
  readonly #golden: GoldenFile;
  readonly #printed: PrintedOutput;
  readonly #judged: Judged;
  #output: number | undefined;
  #isConcluded = false;

  constructor(path: string, golden: GoldenFile, judged: Judged) {
    this.#path = path;
    this.#golden = golden;
    this.#printed = new PrintedOutput(golden);
    this.#judged = judged;
  }

  /** The index of the output that the run printed; undefined for another, and before the end. */
  get output(): number | undefined {
    return this.#output;
  }

  /** False for a run that did not come to its end. */
  get isConcluded(): boolean {
    return this.#isConcluded;
  }

  over(sink: Sink): Sink {
    return {
      answer: (text, line = 0) => {
        this.#printed.add({ line, text: text.replace(/\n$/, '') });
        sink.answer(text, line);
      },
      diagnostic: (text, line) => sink.diagnostic(text, line),
    };
  }

  /** Says the result; returns the exit status. */
  conclude(report: Report): number {
    this.#isConcluded = true;
    const other = whyOther(this.#path, this.#golden.options, this.#judged.options);
    if (other !== undefined) report.note(other);
    const comparison = this.#printed.compare();
    const title = `prints an output of ${this.#path}`;
    if (!comparison.isGolden) {
      const lines = this.#tellChanges(comparison, report);
      report.find({ title, outcome: 'broken', text: lines.join('\n') });
      return EXIT.broken;
    }
    report.find({ title, outcome: 'held', text: '' });
    this.#output = comparison.output;
    const { outputs } = this.#golden;
    if (outputs.length === 1) return EXIT.ok;
    const others = [...outputs.keys()].filter((index) => index !== comparison.output);
    const own = nameOf(comparison.output);
    report.note(`this is output ${own} of ${this.#path}; not seen: ${nameAll(others)}`);
    return EXIT.ok;
  }

  /** Returns the differences in lines, for a reader who sees nothing else. */
  #tellChanges(comparison: Comparison & { isGolden: false }, report: Report): string[] {
    const { nearest, changes, uncounted, isMixture } = comparison;
    const { outputs, runs } = this.#golden;
    const what = this.#judged.isSim
      ? `this is no output of ${this.#path}`
      : `the simulation never printed this in the ${runs} runs of ${this.#path}`;
    const name = `${nameOf(nearest)} (${outputs[nearest]?.runs} of ${runs} runs)`;
    const lead = `${what}; the nearest output is ${name}:`;
    report.conclude([`${NOT_GOLDEN}: ${lead}`], {});
    const shown = changes.slice(0, SHOWN_CHANGES);
    for (const { sign, line, text, writtenAt } of shown) {
      if (writtenAt !== undefined) {
        report.outcomeIn(this.#path, writtenAt, NOT_GOLDEN, `${sign}${text}`);
      } else if (line === 0) report.conclude([`${NOT_GOLDEN}: ${sign}${text}`], {});
      else report.forLine({ number: line }).outcome(NOT_GOLDEN, `${sign}${text}`);
    }
    const more = changes.length - SHOWN_CHANGES + uncounted;
    const others = more > 0 ? [`and ${more} more lines`] : [];
    for (const text of others) report.conclude([`${NOT_GOLDEN}: ${text}`], {});
    if (isMixture) {
      const why = 'each line printed what it did in some output, but never all of them together';
      report.note(`${why}: this may be chance; record more seeds`);
    }
    const told = shown.map(({ sign, line, text }) => {
      return line === 0 ? `${sign}${text}` : `line ${line}: ${sign}${text}`;
    });
    return [lead, ...told, ...others];
  }
}

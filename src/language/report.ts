// The output of a run: answers for stdout, diagnostics and notes for stderr. Commands write to a
// LineReport, which hides where the text goes and when.
import type { Json } from '../kernel/json.ts';
import type { Finding } from './finding.ts';
import type { Place } from './lines.ts';
import { escapeControls } from './printable.ts';

/** The two output streams of a run. `line` is the script's line that a text concerns, if any. */
export interface Sink {
  answer(text: string, line?: number): void;
  diagnostic(text: string, line?: number): void;
}

export interface ReportStyle {
  /** Answers as JSON lines. */
  readonly isJson: boolean;
  /** No notes. Errors are still printed. */
  readonly isQuiet: boolean;
  /** One of several scripts: its JSON lines have its name. */
  readonly isNamed?: boolean;
  /** Called for every claim of the script that was looked at, and for bad lines. */
  readonly onFinding?: (finding: Finding) => void;
}

/** The output of the master about one line of a script. */
export interface LineReport {
  readonly line: number;
  /** Prints an answer: as lines of text, or as one JSON object with the same content. */
  print(lines: readonly string[], fields: { readonly [field: string]: Json }): void;
  /** Says how a command ended when there is no answer to print. The line is not bad for that. */
  note(text: string): void;
  /** Says an outcome that has a code. The line is not bad for that. */
  outcome(code: string, text: string): void;
  /** Says why the line had no effect. */
  error(code: string, text: string): void;
  /** Tells what a claim of the line came to, to those who hear findings; prints nothing. */
  find(finding: Omit<Finding, 'place'>): void;
}

interface Hearing {
  readonly sink?: Sink;
  readonly heard?: string[] | undefined;
}

/** The report of a line whose output is heard and not passed on. */
export function hearOnly(line: number, heard: string[]): LineReport {
  const ignore = (): void => undefined;
  return {
    line,
    print: (lines) => {
      for (const text of lines) heard.push(escapeControls(text));
    },
    note: ignore,
    outcome: ignore,
    error: ignore,
    find: ignore,
  };
}

export class Report {
  readonly #sink: Sink;
  readonly #style: ReportStyle;
  readonly #source: string;

  /** `source` is the script's name in diagnostics: `stdin`, or a file's. */
  constructor(sink: Sink, style: ReportStyle, source: string) {
    this.#sink = sink;
    this.#style = style;
    this.#source = escapeControls(source);
  }

  /** A note that no line caused. */
  note(text: string): void {
    if (!this.#style.isQuiet) this.#sink.diagnostic(`causeway: note: ${escapeControls(text)}\n`);
  }

  /** A warning that no line caused; `--quiet` does not suppress it. */
  warn(text: string): void {
    this.#sink.diagnostic(`causeway: warning: ${escapeControls(text)}\n`);
  }

  /** Prints the answer to the command line about the whole run; `--quiet` does not suppress it. */
  conclude(lines: readonly string[], fields: { readonly [field: string]: Json }): void {
    const texts = this.#style.isJson
      ? [JSON.stringify({ script: this.#source, ...fields })]
      : lines.map((text) => `causeway: ${this.#source}: ${escapeControls(text)}`);
    for (const text of texts) this.#sink.diagnostic(`${text}\n`);
  }

  /** Tells what a claim about the whole run came to, to those who hear findings. */
  find(finding: Omit<Finding, 'place'>): void {
    this.#style.onFinding?.(finding);
  }

  /** Says an outcome whose place is a line of another file. `--quiet` does not suppress it. */
  outcomeIn(file: string, line: number, code: string, text: string): void {
    const place = `${escapeControls(file)}:${line}`;
    this.#sink.diagnostic(`causeway: ${place}: ${code}: ${escapeControls(text)}\n`);
  }

  /** The name of a place: `stdin:3`. */
  nameOf({ number, origin }: Place): string {
    if (origin === undefined) return `${this.#source}:${number}`;
    return `${escapeControls(origin.file)}:${origin.number}`;
  }

  /** `heard` receives the lines that are printed. */
  forLine(where: Place, { sink = this.#sink, heard }: Hearing = {}): LineReport {
    const { number: line, origin } = where;
    const name = this.nameOf(where);
    const script = this.#style.isNamed ? { script: this.#source } : {};
    const place = { ...script, line, ...(origin !== undefined && { at: name }) };
    const say = (code: string, text: string, more = ''): void => {
      sink.diagnostic(`causeway: ${name}: ${code}: ${escapeControls(text)}${more}\n`, line);
    };
    const chain = origin && ` (included at ${escapeControls(origin.includedAt.join(', '))})`;
    const find: LineReport['find'] = (finding) => {
      const { file = this.#source, number = line } = origin ?? {};
      this.#style.onFinding?.({ ...finding, place: { file, line: number } });
    };
    return {
      line,
      print: (lines, fields) => {
        const printed = lines.map(escapeControls);
        for (const text of printed) heard?.push(text);
        if (this.#style.isJson) sink.answer(`${JSON.stringify({ ...place, ...fields })}\n`, line);
        else for (const text of printed) sink.answer(`${text}\n`, line);
      },
      note: (text) => {
        if (!this.#style.isQuiet) say('note', text);
      },
      outcome: say,
      error: (code, text) => {
        say(code, text, chain);
        find({ title: code, outcome: 'refused', text });
      },
      find,
    };
  }

  /** Passes on all text that a HeldSink holds. */
  release(held: HeldSink): void {
    held.releaseTo(this.#sink);
  }
}

/** Holds a line's output until its turn comes, for lines that run at once. */
export class HeldSink implements Sink {
  readonly #held: (readonly ['answer' | 'diagnostic', string, number | undefined])[] = [];

  answer(text: string, line?: number): void {
    this.#held.push(['answer', text, line]);
  }

  diagnostic(text: string, line?: number): void {
    this.#held.push(['diagnostic', text, line]);
  }

  releaseTo(sink: Sink): void {
    for (const [stream, text, line] of this.#held.splice(0)) sink[stream](text, line);
  }
}

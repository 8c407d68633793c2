// Splits a script's bytes into lines. It works on bytes because a script is untrusted input: it may
// be endless, contain no newline, be no text at all, or end in the middle of a value.
import type { LineErrorCode } from './lineError.ts';

/** The maximum bytes of one line, without its end. */
export const LINE_BYTES = 1024 * 1024;

/** A line of another file, which the script includes. */
export interface Origin {
  readonly file: string;
  readonly number: number;
  /** Where the file is included, from the inside out: `setup.txt:3`. */
  readonly includedAt: readonly string[];
}

/** Where a line is. */
export interface Place {
  /** In the script itself; of an included line, that of the `include`. */
  readonly number: number;
  /** Absent for the script's own lines. */
  readonly origin?: Origin;
}

export interface TextLine extends Place {
  readonly text: string;
  /** An `include` whose lines follow: nothing is left to do. */
  readonly isIncluded?: true;
}

/** A line that cannot be read. No line follows a fatal one: the rest is no text either. */
export interface BadLine extends Place {
  readonly problem: LineErrorCode;
  readonly why: string;
  readonly isFatal: boolean;
  /** The readable part of the line, to tell which command was meant. */
  readonly legible?: string;
}

export type ScriptLine = TextLine | BadLine;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const TAB = 0x09;

/** Unicode's control characters, except the tab. */
const CONTROL = /[^\P{Cc}\t]/u;
/** In UTF-8, U+0080 to U+009F, all control characters, are this byte and one below `NO_CONTROL`. */
const HIGH_CONTROL = 0xc2;
const NO_CONTROL = 0xa0;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;
const UTF16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
] as const;
/** A byte order mark in the middle of a text is a character like any other. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Decodes the readable part of a bad line: other bytes become U+FFFD. */
const LENIENT_UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
const FIRST_PART_BYTES = 4096;

/**
 * The lines of a stream, in the batches in which its bytes arrive. So the caller can look ahead at
 * lines that are there already, without waiting for later ones. Reads more bytes only when the
 * batch was consumed, and holds at most one line and one chunk: memory stays constant on endless
 * input.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ScriptLine[]> {
  const cutter = new LineCutter();
  for await (const chunk of chunks) {
    const lines = cutter.cut(chunk);
    if (lines.length > 0) yield lines;
    if (cutter.isOver) return;
  }
  const last = cutter.end();
  if (last.length > 0) yield last;
}

/** Holds the beginning of a line whose end has not arrived yet. */
class LineCutter {
  #number = 0;
  /** The bytes so far of the current line. Grows by doubling, so that the total cost is linear. */
  #part = new Uint8Array(FIRST_PART_BYTES);
  #partBytes = 0;
  /** True after a line was reported as too long, until its end. */
  #isSkipping = false;
  #isOver = false;

  /** True when a fatal line was found. */
  get isOver(): boolean {
    return this.#isOver;
  }

  cut(chunk: Uint8Array): ScriptLine[] {
    const nul = chunk.indexOf(0);
    if (nul === -1) return this.#cutText(chunk);
    const lines = this.#cutText(chunk.subarray(0, nul));
    if (this.#isOver) return lines;
    lines.push(this.#fatal('a NUL byte: this is no UTF-8 text (is it UTF-16, or a binary file?)'));
    return lines;
  }

  /** The last line, if no newline ended it. */
  end(): ScriptLine[] {
    if (this.#partBytes === 0) return [];
    return [this.#finish(this.#takePart())];
  }

  #cutText(chunk: Uint8Array): ScriptLine[] {
    const lines: ScriptLine[] = [];
    let start = 0;
    let hasWhole = true;
    while (start < chunk.length && !this.#isOver) {
      const isBetween = this.#number > 0 && this.#partBytes === 0 && !this.#isSkipping;
      if (isBetween && hasWhole) {
        hasWhole = false;
        start = this.#takeWhole(chunk, start, lines);
        continue;
      }
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) {
        this.#keep(chunk.subarray(start), lines);
        break;
      }
      this.#endLine(chunk.subarray(start, end), lines);
      start = end + 1;
    }
    return lines;
  }

  /**
   * Takes all whole lines at once, which is faster; returns where they end. Takes none if one of
   * them is bad: then each is to be read alone.
   */
  #takeWhole(chunk: Uint8Array, start: number, lines: ScriptLine[]): number {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end <= start || end - start > LINE_BYTES) return start;
    if (hasControls(chunk, start, end)) return start;
    const text = decode(chunk.subarray(start, end));
    if (text === undefined) return start;
    for (let from = 0; from < text.length; ) {
      const next = text.indexOf('\n', from);
      const hasReturn = text.charCodeAt(next - 1) === RETURN && next > from;
      this.#number += 1;
      lines.push({ number: this.#number, text: text.slice(from, hasReturn ? next - 1 : next) });
      from = next + 1;
    }
    return end;
  }

  #endLine(rest: Uint8Array, lines: ScriptLine[]): void {
    if (this.#isSkipping) {
      this.#isSkipping = false;
      return;
    }
    if (this.#partBytes === 0) {
      lines.push(this.#finish(rest));
      return;
    }
    this.#keep(rest, lines);
    if (this.#isSkipping) this.#isSkipping = false;
    else lines.push(this.#finish(this.#takePart()));
  }

  #keep(bytes: Uint8Array, lines: ScriptLine[]): void {
    if (this.#isSkipping) return;
    const size = this.#partBytes + bytes.length;
    // One byte more than a line may have, because a return before the newline does not count.
    if (size > LINE_BYTES + 1) {
      this.#takePart();
      this.#isSkipping = true;
      this.#number += 1;
      lines.push(tooLong(this.#number));
      return;
    }
    if (size > this.#part.length) {
      const grown = new Uint8Array(Math.min(2 * size, LINE_BYTES + 1));
      grown.set(this.#part.subarray(0, this.#partBytes));
      this.#part = grown;
    }
    this.#part.set(bytes, this.#partBytes);
    this.#partBytes = size;
  }

  #takePart(): Uint8Array {
    const part = this.#part.subarray(0, this.#partBytes);
    this.#partBytes = 0;
    return part;
  }

  #finish(bytes: Uint8Array): ScriptLine {
    this.#number += 1;
    const number = this.#number;
    let start = 0;
    if (number === 1) {
      if (UTF16_MARKS.some((mark) => beginsWith(bytes, mark))) {
        this.#number = 0;
        return this.#fatal('the mark of UTF-16: only UTF-8 text is read');
      }
      if (beginsWith(bytes, BYTE_ORDER_MARK)) start = BYTE_ORDER_MARK.length;
    }
    const hasReturn = bytes.length > start && bytes[bytes.length - 1] === RETURN;
    return readLine(number, bytes, start, hasReturn ? bytes.length - 1 : bytes.length);
  }

  #fatal(why: string): BadLine {
    this.#isOver = true;
    // The line that is being skipped has its number already.
    if (!this.#isSkipping) this.#number += 1;
    return { number: this.#number, problem: 'E_ENCODING', why, isFatal: true };
  }
}

function readLine(number: number, bytes: Uint8Array, start: number, end: number): ScriptLine {
  if (end - start > LINE_BYTES) return tooLong(number);
  const text = decode(bytes.subarray(start, end));
  if (text !== undefined) return checkText(number, text);
  const legible = LENIENT_UTF8.decode(bytes.subarray(start, end));
  return { number, problem: 'E_ENCODING', why: 'not valid UTF-8', isFatal: false, legible };
}

/** Whether whole lines have a control character. A return may stand before a newline. */
function hasControls(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte >= 0x20) {
      if (byte < 0x7f) continue;
      if (byte === 0x7f) return true;
      if (byte === HIGH_CONTROL && (bytes[at + 1] as number) < NO_CONTROL) return true;
    } else if (byte !== NEWLINE && byte !== TAB) {
      if (byte !== RETURN || bytes[at + 1] !== NEWLINE) return true;
    }
  }
  return false;
}

/** Undefined for bytes that are not UTF-8. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

function beginsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}

/** Checks a line that a user typed: it is text already, and short. */
export function checkText(number: number, text: string): ScriptLine {
  const at = text.search(CONTROL);
  if (at === -1) return { number, text };
  const code = text.charCodeAt(at).toString(16).padStart(2, '0');
  const why = `the control character \\x${code}, at character ${at + 1} of the line`;
  return { number, problem: 'E_CONTROL_CHAR', why, isFatal: false, legible: text };
}

function tooLong(number: number): BadLine {
  return {
    number,
    problem: 'E_LINE_TOO_LONG',
    why: `more than ${LINE_BYTES} bytes`,
    isFatal: false,
  };
}

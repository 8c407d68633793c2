// Turns the lines of a script into those that are run: repeats blocks, and puts values in the place
// of names. Purely a matter of text: no answer of the run has an influence on it.
//
// A line is passed on as soon as it is complete, because a script may come from a pipe. Only the
// lines of a `repeat` are held, until its `end`.
import { utf8BytesOf } from '../kernel/limits.ts';
import { end } from './commands/blocks.ts';
import {
  letCommand,
  OPENERS,
  REPEATED_LINES,
  type Repetition,
  repeat,
} from './commands/directives.ts';
import { LineError } from './lineError.ts';
import { type BadLine, LINE_BYTES, type ScriptLine, type TextLine } from './lines.ts';
import { quote } from './printable.ts';
import { WordReader } from './words.ts';

const HELD_LINES = 10_000;
const NAMES = 10_000;
const DIRECTIVE = /^[ \t]*(?:repeat|let)(?:[ \t]|$)/;
const COMMENT = /^[ \t]*#/;
/** `$$`, `${name}` or `$name`; any other `$` is a character like any other. */
const NAMED = /\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g;

/** A `repeat` whose `end` has not come yet. */
interface Held {
  readonly opening: TextLine;
  readonly repetition: Repetition;
  readonly lines: TextLine[];
  /** How many blocks are open, this one included. */
  depth: number;
}

export class Expander {
  /** Undefined before the first `let`: until then `$` is a character like any other. */
  #values: Map<string, string> | undefined;
  #held: Held | undefined;
  /** How many lines the outermost `repeat` may still stand for; undefined outside of one. */
  #left: number | undefined;

  /** True between `repeat` and its `end`. */
  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  /** True for a line that `take` would pass on as it is. */
  isPlain(line: ScriptLine): boolean {
    if ('problem' in line) return true;
    return this.#held === undefined && this.#values === undefined && !DIRECTIVE.test(line.text);
  }

  /** The lines to run in its place; a bad line where it is refused. */
  *take(line: ScriptLine): Generator<ScriptLine> {
    if ('problem' in line) {
      yield line;
      return;
    }
    try {
      const held = this.#held;
      if (held !== undefined) yield* this.#hold(held, line);
      else yield* this.#expand(line);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      yield toBad(line, error);
    }
  }

  /** To be called once, after the last line. */
  *end(): Generator<ScriptLine> {
    if (this.#held === undefined) return;
    const error = new LineError('E_ARGS', 'no end follows: the block was not run');
    yield { ...toBad(this.#held.opening, error), isFatal: true };
    this.#held = undefined;
  }

  *#expand(line: TextLine): Generator<ScriptLine> {
    const text = this.#replaceNames(line.text);
    const words = new WordReader(text);
    switch (DIRECTIVE.test(line.text) ? words.next() : undefined) {
      case letCommand.name: {
        const { name, value } = letCommand.read(words);
        this.#set(name, value);
        break;
      }
      case repeat.name:
        this.#held = { opening: line, repetition: repeat.read(words), lines: [], depth: 1 };
        break;
      default:
        yield text === line.text ? line : { ...line, text };
    }
  }

  *#hold(held: Held, line: TextLine): Generator<ScriptLine> {
    const words = new WordReader(line.text);
    const name = words.next() ?? '';
    if (OPENERS.includes(name)) held.depth += 1;
    if (name === end.name) held.depth -= 1;
    if (held.depth > 0) {
      if (held.lines.length < HELD_LINES) held.lines.push(line);
      else throw new LineError('E_LIMIT', `${HELD_LINES} lines are the most in one block`);
      return;
    }
    this.#held = undefined;
    end.bind(words);
    yield* this.#repeat(held);
  }

  *#repeat({ repetition: { count, name }, lines }: Held): Generator<ScriptLine> {
    const isOutermost = this.#left === undefined;
    this.#left ??= REPEATED_LINES;
    try {
      for (let round = 1; round <= count; round += 1) {
        this.#spend();
        if (name !== undefined) this.#set(name, String(round));
        for (const line of lines) {
          this.#spend();
          yield* this.take(line);
        }
      }
    } finally {
      if (isOutermost) this.#left = undefined;
    }
  }

  /** Counts a line or a round: also a round without lines takes time. */
  #spend(): void {
    this.#left = (this.#left ?? 0) - 1;
    if (this.#left >= 0) return;
    throw new LineError('E_LIMIT', `${REPEATED_LINES} lines are the most for one repeat`);
  }

  #set(name: string, value: string): void {
    this.#values ??= new Map();
    if (this.#values.size >= NAMES && !this.#values.has(name)) {
      throw new LineError('E_LIMIT', `${NAMES} names are the most`);
    }
    this.#values.set(name, value);
  }

  /** Throws a LineError for a name without a value, and for a line that becomes too long. */
  #replaceNames(text: string): string {
    const values = this.#values;
    if (values === undefined || !text.includes('$') || COMMENT.test(text)) return text;
    const parts: string[] = [];
    let bytes = 0;
    let from = 0;
    const add = (part: string): void => {
      bytes += utf8BytesOf(part);
      if (bytes > LINE_BYTES) {
        throw new LineError('E_LINE_TOO_LONG', `more than ${LINE_BYTES} bytes, with its values`);
      }
      parts.push(part);
    };
    for (const { index, 0: found, 1: braced, 2: bare } of text.matchAll(NAMED)) {
      const name = braced ?? bare;
      add(text.slice(from, index));
      add(name === undefined ? '$' : valueUnder(values, name));
      from = index + found.length;
    }
    add(text.slice(from));
    return parts.join('');
  }
}

function valueUnder(values: ReadonlyMap<string, string>, name: string): string {
  const value = values.get(name);
  if (value !== undefined) return value;
  const advice = 'let gives a name its value, and $$ is a $';
  throw new LineError('E_ARGS', `${quote(`$${name}`)} has no value: ${advice}`);
}

function toBad({ text: legible, ...place }: TextLine, { code, message }: LineError): BadLine {
  return { ...place, problem: code, why: message, isFatal: false, legible };
}

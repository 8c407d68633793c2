// Reads the maps of an EDN or JSON file: one per line, several per line, one over several lines, or
// all in one list or vector.
import type { History } from '../checkers/history.ts';
import { Compound, type Datum } from './datum.ts';
import type { EventLog } from './eventLog.ts';
import { FormatError, type HistoryReader } from './format.ts';

/** Maximum length of one map. */
const MOST_CHARACTERS = 1024 * 1024;

const BLANK = /[\s,]/;
/** What a map may follow: `#jepsen.history.Op{`, `#:jepsen{`. */
const TAGGED = /#:?[\w.*+!?$%&=<>/-]+\s*\{/y;
/** A value that is no list, vector, map or set; or a tag, which belongs to the value after it. */
const SCALAR = /"(?:[^"\\]|\\.)*"|(?:\\.)?[^\s,;"()[\]{}]*/y;
const CODES = {
  quote: 0x22,
  hash: 0x23,
  comma: 0x2c,
  semicolon: 0x3b,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  underscore: 0x5f,
  openBrace: 0x7b,
  closeBrace: 0x7d,
  openParenthesis: 0x28,
  closeParenthesis: 0x29,
} as const;

export interface Notation {
  /** JSON has no comments, tags, lists and discarded values, and requires commas. */
  readonly isJson: boolean;
  /** All values of a text. Throws a SyntaxError. */
  read(text: string): readonly Datum[];
}

/** Collects the history. */
export interface Collector extends Pick<EventLog, 'history' | 'notes'> {
  /** Takes one map; `line` is where it begins. */
  take(form: Compound, line: number): void;
  /** Takes a line if it is one usual map; returns false, and takes nothing, if `take` has to. */
  takeLine?(text: string, line: number): boolean;
  check?(history: History): void;
}

/** Creates a reader that passes each map to the collector. */
export function createFormReader(notation: Notation, collector: Collector): HistoryReader {
  const cutter = new FormCutter(notation, collector);
  let last = 1;
  return {
    take: (text, line) => {
      last = line;
      cutter.take(text, line);
    },
    end: () => {
      cutter.end(last);
      return collector.history();
    },
    check: (history) => collector.check?.(history),
    get notes() {
      return collector.notes;
    },
  };
}

class FormCutter {
  readonly #collector: Collector;
  readonly #notation: Notation;
  readonly #isJson: boolean;
  #depth = 0;
  #isInString = false;
  /** The lines so far of an unclosed map. */
  #parts: string[] = [];
  #characters = 0;
  #firstLine = 0;
  /** What closes the list or vector that holds all maps; empty outside of it. */
  #closing = '';
  #isClosed = false;
  /** In a JSON array: `due` if a comma must follow, `been` if one was just read. */
  #comma: 'due' | 'been' | 'no' = 'no';
  #hasForms = false;
  /** How many of the next values are discarded. */
  #discards = 0;

  constructor(notation: Notation, collector: Collector) {
    this.#notation = notation;
    this.#isJson = notation.isJson;
    this.#collector = collector;
  }

  take(text: string, line: number): void {
    if (this.#takeWhole(text, line)) return;
    let start = this.#depth > 0 ? 0 : -1;
    for (let at = 0; at < text.length; at += 1) {
      if (this.#depth === 0) {
        start = this.#betweenForms(text, at, line);
        if (start >= text.length) break;
        this.#firstLine = line;
        at = start + text.slice(start).search(/[{[(]/);
        this.#depth = 1;
        continue;
      }
      at = this.#inForm(text, at);
      if (this.#depth === 0) this.#finish(text.slice(start, at + 1), line);
    }
    if (this.#depth > 0) this.#keep(text.slice(start), line);
  }

  /** The usual line is one whole map, and needs no search for its end. */
  #takeWhole(text: string, line: number): boolean {
    const isMap =
      text.charCodeAt(0) === CODES.openBrace &&
      text.charCodeAt(text.length - 1) === CODES.closeBrace;
    const isFree = this.#discards === 0 && !this.#isClosed && !(this.#isJson && this.#closing);
    if (!isMap || this.#depth > 0 || !isFree) return false;
    if (this.#collector.takeLine?.(text, line)) {
      this.#hasForms = true;
      return true;
    }
    const forms = this.#tryRead(text);
    if (forms === undefined) return false;
    this.#hasForms = true;
    for (const form of forms) this.#collector.take(form, line);
    return true;
  }

  /** Undefined if the text is not whole maps. */
  #tryRead(text: string): readonly Compound[] | undefined {
    try {
      const forms = this.#notation.read(text);
      return forms.every(isMap) ? forms : undefined;
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /** `line` is the number of the last line. */
  end(line: number): void {
    if (this.#depth > 0) {
      throw new FormatError(this.#firstLine, 'a map that is not closed before the end of the file');
    }
    if (this.#discards > 0) throw new FormatError(line, 'nothing after #_');
    if (this.#closing !== '' && !this.#isClosed) {
      throw new FormatError(line, `${this.#closing === ']' ? '[' : '('} is not closed`);
    }
  }

  /** Returns where the next map, or value to discard, begins; or the length of the text. */
  #betweenForms(text: string, from: number, line: number): number {
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (BLANK.test(text[at] as string) && !(this.#isJson && code === CODES.comma)) continue;
      if (!this.#isJson) {
        if (code === CODES.semicolon) return text.length;
        if (code === CODES.hash && text.charCodeAt(at + 1) === CODES.underscore) {
          this.#discards += 1;
          at += 1;
          continue;
        }
      }
      if (this.#discards > 0) {
        if (isOpening(code) || (code === CODES.hash && text[at + 1] === '{')) return at;
        at = this.#discardScalar(text, at, line) - 1;
        continue;
      }
      if (code === CODES.openBrace || (!this.#isJson && isTagged(text, at))) {
        return this.#begin(at, line);
      }
      this.#betweenValues(text, at, line);
    }
    return text.length;
  }

  /** Handles what opens, separates and closes the values of the file. */
  #betweenValues(text: string, at: number, line: number): void {
    const character = text[at] as string;
    const isOpening = character === '[' || (character === '(' && !this.#isJson);
    const isDone = this.#comma !== 'been' && !this.#isClosed;
    if (isOpening && this.#closing === '' && !this.#hasForms) {
      this.#closing = character === '[' ? ']' : ')';
    } else if (character === this.#closing && isDone) {
      this.#isClosed = true;
    } else if (character === ',' && this.#isJson) {
      if (this.#comma !== 'due') throw new FormatError(line, 'a comma in the wrong place');
      this.#comma = 'been';
    } else {
      const shown = text.slice(at, at + 20);
      throw new FormatError(line, `${shown} where the map of an operation should begin`);
    }
  }

  #begin(at: number, line: number): number {
    if (this.#isClosed) throw new FormatError(line, `more after the closing ${this.#closing}`);
    if (this.#comma === 'due' && this.#closing !== '') {
      throw new FormatError(line, 'no comma before it');
    }
    this.#hasForms = true;
    return at;
  }

  /** Returns where the discarded value ends. */
  #discardScalar(text: string, at: number, line: number): number {
    SCALAR.lastIndex = at;
    const word = SCALAR.exec(text)?.[0] ?? '';
    if (word === '') throw new FormatError(line, 'nothing after #_');
    if (!word.startsWith('#')) this.#discards -= 1;
    return at + word.length;
  }

  /** Handles the next character and returns the position of the last one handled. */
  #inForm(text: string, at: number): number {
    const code = text.charCodeAt(at);
    if (this.#isInString) {
      if (code === CODES.backslash) return at + 1;
      if (code === CODES.quote) this.#isInString = false;
      return at;
    }
    switch (code) {
      case CODES.quote:
        this.#isInString = true;
        return at;
      case CODES.openBrace:
      case CODES.openBracket:
      case CODES.openParenthesis:
        this.#depth += 1;
        return at;
      case CODES.closeBrace:
      case CODES.closeBracket:
      case CODES.closeParenthesis:
        this.#depth -= 1;
        return at;
      case CODES.backslash:
        return at + 1;
      case CODES.semicolon:
        return this.#isJson ? at : text.length;
      default:
        return at;
    }
  }

  #keep(part: string, line: number): void {
    this.#characters += part.length + 1;
    if (this.#characters > MOST_CHARACTERS) {
      throw new FormatError(line, `a map of more than ${MOST_CHARACTERS} characters`);
    }
    this.#parts.push(part);
  }

  #finish(last: string, line: number): void {
    const isWhole = this.#parts.length === 0;
    const text = isWhole ? last : [...this.#parts, last].join('\n');
    this.#parts = [];
    this.#characters = 0;
    if (this.#discards > 0) {
      this.#discards -= 1;
      return;
    }
    if (this.#isJson && this.#closing !== '') this.#comma = 'due';
    const begin = isWhole ? line : this.#firstLine;
    const [form] = readOrRefuse(this.#notation, text, begin);
    if (form === undefined || !isMap(form)) throw new FormatError(begin, 'no map');
    this.#collector.take(form, begin);
  }
}

function readOrRefuse({ read }: Notation, text: string, line: number): readonly Datum[] {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new FormatError(line, error.message);
    throw error;
  }
}

function isMap(form: Datum): form is Compound {
  return form instanceof Compound && form.opening === '{';
}

function isOpening(code: number): boolean {
  return code === CODES.openBrace || code === CODES.openBracket || code === CODES.openParenthesis;
}

function isTagged(text: string, at: number): boolean {
  TAGGED.lastIndex = at;
  return TAGGED.test(text);
}

// Splits the lines of an EDN or JSON file into maps: one per line, several per line, one over
// several lines, or all in one vector. Visits each character once.
import { FormatError, type HistoryReader } from './format.ts';

/** Maximum length of one map. */
const MOST_CHARACTERS = 1024 * 1024;

const BLANK = /[\s,]/;
const TAGGED = /#[\w.*+!?$%&=<>/-]+\s*\{/y;
const CODES = {
  quote: 0x22,
  comma: 0x2c,
  semicolon: 0x3b,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
  openParenthesis: 0x28,
  closeParenthesis: 0x29,
} as const;

/** `text` is one whole map, with its tag if it has one; `line` is where it begins. */
export type TakeForm = (text: string, line: number) => void;

/** Creates a reader that passes each map to `takeForm`; `end` returns the resulting history. */
export function createFormReader(
  notation: 'edn' | 'json',
  takeForm: TakeForm,
  end: HistoryReader['end'],
): HistoryReader {
  const cutter = new FormCutter(notation, takeForm);
  let last = 1;
  return {
    take: (text, line) => {
      last = line;
      cutter.take(text, line);
    },
    end: () => {
      cutter.end(last);
      return end();
    },
  };
}

class FormCutter {
  readonly #takeForm: TakeForm;
  /** JSON has no comments and no tags, and requires commas. */
  readonly #isJson: boolean;
  #depth = 0;
  #isInString = false;
  /** The lines so far of an unclosed map. */
  #parts: string[] = [];
  #characters = 0;
  #firstLine = 0;
  #vector: 'none' | 'open' | 'closed' = 'none';
  /** In a JSON array: `due` if a comma must follow, `been` if one was just read. */
  #comma: 'due' | 'been' | 'no' = 'no';
  #hasForms = false;

  constructor(notation: 'edn' | 'json', takeForm: TakeForm) {
    this.#isJson = notation === 'json';
    this.#takeForm = takeForm;
  }

  take(text: string, line: number): void {
    let start = this.#depth > 0 ? 0 : -1;
    for (let at = 0; at < text.length; at += 1) {
      if (this.#depth === 0) {
        at = this.#betweenForms(text, at, line);
        if (at >= text.length) break;
        start = at;
        this.#firstLine = line;
        at = text.indexOf('{', at);
        this.#depth = 1;
        continue;
      }
      at = this.#inForm(text, at);
      if (this.#depth === 0) {
        this.#finish(text.slice(start, at + 1), line);
        start = -1;
      }
    }
    if (this.#depth > 0) this.#keep(text.slice(start), line);
  }

  /** `line` is the number of the last line. */
  end(line: number): void {
    if (this.#depth > 0) {
      throw new FormatError(this.#firstLine, 'a map that is not closed before the end of the file');
    }
    if (this.#vector === 'open') throw new FormatError(line, '[ is not closed');
  }

  /** Returns where the next map begins, or the length of the text. */
  #betweenForms(text: string, from: number, line: number): number {
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === CODES.openBrace) return this.#begin(at, line);
      if (code === CODES.openBracket && this.#vector === 'none' && !this.#hasForms) {
        this.#vector = 'open';
      } else if (code === CODES.closeBracket && this.#vector === 'open' && this.#comma !== 'been') {
        this.#vector = 'closed';
      } else if (code === CODES.comma && this.#isJson) {
        if (this.#comma !== 'due') throw new FormatError(line, 'a comma in the wrong place');
        this.#comma = 'been';
      } else if (code === CODES.semicolon && !this.#isJson) {
        return text.length;
      } else if (!this.#isJson && isTagged(text, at)) {
        return this.#begin(at, line);
      } else if (!BLANK.test(text[at] as string)) {
        const shown = text.slice(at, at + 20);
        throw new FormatError(line, `${shown} where the map of an operation should begin`);
      }
    }
    return text.length;
  }

  #begin(at: number, line: number): number {
    if (this.#vector === 'closed') throw new FormatError(line, 'more behind the closing ]');
    if (this.#comma === 'due' && this.#vector === 'open') {
      throw new FormatError(line, 'no comma before it');
    }
    this.#hasForms = true;
    return at;
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
    const form = isWhole ? last : [...this.#parts, last].join('\n');
    this.#parts = [];
    this.#characters = 0;
    if (this.#isJson && this.#vector === 'open') this.#comma = 'due';
    this.#takeForm(form, isWhole ? line : this.#firstLine);
  }
}

function isTagged(text: string, at: number): boolean {
  TAGGED.lastIndex = at;
  return TAGGED.test(text);
}

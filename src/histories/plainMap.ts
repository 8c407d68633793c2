// Reads maps of known fields in which only usual values stand: short whole numbers, words, strings
// without escapes, and lists of them. Large files have millions of such lines, and a reader of the
// whole notation takes several times as long. Such a reader judges all other lines.
import { Compound, type Datum, Keyword } from './datum.ts';
import { Words } from './wordCache.ts';

const UNUSUAL = Symbol('unusual');
const MOST_DEPTH = 8;
const FIRST_BYTES = 4096;
/** So many digits are exact as a double. */
const MOST_DIGITS = 15;
// Each is a constant of its own: a field of an object takes longer to read than a byte.
const LAST_ASCII = 0x7f;
const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const ONE = 0x31;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LETTER_F = 0x66;
const LETTER_N = 0x6e;
const LETTER_T = 0x74;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** By ASCII code: 1 for what usual keywords consist of, 2 for what ends a word. */
const KINDS = new Uint8Array(128);
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
for (const character of `${LETTERS}${LETTERS.toUpperCase()}0123456789-_`) {
  KINDS[character.charCodeAt(0)] = 1;
}
for (const character of ' \t,]}') KINDS[character.charCodeAt(0)] = 2;

/** What stands between two values, and the field that it names. */
interface Gap {
  readonly before: Uint8Array;
  readonly field: number;
}

export class PlainMapReader {
  readonly #isJson: boolean;
  readonly #nothing: string;
  readonly #fields: Words<number>;
  readonly #keywords = new Words((name) => Keyword.named(name));
  readonly #strings = new Words((text) => text);
  readonly #values: (Datum | undefined)[];
  /** By place of the value in the line. Most lines of a file have the same gaps. */
  readonly #gaps: Gap[] = [];
  #text = '';
  /** Those of the line; they are read in a third of the time that characters take. */
  #bytes = new Uint8Array(FIRST_BYTES);
  #at = 0;

  constructor(names: readonly string[], isJson: boolean) {
    this.#isJson = isJson;
    this.#nothing = isJson ? 'null' : 'nil';
    this.#fields = new Words((name) => names.indexOf(name));
    this.#values = names.map(() => undefined);
  }

  /**
   * The values by the places of their fields in `names`, until the next call; undefined if the line
   * is not one usual map of these fields.
   */
  read(text: string): readonly (Datum | undefined)[] | undefined {
    if (!this.#open(text)) return undefined;
    const values = this.#values.fill(undefined);
    for (let place = 0; ; place += 1) {
      const field = this.#takeGap(place) ?? this.#readGap(place);
      if (field < 0) return undefined;
      const value = this.#readValue(0);
      const isTwice = !this.#isJson && values[field] !== undefined;
      if (value === UNUSUAL || isTwice) return undefined;
      values[field] = value;
      if (this.#skipBlanks() === CLOSE_BRACE) {
        return this.#at + 1 === text.length ? values : undefined;
      }
    }
  }

  /** The field of the gap, if it is the same as at this place of an earlier line. */
  #takeGap(place: number): number | undefined {
    const gap = this.#gaps[place];
    if (gap === undefined) return undefined;
    const { before, field } = gap;
    const bytes = this.#bytes;
    const from = this.#at;
    for (let at = 0; at < before.length; at += 1) {
      if (before[at] !== bytes[from + at]) return undefined;
    }
    this.#at = from + before.length;
    return field;
  }

  /** Reads what stands before a value, the name of its field included; -1 if it is not usual. */
  #readGap(place: number): number {
    const from = this.#at;
    if (place > 0 && this.#isJson && !this.#takeComma(this.#skip())) return -1;
    const field = this.#readName();
    if (field < 0) return -1;
    this.#skip();
    this.#gaps[place] = { before: this.#bytes.slice(from, this.#at), field };
    return field;
  }

  /** Whether the line is ASCII, and may be a map. */
  #open(text: string): boolean {
    // One byte more is 0, and ends every loop.
    if (text.length >= this.#bytes.length) this.#bytes = new Uint8Array(2 * text.length);
    const bytes = this.#bytes;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code > LAST_ASCII) return false;
      bytes[at] = code;
    }
    bytes[text.length] = 0;
    this.#text = text;
    this.#at = 1;
    return bytes[0] === OPEN_BRACE;
  }

  /** As `#skip`, but stops at a comma, with which the next gap begins. */
  #skipBlanks(): number {
    const bytes = this.#bytes;
    while (bytes[this.#at] === SPACE || bytes[this.#at] === TAB) this.#at += 1;
    return bytes[this.#at] as number;
  }

  /** Goes to the next character that is no blank, and returns its code. */
  #skip(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let code = bytes[at] as number;
    while (code === SPACE || (code === COMMA && !this.#isJson) || code === TAB) {
      at += 1;
      code = bytes[at] as number;
    }
    this.#at = at;
    return code;
  }

  #takeComma(code: number): boolean {
    if (code !== COMMA) return false;
    this.#at += 1;
    return true;
  }

  /** The place of the field; -1 if it is not known. */
  #readName(): number {
    const first = this.#skip();
    const start = this.#at + 1;
    if (!this.#isJson) {
      const end = first === COLON ? this.#endOfKeyword(start) : -1;
      if (end < 0) return -1;
      this.#at = end;
      return this.#fields.find(this.#text, this.#bytes, start, end);
    }
    const end = first === QUOTE ? this.#endOfString(start) : -1;
    if (end <= start) return -1;
    this.#at = end + 1;
    if (this.#skip() !== COLON) return -1;
    this.#at += 1;
    return this.#fields.find(this.#text, this.#bytes, start, end);
  }

  #readValue(depth: number): Datum | typeof UNUSUAL {
    const first = this.#skip();
    const start = this.#at + 1;
    if (first >= ZERO && first <= NINE) return this.#readNumber(start - 1, 1);
    switch (first) {
      case OPEN_BRACKET:
        return this.#readList(depth + 1);
      case QUOTE: {
        const end = this.#endOfString(start);
        if (end < 0) return UNUSUAL;
        this.#at = end + 1;
        return start === end ? '' : this.#strings.find(this.#text, this.#bytes, start, end);
      }
      case COLON: {
        const end = this.#isJson ? -1 : this.#endOfKeyword(start);
        if (end < 0) return UNUSUAL;
        this.#at = end;
        return this.#keywords.find(this.#text, this.#bytes, start, end);
      }
      case LETTER_N:
        return this.#readConstant(this.#nothing, null);
      case LETTER_T:
        return this.#readConstant('true', true);
      case LETTER_F:
        return this.#readConstant('false', false);
      case MINUS: {
        const isWhole = (this.#bytes[start] as number) >= ONE;
        return isWhole ? this.#readNumber(start, -1) : UNUSUAL;
      }
      default:
        return UNUSUAL;
    }
  }

  #readList(depth: number): Compound | typeof UNUSUAL {
    if (depth > MOST_DEPTH) return UNUSUAL;
    this.#at += 1;
    const items: Datum[] = [];
    let next = this.#skip();
    while (next !== CLOSE_BRACKET) {
      if (items.length > 0 && this.#isJson && !this.#takeComma(next)) return UNUSUAL;
      const item = this.#readValue(depth);
      if (item === UNUSUAL) return UNUSUAL;
      items.push(item);
      next = this.#skip();
    }
    this.#at += 1;
    return new Compound('[', items);
  }

  #readNumber(start: number, sign: 1 | -1): number | typeof UNUSUAL {
    const bytes = this.#bytes;
    let at = start;
    let number = 0;
    for (; ; at += 1) {
      const code = bytes[at] as number;
      if (code < ZERO || code > NINE) break;
      number = 10 * number + code - ZERO;
    }
    const digits = at - start;
    const hasZeros = digits > 1 && bytes[start] === ZERO;
    const isUsual = digits > 0 && digits <= MOST_DIGITS && !hasZeros && endsWord(bytes[at]);
    if (!isUsual) return UNUSUAL;
    this.#at = at;
    return sign * number;
  }

  #readConstant<T extends Datum>(word: string, value: T): T | typeof UNUSUAL {
    const end = this.#at + word.length;
    const isThere = this.#text.startsWith(word, this.#at);
    if (!isThere || !endsWord(this.#bytes[end])) return UNUSUAL;
    this.#at = end;
    return value;
  }

  /** Where the keyword ends whose name begins here; -1 if it is not usual. */
  #endOfKeyword(start: number): number {
    const bytes = this.#bytes;
    let end = start;
    while (KINDS[bytes[end] as number] === 1) end += 1;
    return end > start && endsWord(bytes[end]) ? end : -1;
  }

  /** Where the quote is that ends the string; -1 if it is not usual. */
  #endOfString(start: number): number {
    const bytes = this.#bytes;
    for (let end = start; ; end += 1) {
      const code = bytes[end] as number;
      if (code === QUOTE) return end;
      if (code < SPACE || code === BACKSLASH) return -1;
    }
  }
}

function endsWord(code: number | undefined): boolean {
  return KINDS[code as number] === 2;
}

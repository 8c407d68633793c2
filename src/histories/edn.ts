// Reads EDN, the notation of Clojure's data: https://github.com/edn-format/edn. Symbols, tagged
// literals and words that EDN does not have are opaque, since their meaning is not known. They may
// stand where nothing reads them.
import { Compound, type Datum, findTwice, Keyword, Opaque, printEdn } from './datum.ts';
import { readEdnWord, readKeyword } from './ednWords.ts';

/** How deep a value may nest. */
export const MOST_DEPTH = 32;
const SPACE = /\s/;
const TAG = /^[a-zA-Z]/;
const HEX = /^[0-9a-fA-F]{4}$/;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
const CODES = {
  quote: 0x22,
  hash: 0x23,
  semicolon: 0x3b,
  backslash: 0x5c,
  underscore: 0x5f,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
} as const;
/** So many digits are a safe integer. */
const SAFE_DIGITS = 15;

/** By ASCII code: 1 for blanks, 2 for what ends a word without being a blank. */
const KINDS = new Uint8Array(128);
for (const blank of ' \t\n\r\f\v,') KINDS[blank.charCodeAt(0)] = 1;
for (const end of ';"()[]{}') KINDS[end.charCodeAt(0)] = 2;

/** Returns all values in a text. Throws a SyntaxError that describes the problem. */
export function readEdn(text: string): Datum[] {
  return new EdnReader(text).readAll();
}

/** The first value in a text, and what follows it; the value is undefined if there is none. */
export function readFirstEdn(text: string): readonly [Datum | undefined, string] {
  const reader = new EdnReader(text);
  const value = reader.readNext();
  return [value, reader.rest];
}

class EdnReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): Datum[] {
    const found: Datum[] = [];
    for (let next = this.readNext(); next !== undefined; next = this.readNext()) found.push(next);
    return found;
  }

  readNext(): Datum | undefined {
    this.#skip(0);
    return this.#at < this.#text.length ? this.#read(0) : undefined;
  }

  get rest(): string {
    return this.#text.slice(this.#at);
  }

  /** Skips blanks, commas, comments and discarded values. */
  #skip(depth: number): void {
    const text = this.#text;
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (code === CODES.semicolon) {
        const end = text.indexOf('\n', this.#at);
        this.#at = end < 0 ? text.length : end;
      } else if (code === CODES.hash && text.charCodeAt(this.#at + 1) === CODES.underscore) {
        this.#at += 2;
        this.#readAfter('#_', depth);
      } else if (isBlank(code)) {
        this.#at += 1;
      } else {
        return;
      }
    }
  }

  /** The value that a prefix is about. */
  #readAfter(prefix: string, depth: number): Datum {
    if (depth > MOST_DEPTH) throw new SyntaxError(`nested deeper than ${MOST_DEPTH}`);
    this.#skip(depth + 1);
    if (this.#at >= this.#text.length) throw new SyntaxError(`nothing after ${prefix}`);
    return this.#read(depth + 1);
  }

  #read(depth: number): Datum {
    if (depth > MOST_DEPTH) throw new SyntaxError(`nested deeper than ${MOST_DEPTH}`);
    const character = this.#text[this.#at];
    switch (character) {
      case '"':
        return this.#readString();
      case '{':
        return this.#readMap(depth);
      case '[':
        return new Compound('[', this.#readItems('[', ']', depth));
      case '(':
        return new Compound('[', this.#readItems('(', ')', depth));
      case '#':
        return this.#readTagged(depth);
      case '}':
      case ']':
      case ')':
        throw new SyntaxError(`a ${character} that closes nothing`);
      default:
        return this.#readWord();
    }
  }

  #readTagged(depth: number): Datum {
    const start = this.#at;
    const next = this.#text[start + 1];
    if (next === '{') return this.#readSet(depth);
    if (next === '#') return this.#readWord();
    this.#at += 1;
    const tag = this.#takeWord();
    if (next === ':') return this.#readNamespaced(tag, depth);
    if (!TAG.test(tag)) throw new SyntaxError(`#${tag} is no tag`);
    const value = this.#readAfter(`the tag #${tag}`, depth);
    // A record, such as Jepsen's operations, is the map of its fields for those that read these.
    if (depth === 0 && value instanceof Compound && value.opening === '{') return value;
    return new Opaque(this.#text.slice(start, Math.min(this.#at, start + 40)));
  }

  /** `#:a{:b 1, :_/c 2}` is `{:a/b 1, :c 2}` */
  #readNamespaced(word: string, depth: number): Datum {
    const name = word.slice(1);
    if (!TAG.test(name)) throw new SyntaxError(`#${word} has no namespace that is known`);
    const map = this.#readAfter(`#${word}`, depth);
    if (!(map instanceof Compound) || map.opening !== '{') {
      throw new SyntaxError(`no map after #${word}`);
    }
    const items = map.items.map((item, index) => {
      if (index % 2 === 1 || !(item instanceof Keyword)) return item;
      if (item.name.startsWith('_/')) return Keyword.named(item.name.slice(2));
      return item.name.includes('/') ? item : Keyword.named(`${name}/${item.name}`);
    });
    return checkedMap(items);
  }

  #readSet(depth: number): Compound {
    this.#at += 1;
    const items = this.#readItems('#{', '}', depth);
    const twice = findTwice(items);
    if (twice !== undefined) throw new SyntaxError(`a set has ${printEdn(twice)} twice`);
    return new Compound('#{', items);
  }

  #readMap(depth: number): Compound {
    return checkedMap(this.#readItems('{', '}', depth));
  }

  #readItems(opening: string, closing: string, depth: number): Datum[] {
    const end = closing.charCodeAt(0);
    const text = this.#text;
    this.#at += 1;
    const items: Datum[] = [];
    for (;;) {
      this.#skip(depth);
      if (this.#at >= text.length) throw new SyntaxError(`${opening} is not closed`);
      if (text.charCodeAt(this.#at) === end) break;
      items.push(this.#read(depth + 1));
    }
    this.#at += 1;
    return items;
  }

  #readString(): string {
    const text = this.#text;
    const start = this.#at + 1;
    const end = text.indexOf('"', start);
    if (end < 0) throw new SyntaxError('a string is not closed');
    const plain = text.slice(start, end);
    if (!plain.includes('\\')) {
      this.#at = end + 1;
      return plain;
    }
    const parts: string[] = [];
    let from = start;
    for (let at = start; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === CODES.quote) {
        parts.push(text.slice(from, at));
        this.#at = at + 1;
        return parts.join('');
      }
      if (code !== CODES.backslash) continue;
      parts.push(text.slice(from, at), this.#unescape(at + 1));
      at += text[at + 1] === 'u' ? 5 : 1;
      from = at + 1;
    }
    throw new SyntaxError('a string is not closed');
  }

  #unescape(at: number): string {
    const name = this.#text[at] ?? '';
    const code = this.#text.slice(at + 1, at + 5);
    if (name === 'u' && HEX.test(code)) return String.fromCharCode(Number.parseInt(code, 16));
    const meant = ESCAPES.get(name);
    if (meant === undefined) throw new SyntaxError(`\\${name} means nothing in a string`);
    return meant;
  }

  #readWord(): Datum {
    const first = this.#text.charCodeAt(this.#at);
    if (first >= CODES.zero && first <= CODES.nine) {
      const number = this.#takeDigits();
      if (number >= 0) return number;
    }
    if (first === CODES.colon) {
      const start = this.#at;
      this.#at = this.#endOfWord(start);
      return readKeyword(this.#text, start, this.#at);
    }
    return readEdnWord(this.#takeWord());
  }

  /** A short whole number; -1 if something else stands here. */
  #takeDigits(): number {
    const text = this.#text;
    const last = Math.min(text.length, this.#at + SAFE_DIGITS);
    let at = this.#at;
    let number = 0;
    for (; at < last; at += 1) {
      const digit = text.charCodeAt(at) - CODES.zero;
      if (digit < 0 || digit > 9) break;
      number = 10 * number + digit;
    }
    if (at < text.length && !endsWord(text.charCodeAt(at))) return -1;
    const hasZeros = at > this.#at + 1 && text.charCodeAt(this.#at) === CODES.zero;
    if (hasZeros) return -1;
    this.#at = at;
    return number;
  }

  /** A character may be one that ends other words: `\{`. */
  #takeWord(): string {
    const text = this.#text;
    let end = this.#at;
    if (text.charCodeAt(end) === CODES.backslash) {
      end += (text.codePointAt(end + 1) ?? 0) > 0xffff ? 3 : 2;
    }
    end = this.#endOfWord(end);
    const word = text.slice(this.#at, end);
    this.#at = end;
    return word;
  }

  #endOfWord(from: number): number {
    const text = this.#text;
    let end = from;
    while (end < text.length && !endsWord(text.charCodeAt(end))) end += 1;
    return end;
  }
}

function isBlank(code: number): boolean {
  return code < 128 ? KINDS[code] === 1 : SPACE.test(String.fromCharCode(code));
}

function endsWord(code: number): boolean {
  return code < 128 ? KINDS[code] !== 0 : SPACE.test(String.fromCharCode(code));
}

function checkedMap(items: readonly Datum[]): Compound {
  if (items.length % 2 === 1) throw new SyntaxError('a map has a key without a value');
  if (!hasShortDistinctKeys(items)) {
    const twice = findTwice(items.filter((_item, index) => index % 2 === 0));
    if (twice !== undefined) throw new SyntaxError(`a map has ${printEdn(twice)} twice`);
  }
  return new Compound('{', items);
}

/** The usual case: few keys, all keywords. */
function hasShortDistinctKeys(items: readonly Datum[]): boolean {
  if (items.length > 32) return false;
  for (let index = 0; index < items.length; index += 2) {
    const key = items[index];
    if (!(key instanceof Keyword)) return false;
    for (let before = 0; before < index; before += 2) if (items[before] === key) return false;
  }
  return true;
}

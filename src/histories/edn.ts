// Reads EDN, the notation of Clojure's data: https://github.com/edn-format/edn. Symbols are
// refused, since they have no meaning in a history; the tag of a value is ignored.
import { Compound, type Datum, Keyword, type Opening, Token } from './datum.ts';

/** How deep a value may nest. */
const MOST_DEPTH = 32;
const SPACE = /[\s,]/;
/** The rest of a number, a keyword, a symbol or a character. */
const WORD = /[^\s,;"()[\]{}]*/y;
const INTEGER = /^(?:0|-?[1-9][0-9]{0,14})$/;
const NUMBER = /^[+-]?[0-9]+(?:N|\/[0-9]+|(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?M?)$/;
const KEYWORD = /^:[^:/\s][^\s]*$/;
const CHARACTER = /^\\(?:.|newline|return|space|tab|formfeed|backspace|u[0-9a-fA-F]{4})$/u;
const HEX = /^[0-9a-fA-F]{4}$/;
const CONSTANTS: ReadonlyMap<string, Datum> = new Map([
  ['nil', null],
  ['true', true],
  ['false', false],
] as const);
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

/** Returns all values in a text. Throws a SyntaxError that describes the problem. */
export function readEdn(text: string): Datum[] {
  return new EdnReader(text).readAll();
}

class EdnReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): Datum[] {
    const found: Datum[] = [];
    for (this.#skip(); this.#at < this.#text.length; this.#skip()) found.push(this.#read(0));
    return found;
  }

  /** Skips blanks, commas and comments. */
  #skip(): void {
    const text = this.#text;
    while (this.#at < text.length) {
      const character = text[this.#at] as string;
      if (character === ';') {
        const end = text.indexOf('\n', this.#at);
        this.#at = end < 0 ? text.length : end;
      } else if (character !== ' ' && !SPACE.test(character)) {
        return;
      }
      this.#at += 1;
    }
  }

  #read(depth: number): Datum {
    const character = this.#text[this.#at];
    if (depth > MOST_DEPTH) throw new SyntaxError(`nested deeper than ${MOST_DEPTH}`);
    switch (character) {
      case '"':
        return this.#readString();
      case '{':
      case '[':
      case '(':
        return this.#readItems(character, depth);
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
    if (this.#text[this.#at + 1] === '{') return this.#readItems('#{', depth);
    this.#at += 1;
    const tag = this.#takeWord();
    if (!/^[a-zA-Z]/.test(tag)) throw new SyntaxError(`#${tag} is no tag`);
    this.#skip();
    if (this.#at >= this.#text.length) throw new SyntaxError(`nothing behind the tag #${tag}`);
    return this.#read(depth + 1);
  }

  #readItems(opening: Opening, depth: number): Compound {
    const closing = opening === '[' ? ']' : opening === '(' ? ')' : '}';
    this.#at += opening.length;
    const items: Datum[] = [];
    for (;;) {
      this.#skip();
      if (this.#at >= this.#text.length) throw new SyntaxError(`${opening} is not closed`);
      if (this.#text[this.#at] === closing) break;
      items.push(this.#read(depth + 1));
    }
    this.#at += 1;
    if (opening === '{') checkMap(items);
    return new Compound(opening, items);
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
      if (text[at] === '"') {
        parts.push(text.slice(from, at));
        this.#at = at + 1;
        return parts.join('');
      }
      if (text[at] !== '\\') continue;
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
    const word = this.#takeWord();
    if (INTEGER.test(word)) return Number(word);
    if (KEYWORD.test(word)) return Keyword.named(word.slice(1));
    const constant = CONSTANTS.get(word);
    if (constant !== undefined) return constant;
    if (NUMBER.test(word) || CHARACTER.test(word)) return new Token(word);
    throw new SyntaxError(`${word.slice(0, 40)} is no value`);
  }

  #takeWord(): string {
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0] ?? '';
    this.#at += word.length;
    return word;
  }
}

function checkMap(items: readonly Datum[]): void {
  if (items.length % 2 === 1) throw new SyntaxError('a map has a key without a value');
  for (let index = 2; index < items.length; index += 2) {
    const key = items[index];
    if (!(key instanceof Keyword)) continue;
    for (let before = 0; before < index; before += 2) {
      if (items[before] === key) throw new SyntaxError(`a map has :${key.name} twice`);
    }
  }
}

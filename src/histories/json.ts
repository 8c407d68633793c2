// Reads JSON as data, with whole numbers of any size exact. Where an object has two members of one
// name, the last one counts.
import { Compound, type Datum, Token } from './datum.ts';
import { MOST_DEPTH } from './edn.ts';
import { jsonNumber } from './numbers.ts';

const CONSTANTS: ReadonlyMap<string, Datum> = new Map([
  ['null', null],
  ['true', true],
  ['false', false],
] as const);
const BLANK = /[ \t\n\r]/;
const WORD = /[-+.0-9A-Za-z]*/y;

/** Every whole number below this is exact as a double, and so is what is parsed as one. */
const EXACT = 1e15;

/** The value that the text is. Throws a SyntaxError that describes the problem. */
export function readJson(text: string): Datum {
  // The parser that is built in is fast, but loses the digits of long numbers.
  const datum = fromParsed(JSON.parse(text), 0);
  return datum === undefined ? new JsonReader(text).readAll() : datum;
}

/** Undefined if it has a number that may have been changed. A null is null. */
function fromParsed(value: unknown, depth: number): Datum | undefined {
  if (typeof value === 'number') {
    if (!(Math.abs(value) < EXACT)) return undefined;
    return Number.isInteger(value) ? value + 0 : new Token(String(value));
  }
  if (typeof value !== 'object' || value === null) return value as string | boolean | null;
  if (depth > MOST_DEPTH) throw new SyntaxError(`nested deeper than ${MOST_DEPTH}`);
  const items: Datum[] = [];
  const isArray = Array.isArray(value);
  for (const name in value) {
    const item = fromParsed((value as Record<string, unknown>)[name], depth + 1);
    if (item === undefined) return undefined;
    if (!isArray) items.push(name);
    items.push(item);
  }
  return new Compound(isArray ? '[' : '{', items);
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): Datum {
    const value = this.#read(0);
    if (this.#next() !== '') throw this.#refuse('the end');
    return value;
  }

  /** The next character that is no blank; empty at the end. */
  #next(): string {
    const text = this.#text;
    while (this.#at < text.length && BLANK.test(text[this.#at] as string)) this.#at += 1;
    return text[this.#at] ?? '';
  }

  #refuse(wanted: string): SyntaxError {
    const found = this.#text.slice(this.#at, this.#at + 20) || 'the end';
    return new SyntaxError(`no JSON: ${found}, where ${wanted} should be`);
  }

  #read(depth: number): Datum {
    if (depth > MOST_DEPTH) throw new SyntaxError(`nested deeper than ${MOST_DEPTH}`);
    switch (this.#next()) {
      case '"':
        return this.#readString();
      case '[':
        return this.#readArray(depth);
      case '{':
        return this.#readObject(depth);
      default:
        return this.#readWord();
    }
  }

  #readArray(depth: number): Compound {
    const items: Datum[] = [];
    this.#at += 1;
    if (this.#takes(']')) return new Compound('[', items);
    for (;;) {
      items.push(this.#read(depth + 1));
      if (this.#takes(']')) return new Compound('[', items);
      if (!this.#takes(',')) throw this.#refuse('a comma or ]');
    }
  }

  #readObject(depth: number): Compound {
    const members = new Map<string, Datum>();
    this.#at += 1;
    if (!this.#takes('}')) {
      for (;;) {
        if (this.#next() !== '"') throw this.#refuse('a name');
        const name = this.#readString();
        if (!this.#takes(':')) throw this.#refuse('a colon');
        members.set(name, this.#read(depth + 1));
        if (this.#takes('}')) break;
        if (!this.#takes(',')) throw this.#refuse('a comma or }');
      }
    }
    return new Compound('{', [...members].flat());
  }

  #takes(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#at += 1;
    return true;
  }

  #readString(): string {
    const text = this.#text;
    const start = this.#at;
    let end = text.indexOf('"', start + 1);
    while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
    if (end < 0) throw new SyntaxError('no JSON: a string is not closed');
    this.#at = end + 1;
    const inner = text.slice(start + 1, end);
    if (!inner.includes('\\') && !inner.includes('\t')) return inner;
    return JSON.parse(text.slice(start, end + 1)) as string;
  }

  #readWord(): Datum {
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0] ?? '';
    const constant = CONSTANTS.get(word);
    const value = constant === undefined ? jsonNumber(word) : constant;
    if (value === undefined) throw this.#refuse('a value');
    this.#at += word.length;
    return value;
  }
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text[before] === '\\') before -= 1;
  return (at - before) % 2 === 0;
}

// The words of EDN: keywords, constants, numbers and characters. Any other word, such as a symbol,
// is opaque, since its meaning is not known.
import { type Datum, Keyword, Opaque, Token } from './datum.ts';
import { ednNumber } from './numbers.ts';

const KEYWORD = /^:[^:/\s][^\s]*$/;
const CHARACTER = /^\\(?:.|newline|return|space|tab|formfeed|backspace|u[0-9a-fA-F]{4})$/su;
const NAMED_CHARACTERS: ReadonlyMap<string, string> = new Map([
  ['\n', 'newline'],
  ['\r', 'return'],
  [' ', 'space'],
  ['\t', 'tab'],
  ['\f', 'formfeed'],
  ['\b', 'backspace'],
]);
const CONSTANTS: ReadonlyMap<string, Datum> = new Map([
  ['nil', null],
  ['true', true],
  ['false', false],
] as const);
const MOST_SHOWN = 40;

/** So many keywords of a file are found without making a string of each. */
const CACHED = 256;
const cache: ({ readonly word: string; readonly keyword: Keyword } | undefined)[] = new Array(
  CACHED,
);

/** The keyword from `start` to before `end`. Events have the same few keywords again and again. */
export function readKeyword(text: string, start: number, end: number): Datum {
  const middle = text.charCodeAt((start + end) >> 1);
  const hash = 31 * (end - start) + 7 * text.charCodeAt(start + 1) + 3 * middle;
  const place = hash % CACHED;
  const cached = cache[place];
  if (cached?.word.length === end - start && text.startsWith(cached.word, start)) {
    return cached.keyword;
  }
  const word = text.slice(start, end);
  const read = readEdnWord(word);
  if (read instanceof Keyword) cache[place] = { word, keyword: read };
  return read;
}

/** Throws a SyntaxError for a word that begins as a character and is none. */
export function readEdnWord(word: string): Datum {
  if (KEYWORD.test(word)) return Keyword.named(word.slice(1));
  if (word.startsWith('\\')) return readCharacter(word);
  const constant = CONSTANTS.get(word);
  return constant === undefined
    ? (ednNumber(word) ?? new Opaque(word.slice(0, MOST_SHOWN)))
    : constant;
}

/** Each character in one form: `\u0041` is `\A`. */
function readCharacter(word: string): Token {
  if (!CHARACTER.test(word)) throw new SyntaxError(`${word.slice(0, 40)} is no character`);
  const name = word.slice(1);
  const isCode = name.length === 5 && name.startsWith('u');
  const character = isCode ? String.fromCharCode(Number.parseInt(name.slice(1), 16)) : name;
  return new Token(`\\${NAMED_CHARACTERS.get(character) ?? character}`);
}

// What a script expects of an answer, and whether an answer is so.
import { LineError } from './lineError.ts';
import { escapeUnseen } from './printable.ts';

/** The first word of each form; a text that begins with none of them is expected as it is. */
export const EXPECTATION_WORDS = ['exactly', 'any', 'lines', 'like', 'nothing'] as const;

export interface Expectation {
  readonly form: (typeof EXPECTATION_WORDS)[number];
  /** None for `nothing`, one for `exactly` and `like`. */
  readonly texts: readonly string[];
}

const SEPARATOR = '|';
const SHOWN_CHARACTERS = 200;
const SHOWN_LINES = 5;

/** Throws a LineError for an expectation without a text. */
export function parseExpectation(text: string): Expectation {
  const end = text.search(/[ \t]|$/);
  const form = EXPECTATION_WORDS.find((word) => word === text.slice(0, end));
  const rest = trimBlanks(text.slice(end));
  if (form === undefined) return { form: 'exactly', texts: [required(text)] };
  if (form === 'any' || form === 'lines') return { form, texts: splitTexts(rest) };
  if (form !== 'nothing') return { form, texts: [required(rest)] };
  return rest === '' ? { form, texts: [] } : { form: 'exactly', texts: [text] };
}

/** Texts with ` | ` between them: inside a word, `|` is a character like any other. */
function splitTexts(rest: string): string[] {
  const texts: string[][] = [[]];
  for (const part of rest.split(/([ \t])/)) {
    if (part === SEPARATOR) texts.push([]);
    else texts.at(-1)?.push(part);
  }
  return texts.map((parts) => required(trimBlanks(parts.join(''))));
}

function trimBlanks(text: string): string {
  return text.replace(/^[ \t]+/, '').trimEnd();
}

function required(text: string): string {
  if (text !== '') return text;
  throw new LineError('E_ARGS', 'the expected answer is missing');
}

/** `lines` are those that were printed. */
export function isMet({ form, texts }: Expectation, lines: readonly string[]): boolean {
  if (form === 'lines' || form === 'nothing') return haveSame(texts, lines);
  const [line] = lines;
  if (line === undefined || lines.length > 1) return false;
  return form === 'like' ? isLike(line, texts[0] ?? '') : texts.includes(line);
}

/** In any order. */
function haveSame(texts: readonly string[], lines: readonly string[]): boolean {
  if (texts.length !== lines.length) return false;
  const sorted = lines.toSorted();
  return texts.toSorted().every((text, index) => text === sorted[index]);
}

/**
 * Whether the text has the form of the pattern: `*` stands for any characters, also none, and `?`
 * for one. Each `*` is tried from left to right once, so the time is at most the product of both
 * lengths.
 */
export function isLike(text: string, pattern: string): boolean {
  const [characters, wanted] = [[...text], [...pattern]];
  let at = 0;
  let place = 0;
  let star = -1;
  let resume = 0;
  while (at < characters.length) {
    if (wanted[place] === '*') {
      star = place;
      resume = at;
      place += 1;
    } else if (wanted[place] === '?' || wanted[place] === characters[at]) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      place = star + 1;
    } else return false;
  }
  return wanted.slice(place).every((character) => character === '*');
}

/** As a phrase: `'x:1'`, `one of 'x:1', 'x:2'`. */
export function tellExpectation({ form, texts }: Expectation): string {
  const shown = texts.map(show).join(', ');
  if (form === 'nothing') return 'nothing';
  if (form === 'like') return `a line like ${shown}`;
  if (form === 'any') return `one of ${shown}`;
  return form === 'lines' ? `the lines ${shown}, in any order` : shown;
}

/** As a phrase: `'x:2'`, `2 lines: 'a:1', 'b:2'`, `nothing`. */
export function tellLines(lines: readonly string[]): string {
  const [line] = lines;
  if (line === undefined) return 'nothing';
  if (lines.length === 1) return show(line);
  const shown = lines.slice(0, SHOWN_LINES).map(show).join(', ');
  const more = lines.length - SHOWN_LINES;
  return `${lines.length} lines: ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}

function show(text: string): string {
  const isLong = text.length > SHOWN_CHARACTERS;
  return `'${escapeUnseen(isLong ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text)}'`;
}

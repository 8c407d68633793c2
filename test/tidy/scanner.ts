// Separates TypeScript's code from its comments, strings and regular expressions, so that a word in
// a sentence cannot trigger a rule about code. It reads characters, not grammar.

export interface Comment {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

export interface Scan {
  /**
   * The text with every comment, string and regular expression blanked out, except the quotes.
   * Positions and lines are unchanged.
   */
  readonly code: string;
  readonly comments: readonly Comment[];
}

interface Reader {
  readonly text: string;
  readonly code: string[];
  readonly comments: Comment[];
  at: number;
  /** How many braces are open, and the counts at which a template's `${` waits for its end. */
  depth: number;
  readonly templateDepths: number[];
}

/** Words after which a slash begins a regular expression and does not divide. */
const BEFORE_REGEX = new Set(
  'return typeof case in of delete void throw new do else await yield instanceof'.split(' '),
);

export function scan(text: string): Scan {
  const reader: Reader = {
    text,
    code: text.split(''),
    comments: [],
    at: 0,
    depth: 0,
    templateDepths: [],
  };
  while (reader.at < text.length) step(reader);
  return { code: reader.code.join(''), comments: reader.comments };
}

function step(reader: Reader): void {
  const { text, at } = reader;
  const character = text[at];
  if (text.startsWith('//', at)) readComment(reader, indexOrEnd(text, '\n', at));
  else if (text.startsWith('/*', at)) readComment(reader, indexOrEnd(text, '*/', at + 2) + 2);
  else if (character === "'" || character === '"') readString(reader, character);
  else if (character === '`') readTemplate(reader);
  else if (character === '/' && mayBeginRegex(reader)) readRegex(reader);
  else if (character === '}' && reader.templateDepths.at(-1) === reader.depth) {
    reader.templateDepths.pop();
    readTemplate(reader);
  } else {
    if (character === '{') reader.depth += 1;
    if (character === '}') reader.depth -= 1;
    reader.at += 1;
  }
}

function readComment(reader: Reader, end: number): void {
  const { text, at } = reader;
  reader.comments.push({ line: lineAt(text, at), text: text.slice(at, end) });
  blank(reader, at, end);
  reader.at = end;
}

function readString(reader: Reader, quote: string): void {
  const { text, at } = reader;
  let end = at + 1;
  while (end < text.length && text[end] !== quote && text[end] !== '\n') {
    end += text[end] === '\\' ? 2 : 1;
  }
  blank(reader, at + 1, end);
  reader.at = end + 1;
}

/** Reads on from a backtick, or from the brace that ended a `${`, to the next of either. */
function readTemplate(reader: Reader): void {
  const { text, at } = reader;
  let end = at + 1;
  while (end < text.length && text[end] !== '`' && !text.startsWith('${', end)) {
    end += text[end] === '\\' ? 2 : 1;
  }
  blank(reader, at + 1, end);
  if (text[end] === '$') {
    reader.templateDepths.push(reader.depth);
    end += 1;
  }
  reader.at = end + 1;
}

function readRegex(reader: Reader): void {
  const { text, at } = reader;
  let end = at + 1;
  for (let inClass = false; end < text.length && text[end] !== '\n'; end += 1) {
    if (text[end] === '\\') end += 1;
    else if (text[end] === '[') inClass = true;
    else if (text[end] === ']') inClass = false;
    else if (text[end] === '/' && !inClass) break;
  }
  blank(reader, at + 1, end);
  reader.at = end + 1;
}

/**
 * After a value a slash divides; after an operator, an opening or a keyword it does not. In an
 * element `</` begins the end, and `/>` is it.
 */
function mayBeginRegex({ code, at }: Reader): boolean {
  if (code[at - 1] === '<') return false;
  let last = at - 1;
  while (last >= 0 && /\s/.test(code[last] ?? '')) last -= 1;
  if (code[last] === '}' && code[at + 1] === '>') return false;
  if (last < 0) return true;
  let first = last;
  while (first >= 0 && /[\w$]/.test(code[first] ?? '')) first -= 1;
  if (first < last) return BEFORE_REGEX.has(code.slice(first + 1, last + 1).join(''));
  return !/[)\]'"`/]/.test(code[last] ?? '');
}

function blank({ code }: Reader, from: number, to: number): void {
  for (let index = from; index < to && index < code.length; index += 1) {
    if (code[index] !== '\n') code[index] = ' ';
  }
}

function indexOrEnd(text: string, wanted: string, from: number): number {
  const index = text.indexOf(wanted, from);
  return index === -1 ? text.length : index;
}

/** The line, counted from 1, that the character at `index` is in. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) {
    line += 1;
  }
  return line;
}

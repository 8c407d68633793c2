// Makes untrusted text safe to print: a key may hold control sequences for a terminal.
import type { Json } from '../kernel/json.ts';

const CONTROL = /[^\P{Cc}\t]/gu;
/** Half of a pair: output in UTF-8 has the same character for each of them. */
const LONE_SURROGATE = /\p{Cs}/gu;
const SHOWN_CHARACTERS = 40;

/**
 * The text with its control characters, except the tab, written as `\xNN`, and halves of surrogate
 * pairs as `\uNNNN`.
 */
export function escapeControls(text: string): string {
  return text
    .replace(CONTROL, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(LONE_SURROGATE, toUnicodeEscape);
}

/** What `escapeControls` writes for a character, for the backslash itself too. */
const LIKE_AN_ESCAPE = /\\(?=x[0-9a-f]{2}|ud[89a-f][0-9a-f]{2})/gi;

/**
 * A line of an answer about a key. A backslash that would look like the beginning of an escape is
 * written as `\x5c`, so that every escape in the printed line is one.
 */
export function keyLine(key: string, answer: string): string {
  return escapeBackslashes(`${key}:${answer}`);
}

/** For a text that is then printed as an answer, and is no JSON, which has escapes of its own. */
export function escapeBackslashes(text: string): string {
  return text.replace(LIKE_AN_ESCAPE, '\\x5c');
}

/** Change the direction of text, or are not seen: they could make one text look like another. */
const UNSEEN = /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The text for a page: characters that mislead a reader are escaped too, as `\uNNNN`. */
export function escapeUnseen(text: string): string {
  return escapeControls(text).replace(UNSEEN, toUnicodeEscape);
}

/** One line, the fields of every object sorted by code units, control characters escaped. */
export function formatJson(value: Json): string {
  const text = JSON.stringify(sortFields(value));
  return text.replace(CONTROL, toUnicodeEscape);
}

function toUnicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function sortFields(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortFields);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, sortFields(field)]));
}

/** Blanks that do not separate words. */
const ODD_BLANK = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const NAMES: { readonly [character: string]: string } = {
  '\u00a0': 'a no-break space',
  '\u200b': 'a zero-width space',
  '\u202f': 'a narrow no-break space',
  '\u3000': 'an ideographic space',
  '\ufeff': 'a byte order mark',
};

/**
 * The text in quotes for a message, shortened when it is long. A character that looks like a blank
 * and is none, or is not seen, is escaped and named.
 */
export function quote(text: string): string {
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
  const escaped = escapeUnseen(shown).replace(ODD_BLANK, toUnicodeEscape);
  const odd = findOdd(shown);
  return odd === undefined ? `'${escaped}'` : `'${escaped}' (${odd.shown} is ${odd.name})`;
}

/**
 * A character of the text that looks like a blank and is none, or is not seen: its escape, and its
 * name as a phrase.
 */
export function findOdd(text: string): { shown: string; name: string } | undefined {
  const [odd] = [...text.matchAll(ODD_BLANK), ...text.matchAll(UNSEEN)].flat();
  if (odd === undefined) return undefined;
  const kind =
    odd.search(ODD_BLANK) === 0 ? 'a blank of another kind' : 'a character that is not seen';
  return { shown: toUnicodeEscape(odd), name: NAMES[odd] ?? kind };
}

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
const ODD_BLANKS = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const ODD_NAMES: { readonly [character: string]: string } = {
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
  const escaped = escapeUnseen(shown).replace(ODD_BLANKS, toUnicodeEscape);
  const [odd] = [...shown.matchAll(ODD_BLANKS), ...shown.matchAll(UNSEEN)].flat();
  if (odd === undefined) return `'${escaped}'`;
  const name = ODD_NAMES[odd] ?? 'a character that is no blank, and not seen';
  return `'${escaped}' (${toUnicodeEscape(odd)} is ${name})`;
}

// Makes untrusted text safe to print: a key may hold control sequences for a terminal.
import type { Json } from '../kernel/json.ts';

const CONTROL = /[^\P{Cc}\t]/gu;
const SHOWN_CHARACTERS = 40;

/** The text with its control characters, except the tab, written as `\xNN`. */
export function escapeControls(text: string): string {
  return text.replace(
    CONTROL,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
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

/** The text in quotes for a message, shortened when it is long. */
export function quote(text: string): string {
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
  return `'${escapeControls(shown)}'`;
}

// Makes text from outside safe to print: a key may hold what a terminal would obey.

const CONTROL = /[^\P{Cc}\t]/gu;
const SHOWN_CHARACTERS = 40;

/** The text with its control characters, the tab left out, as `\xNN`. */
export function escapeControls(text: string): string {
  return text.replace(
    CONTROL,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** The text in quotes for a message, shortened when it is long. */
export function quote(text: string): string {
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
  return `'${escapeControls(shown)}'`;
}

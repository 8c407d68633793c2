// Users' texts as a page shows them: what is not seen, or would change the direction of the text
// around it, is written out.
import { escapeControls } from '../../language/printable.ts';

/** Marks of direction, characters without width, and separators of lines; joiners join letters. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cf}\p{Zl}\p{Zp}]/gu;

export function escapeUnseen(text: string): string {
  return escapeControls(text).replace(UNSEEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

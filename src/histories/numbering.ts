// Numbers for formats that allow only numbers as names. If all texts are whole numbers, they stay
// as they are; otherwise each gets a new number. Verdicts do not depend on names.

const WHOLE = /^(?:0|[1-9][0-9]{0,14})$/;

export interface Numbering {
  readonly isRenaming: boolean;
  /** The number for one of the texts. */
  of(text: string): string;
}

/** `least` is the smallest allowed number. */
export function createNumbering(texts: Iterable<string>, least: number): Numbering {
  const numbers = new Map<string, string>();
  let isRenaming = false;
  for (const text of texts) {
    if (numbers.has(text)) continue;
    numbers.set(text, String(least + numbers.size));
    if (!WHOLE.test(text) || Number(text) < least) isRenaming = true;
  }
  const of = (text: string): string => (isRenaming ? (numbers.get(text) ?? text) : text);
  return { isRenaming, of };
}

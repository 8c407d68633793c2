// A script with what its lines said, each below its own line: a dialogue that is still a script.

/** One line of what a run said, and the script's line that it is about, if any. */
export interface Said {
  readonly line: number | undefined;
  readonly text: string;
}

/** Opens what was said, which is a comment to the script, and tells it from the script's own. */
export const SAID_MARK = '#> ';

/** The lines of a script's text, as they are numbered. */
export function splitScript(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** What is about no line of the script is left out. */
export function transcribe(lines: readonly string[], said: readonly Said[]): string[] {
  const textsByLine = new Map<number | undefined, string[]>();
  for (const { line, text } of said) {
    const texts = textsByLine.get(line) ?? [];
    textsByLine.set(line, texts);
    texts.push(`${SAID_MARK}${text.replace(/\n$/, '')}`);
  }
  return lines.flatMap((line, index) => [line, ...(textsByLine.get(index + 1) ?? [])]);
}

// A script with the output of each line below it: a dialogue that is still a script.

/** One line of a run's output, and the script's line that it concerns, if any. */
export interface Said {
  readonly line: number | undefined;
  readonly text: string;
}

/** Marks a line of output: to the script it is a comment, and it differs from the script's own. */
export const SAID_MARK = '#> ';

/** The lines of a script's text, as they are numbered. */
export function splitScript(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Leaves out the output that concerns no line of the script. */
export function transcribe(lines: readonly string[], said: readonly Said[]): string[] {
  const textsByLine = new Map<number | undefined, string[]>();
  for (const { line, text } of said) {
    const texts = textsByLine.get(line) ?? [];
    textsByLine.set(line, texts);
    texts.push(`${SAID_MARK}${text.replace(/\n$/, '')}`);
  }
  return lines.flatMap((line, index) => [line, ...(textsByLine.get(index + 1) ?? [])]);
}

// Judges the text of a history, in a few words.
import { checkHistory, type Level } from '../../src/checkers/index.ts';
import { FormatError, readHistory } from '../../src/histories/index.ts';

/** `holds`, `undecided`, the pattern that breaks the level, or `LINE: why` it is refused. */
export function judge(text: string, level: Level = 'linearizable', format?: string): string {
  try {
    const verdict = checkHistory(readHistory(text, format), level);
    return verdict.outcome === 'broken' ? verdict.witness.pattern : verdict.outcome;
  } catch (error) {
    if (error instanceof FormatError) return `${error.line}: ${error.message}`;
    throw error;
  }
}

// What a run remembers of its clients' operations, so that it can be judged at any time, and what
// the checks so far have found: the exit status depends on it.
import { check, LEVELS, type Level, strongest } from '../checkers/index.ts';
import type { Operation } from '../kernel/history.ts';
import { type Finding, tellGap, tellSummary, tellVerdicts } from './finding.ts';

export class Chronicle {
  readonly #operations: Operation[] = [];
  /** What the operations leave out, in plain words: then nothing can be decided from them. */
  #gap: string | undefined;
  #hasViolation = false;
  #hasDoubt = false;

  add(operation: Operation): void {
    this.#operations.push(operation);
  }

  /** A client was asked for something that no history has a word for. */
  omit(command: string, line: number): void {
    this.#gap ??= `the checkers do not know what ${command} does (line ${line})`;
  }

  /** A check that named a level and was broken, or could not be decided; `holds` without any. */
  get outcome(): 'holds' | 'violated' | 'unknown' {
    if (this.#hasViolation) return 'violated';
    return this.#hasDoubt ? 'unknown' : 'holds';
  }

  /**
   * Judges the operations so far: for each of the levels or, where none is named, for the strongest
   * that held and the first that broke. Only a named level can fail.
   */
  judge(levels: readonly Level[]): Finding {
    const gap = this.#gap;
    if (levels.length === 0) {
      return gap === undefined
        ? tellSummary(strongest(this.#operations), this.#operations.length)
        : tellGap(gap);
    }
    const verdicts = levels.map((level) =>
      gap === undefined
        ? check(this.#operations, level)
        : ({ level, outcome: 'unknown', why: gap } as const),
    );
    this.#hasViolation ||= verdicts.some(({ outcome }) => outcome === 'violated');
    this.#hasDoubt ||= verdicts.some(({ outcome }) => outcome === 'unknown');
    return tellVerdicts(verdicts);
  }
}

/** Whether a word names a level that a history can be judged for. */
export function isLevel(word: string): word is Level {
  return (LEVELS as readonly string[]).includes(word);
}

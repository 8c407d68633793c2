// What the claims of a script came to. Texts tell people; findings are for reports of other tools.

import type { VerdictText } from './verdictText.ts';

/** `refused` is a bad line: what it claims was not looked at. */
export type FindingOutcome = 'held' | 'broken' | 'undecided' | 'refused';

export interface Finding {
  /** Where the line is; absent for a claim of the command line about the whole run. */
  readonly place?: { readonly file: string; readonly line: number };
  /** What was claimed, as `expect x:1` or `check causal`; the code of a refused line. */
  readonly title: string;
  readonly outcome: FindingOutcome;
  /** Why, in lines; empty if it held. */
  readonly text: string;
}

const OUTCOMES = { holds: 'held', broken: 'broken', undecided: 'undecided' } as const;

/** What a check of these levels found: one finding for each, none without a level. */
export function findingsOf(
  levels: readonly string[],
  { linesByLevel = [], fields }: VerdictText,
): Omit<Finding, 'place'>[] {
  const verdicts = (fields.verdicts ?? []) as unknown as readonly {
    outcome: keyof typeof OUTCOMES;
  }[];
  return levels.map((level, index) => {
    const outcome = verdicts[index]?.outcome ?? 'undecided';
    const text = outcome === 'holds' ? '' : (linesByLevel[index] ?? []).join('\n');
    return { title: `check ${level}`, outcome: OUTCOMES[outcome], text };
  });
}

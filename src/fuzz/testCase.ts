// What is tried: a script, the seed that chance begins from, and what the network does meanwhile.
import type { Protocol } from '../kernel/protocol.ts';
import type { FaultPlan } from '../sim/faultPlan.ts';

/** The same draft always runs the same way, to the last message. */
export interface TestCase {
  /** The one that runs unless the script says otherwise. */
  readonly protocol: Protocol;
  readonly seed: number;
  readonly lines: readonly string[];
  readonly faults: FaultPlan;
}

/** What broke, in a word that two failures of one kind share, and in a sentence. */
export interface Failure {
  /** The number of an invariant (`C4`), a guarantee's name, or another short name. */
  readonly kind: string;
  readonly sentence: string;
  /** The last line that was begun. */
  readonly line: number;
  /** The lines that were done after the script's own when it broke; none if it broke before. */
  readonly ending: readonly string[];
}

/** `C4: servers 0 and 1 differ at x (line 9)` */
export function tellFailure({ kind, sentence, line, ending }: Failure): string {
  const told = sentence.startsWith(`${kind}: `) ? sentence : `${kind}: ${sentence}`;
  if (ending.length > 0) return `${told} (when all had healed)`;
  return /\bline [0-9]/.test(told) ? told : `${told} (line ${line})`;
}

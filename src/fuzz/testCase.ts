// A test case: a script, the seed of all randomness, and the faults of the network.
import type { Protocol } from '../kernel/protocol.ts';
import type { FaultPlan } from '../sim/faultPlan.ts';

/** The same test case always runs identically, to the last message. */
export interface TestCase {
  /** The protocol, unless the script chooses another. */
  readonly protocol: Protocol;
  readonly seed: number;
  readonly lines: readonly string[];
  readonly faults: FaultPlan;
}

/** A violation: its kind, equal for failures with the same cause, and a sentence. */
export interface Failure {
  /** The number of an invariant (`C4`), the name of a guarantee, or another short name. */
  readonly kind: string;
  readonly sentence: string;
  /** The last line that was begun. */
  readonly line: number;
  /** The lines executed after the script's own when it broke; empty if it broke before. */
  readonly ending: readonly string[];
}

/** `C4: servers 0 and 1 differ at x (line 9)` */
export function tellFailure({ kind, sentence, line, ending }: Failure): string {
  // The kind of an error without a number is the error's own text.
  const [name] = kind.split(': ', 1);
  const told = sentence.startsWith(`${name}: `) ? sentence : `${name}: ${sentence}`;
  if (ending.length > 0) return `${told} (after all faults had ended)`;
  return /\bline [0-9]/.test(told) ? told : `${told} (line ${line})`;
}

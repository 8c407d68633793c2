// The levels that a history is judged for, derived from the guarantees of a protocol; and the word
// `claims`, which stands for them where a level is named.
import { LEVELS } from '../checkers/levels.ts';
import type { Level } from '../checkers/verdict.ts';
import { claimsOf, completeOptions, type Design } from '../kernel/design.ts';
import { GUARANTEES, type Guarantee } from '../kernel/guarantee.ts';
import { CHECKED, type Checked } from './checked.ts';
import { adviseNearest } from './nearest.ts';
import { quote } from './printable.ts';
import type { Run } from './run.ts';

/** All that the protocol claims with the options of the run. */
export const CLAIMS = 'claims';

export type Asked = Checked | typeof CLAIMS;

/** Every word that may stand for what a run is judged for. */
export const ASKED: readonly Asked[] = [...CHECKED, CLAIMS];

export function isAsked(word: string): word is Asked {
  return (ASKED as readonly string[]).includes(word);
}

/**
 * The levels that these words stand for, each once; none if only claims are asked for and there is
 * none. Stores are judged only after a stabilize.
 */
export function levelsAsked(
  { protocol, options, history }: Pick<Run, 'protocol' | 'options' | 'history'>,
  asked: readonly Asked[],
): readonly Checked[] {
  const claims = claimsOf(protocol, options, history.modifiers);
  const isStoreClaim = claims.includes('convergence') && history.hasStabilized;
  const claimed: Checked[] = [
    ...levelsOf(claims),
    ...(isStoreClaim ? ['convergence' as const] : []),
  ];
  return [...new Set(asked.flatMap((word) => (word === CLAIMS ? claimed : [word])))];
}

/**
 * Why no run of the protocol can be judged by what it says that it keeps: a word that is no
 * guarantee. Undefined if all are. Options other than the usual ones may have further claims.
 */
export function whyMisclaimed(protocol: Design): string | undefined {
  const { name, claims, guarantees } = protocol;
  const usual = typeof claims === 'function' ? claims(completeOptions(protocol, {}), []) : claims;
  const words: readonly string[] = [...usual, ...Object.values(guarantees).flat()];
  const known: readonly string[] = GUARANTEES;
  const wrong = words.find((word) => !known.includes(word));
  if (wrong === undefined) return undefined;
  const choices = `${known.join(', ')}${adviseNearest(wrong, known)}`;
  return `protocol ${name} claims ${quote(wrong)}, which is none of ${choices}`;
}

const SESSION_GUARANTEES: readonly Guarantee[] = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
];

/**
 * The four session guarantees together are equivalent to causal consistency (Brzezinski, Sobaniec,
 * Wawrzyniak, "From Session Causality to Causal Consistency", PDP 2004), so a protocol with all of
 * them is also judged for that. Convergence is judged from stores, not from a history.
 */
export function levelsOf(guarantees: readonly Guarantee[]): Level[] {
  const levels = LEVELS.filter((level) => (guarantees as readonly string[]).includes(level));
  const isCausal = SESSION_GUARANTEES.every((guarantee) => guarantees.includes(guarantee));
  return isCausal && !levels.includes('causal') ? [...levels, 'causal'] : levels;
}

/** Why the run is judged by no claim. */
export function tellNoClaim({
  protocol,
  options,
  history,
}: Pick<Run, 'protocol' | 'options' | 'history'>): string {
  const { name } = protocol;
  const claims = claimsOf(protocol, options, history.modifiers);
  return claims.includes('convergence')
    ? `protocol ${name} claims only convergence, for which there was no stabilize`
    : `protocol ${name} claims nothing with these options`;
}

// The option by which a user says what a store promises, so that runs are judged by it.
import type { OptionSpec, Options } from '../../kernel/design.ts';
import type { Guarantee } from '../../kernel/guarantee.ts';

const CLAIMED: readonly Guarantee[] = [
  'linearizable',
  'causal',
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
  'convergence',
];
const NOTHING = 'nothing';

function refuseClaims(text: string): string | undefined {
  const isKnown = (word: string): boolean => (CLAIMED as readonly string[]).includes(word);
  if (text === NOTHING || text.split(',').every(isKnown)) return undefined;
  return `${NOTHING}, or with commas ${CLAIMED.join(', ')}`;
}

/** The option `claims`. */
export function claimsOption(...fallback: readonly Guarantee[]): OptionSpec {
  return {
    about:
      'What the store promises, for `check claims` and `--check claims`: with commas, or ' +
      `\`${NOTHING}\`.`,
    fallback: fallback.join(','),
    refuse: refuseClaims,
  };
}

export function claimsFrom({ claims: text = '' }: Options): Guarantee[] {
  return CLAIMED.filter((claim) => text.split(',').includes(claim));
}

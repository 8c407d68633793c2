// The options of the weak protocol, and what each leaves of its claims. A value of `breaks` has the
// name of what it breaks.
import type { Guarantee } from '../../kernel/guarantee.ts';
import type { OptionSpec, Options } from '../../kernel/protocol.ts';

const SESSION_GUARANTEES = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
] as const;
export type SessionGuarantee = (typeof SESSION_GUARANTEES)[number];

const CLAIMS: readonly Guarantee[] = [...SESSION_GUARANTEES, 'convergence'];

/** By each value of `breaks`: the claims that it breaks. */
const BROKEN: { readonly [value: string]: readonly Guarantee[] } = {
  nothing: [],
  ...Object.fromEntries(SESSION_GUARANTEES.map((guarantee) => [guarantee, [guarantee]])),
  'session-guarantees': SESSION_GUARANTEES,
  // Vectors claim writes that never came, so no check finds that they are missing.
  causal: CLAIMS,
  // Two servers disagree about a tie for ever, so a client that moves may go back.
  convergence: ['read-your-writes', 'monotonic-reads', 'convergence'],
};

/** By wall clocks a later write may be the older one. */
const BROKEN_BY_WALL_CLOCKS: readonly Guarantee[] = ['monotonic-writes', 'writes-follow-reads'];

function choice(choices: readonly string[], about: string): OptionSpec {
  return {
    about,
    fallback: choices[0] as string,
    refuse: (text) => (choices.includes(text) ? undefined : choices.join(', ')),
    choices,
    samples: choices,
  };
}

export const options: { readonly [name: string]: OptionSpec } = {
  breaks: choice(
    Object.keys(BROKEN),
    'What is broken on purpose: a session guarantee, whose check is left out, or all four of ' +
      'them; causal (a push has the latest write only); convergence (a tie has no winner).',
  ),
  stamps: choice(
    ['lamport', 'wall'],
    "What orders the writes of a key: Lamport's clock, or the wall clock of the server.",
  ),
  gossip: choice(
    ['eager', 'off'],
    'Whether a server pushes its store after each put, or stabilize alone spreads writes.',
  ),
};

/** Whether a session checks for this guarantee. */
export function keeps({ breaks }: Options, guarantee: SessionGuarantee): boolean {
  return breaks !== guarantee && breaks !== 'session-guarantees';
}

export function claims({ breaks = 'nothing', stamps }: Options): Guarantee[] {
  const byClocks = stamps === 'wall' ? BROKEN_BY_WALL_CLOCKS : [];
  const broken = [...byClocks, ...(BROKEN[breaks] ?? [])];
  return CLAIMS.filter((claim) => !broken.includes(claim));
}

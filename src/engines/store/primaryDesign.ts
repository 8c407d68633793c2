// What the designs of stores with a primary have in common: who is the primary, and where a client
// reads.
import type { ModifierSpec, OptionSpec, Options, ProtocolCommand } from '../../kernel/design.ts';
import { oneOf } from '../../kernel/optionTexts.ts';
import type { Request } from './store.ts';

const PLACES = ['own', 'primary'] as const;

export const placeModifier: ModifierSpec = {
  name: 'place',
  usage: PLACES.join('|'),
  about: 'own: the server that the client joined first answers; primary: the primary does',
  on: ['get'],
  isModifier: (word) => (PLACES as readonly string[]).includes(word),
  samples: PLACES,
};

/** The option `reads`. */
export const placeOption: OptionSpec = {
  about: 'Where a `get` without a place is done.',
  fallback: 'own',
  samples: PLACES,
  ...oneOf(...PLACES),
};

export const PROMOTE_COMMAND: ProtocolCommand = {
  name: 'promote',
  usage: 'promote s',
  about: 'makes a server the primary, as a failover does; the servers that it reaches follow it',
  on: 'server',
  args: [],
  prints: 'nothing',
};

/** Whether the server that a client joined first answers; otherwise the primary does. */
export function isAtOwn({ kind, modifiers }: Request, { reads }: Options): boolean {
  return kind === 'get' && (modifiers[0] ?? reads) !== 'primary';
}

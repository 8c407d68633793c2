// The options of the chain protocol, as the command line and the `protocol` command give them.
import { oneOf } from '../../kernel/optionTexts.ts';
import type { OptionSpec, Options } from '../../kernel/protocol.ts';
import { STORAGE, STORAGE_OPTION } from '../../kernel/storageOption.ts';

/** Which members of a chain answer reads. */
export type ReadMode = 'tail' | 'any';

export const options: { readonly [name: string]: OptionSpec } = {
  reads: {
    about:
      'Who answers reads: the tail, or any member of the chain, which asks the tail only about ' +
      'keys with writes on their way (CRAQ).',
    fallback: 'tail',
    samples: ['tail', 'any'],
    ...oneOf('tail', 'any'),
  },
  [STORAGE]: STORAGE_OPTION,
};

/** The read mode. The option must have been checked. */
export function readReadMode({ reads }: Options): ReadMode {
  return reads === 'any' ? 'any' : 'tail';
}

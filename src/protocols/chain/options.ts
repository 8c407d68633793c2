// The settings of the chain protocol, as texts of the command line and of the `protocol` command.
import type { OptionSpec, Options } from '../../kernel/protocol.ts';
import { STORAGE, STORAGE_OPTION } from '../../kernel/storageOption.ts';

/** Who answers reads. */
export type ReadMode = 'tail' | 'any';

export const options: { readonly [name: string]: OptionSpec } = {
  reads: {
    about:
      'Who answers reads: the tail, or any member of the chain, which asks the tail only about ' +
      'keys with writes on their way (CRAQ).',
    fallback: 'tail',
    samples: ['tail', 'any'],
    refuse: (text) => (text === 'tail' || text === 'any' ? undefined : 'tail or any'),
  },
  [STORAGE]: STORAGE_OPTION,
};

/** The mode that a checked text means. */
export function readReadMode({ reads }: Options): ReadMode {
  return reads === 'any' ? 'any' : 'tail';
}

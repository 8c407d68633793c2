// The settings of the causal protocol, as texts of the command line and of the `protocol` command.
import type { OptionSpec, Options } from '../../kernel/protocol.ts';
import { STORAGE, STORAGE_OPTION } from '../../kernel/storageOption.ts';

/** After each put, never, or every so many milliseconds. */
export type GossipMode = 'eager' | 'off' | number;

const INTERVAL = /^([1-9][0-9]{0,6})(ms)?$/;

export const options: { readonly [name: string]: OptionSpec } = {
  [STORAGE]: STORAGE_OPTION,
  gossip: {
    about:
      'When servers push to the servers they are connected to: eager, off, or every so many ms.',
    fallback: 'eager',
    refuse: (text) =>
      text === 'eager' || text === 'off' || INTERVAL.test(text)
        ? undefined
        : 'eager, off, or milliseconds such as 200ms',
    samples: ['eager', 'off', '50ms', '200ms'],
  },
};

/** The mode that a checked text means. */
export function readGossipMode({ gossip }: Options): GossipMode {
  if (gossip === 'eager' || gossip === 'off') return gossip;
  return Number(INTERVAL.exec(gossip ?? '')?.[1]);
}

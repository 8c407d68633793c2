// The options of the causal protocol, as the command line and the `protocol` command give them.
import { CALL_TIMEOUT_MS } from '../../kernel/limits.ts';
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

/** The gossip mode. The option must have been checked. */
export function readGossipMode({ gossip }: Options): GossipMode {
  if (gossip === 'eager' || gossip === 'off') return gossip;
  return Number(INTERVAL.exec(gossip ?? '')?.[1]);
}

/** With gossip at an interval: time for a push under way, and for two refusals of the next one. */
export function convergesWithinMs(chosen: Options): number | undefined {
  const mode = readGossipMode(chosen);
  return typeof mode === 'number' ? CALL_TIMEOUT_MS + 5 * mode : undefined;
}

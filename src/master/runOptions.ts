// The options of the command line that decide what a script prints, besides seed and faults.
import type { Protocol } from '../kernel/protocol.ts';
import type { Invocation } from './commandLine.ts';

/** Those that differ from the usual ones: `--gossip off`; an empty text if none does. */
export function describeRunOptions(
  { protocol, options, isLogged }: Pick<Invocation, 'protocol' | 'options' | 'isLogged'>,
  [usual]: readonly Protocol[],
): string {
  const { gossip } = options;
  const words: string[] = [];
  if (protocol.name !== usual?.name) words.push('--protocol', protocol.name);
  if (gossip !== undefined && gossip !== protocol.options.gossip?.fallback) {
    words.push('--gossip', gossip);
  }
  if (isLogged) words.push('--storage', 'log');
  return words.join(' ');
}

// The options of the command line that decide what a script prints, besides seed and faults.
import type { Design } from '../kernel/design.ts';
import { STORAGE } from '../kernel/storageOption.ts';
import type { Invocation } from './commandLine.ts';
import { quoteWord } from './quoteWord.ts';

/** Those that differ from the usual ones: `--gossip off`; an empty text if none does. */
export function describeRunOptions(
  { protocol, options, isLogged }: Pick<Invocation, 'protocol' | 'options' | 'isLogged'>,
  [usual]: readonly Design[],
): string {
  const { gossip } = options;
  const words: string[] = [];
  if (protocol.name !== usual?.name) words.push('--protocol', protocol.name);
  if (gossip !== undefined && gossip !== protocol.options.gossip?.fallback) {
    words.push('--gossip', gossip);
  }
  if (isLogged) words.push('--storage', 'log');
  for (const [name, text] of Object.entries(options)) {
    const isOwn = name === 'gossip' || name === STORAGE;
    if (!isOwn && text !== protocol.options[name]?.fallback) {
      words.push('--set', quoteWord(`${name}=${text}`));
    }
  }
  return words.join(' ');
}

// What the command `link` has set for messages by some moment. The trace does not tell it, so the
// lines of the script do.
import { type Delay, type LinkSetting, LinkSettings } from '../../kernel/linkSettings.ts';
import { linkChange } from '../../language/linkChange.ts';
import { WordReader } from '../../language/words.ts';
import type { RunView } from '../view.ts';
import { momentAt } from './moment.ts';

/**
 * The lines before the one that the run has come to are done; at the end all of them. Undefined if
 * no such line has been done.
 */
export function linkSettingsAt(
  { source, events, said }: Pick<RunView, 'source' | 'events' | 'said'>,
  cursor: number,
): LinkSettings | undefined {
  if (!source.script.includes('link')) return undefined;
  const lines = source.script.split('\n');
  const isOver = cursor >= events.length;
  const done = isOver ? lines.length : (momentAt(events, cursor).line ?? 1) - 1;
  const refused = new Set(said.map(({ stream, line }) => (stream === 'diagnostic' ? line : 0)));
  let settings: LinkSettings | undefined;
  for (const [index, text] of lines.slice(0, done).entries()) {
    const words = new WordReader(text);
    if (words.next() !== 'link' || refused.has(index + 1)) continue;
    settings ??= new LinkSettings();
    settings.change(linkChange.read(words));
  }
  return settings;
}

/** `delay 5 ms, loss 10 %`; empty if nothing is set. */
export function describeSetting({ delay, loss, duplication, isOrdered }: LinkSetting): string {
  return [
    delay && `delay ${describeDelay(delay)}`,
    loss !== undefined && `loss ${percent(loss)}`,
    duplication !== undefined && `duplication ${percent(duplication)}`,
    isOrdered && 'in order',
  ]
    .filter(Boolean)
    .join(', ');
}

/** `5 ms, lost 10 %`: a short text for a picture; empty if nothing is set. */
export function abbreviateSetting({ delay, loss, duplication, isOrdered }: LinkSetting): string {
  return [
    delay && describeDelay(delay).replace(' to ', '\u2013'),
    loss !== undefined && `lost ${percent(loss)}`,
    duplication !== undefined && `twice ${percent(duplication)}`,
    isOrdered && 'in order',
  ]
    .filter(Boolean)
    .join(', ');
}

function describeDelay(delay: Delay): string {
  if (delay.kind === 'normal') return `normal(${delay.meanMs}, ${delay.deviationMs}) ms`;
  const { leastMs, mostMs } = delay;
  return leastMs === mostMs ? `${leastMs} ms` : `${leastMs} to ${mostMs} ms`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

// The head of a panel that shows one moment: which events have happened, when, and by which line.
import type { ComponentChildren } from 'preact';
import { formatMs, momentAt } from '../../cursor/moment.ts';
import type { Bench } from '../bench.ts';

interface Props {
  readonly bench: Bench;
  readonly title: string;
  /** The number of events that have happened, where it is not that of the cursor. */
  readonly cursor?: number;
  /** What stands beside the title. */
  readonly children?: ComponentChildren;
}

export function MomentHead({ bench, title, cursor = bench.cursor.value, children }: Props) {
  const events = bench.view.value?.events ?? [];
  const { at, line } = momentAt(events, cursor);
  const isBehind = cursor !== bench.cursor.value;
  return (
    <header class="topology-moment">
      <h2>{title}</h2>
      {children}
      <p>
        {line !== undefined && <span>line {line}</span>}
        <span>{formatMs(at)}</span>
        <span title={`${cursor} of ${events.length} events have happened`}>event {cursor}</span>
        {isBehind && <span class="topology-moment-behind">before the cursor</span>}
      </p>
    </header>
  );
}

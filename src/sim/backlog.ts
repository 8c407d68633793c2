// What waits for a paused node, and in which order the node turns to it when it goes on.
import type { Caller } from '../kernel/ids.ts';

/** Where a task of a node comes from: another node, the master, its own timers, its disk. */
export type Source = Caller | 'clock' | 'disk';

export interface Waiting {
  readonly source: Source;
  readonly task: () => void;
}

/** Together what is from one source, in the order in which the sources first came; timers last. */
export function groupBySource(waiting: readonly Waiting[]): Waiting[] {
  const groups = new Map<Source, Waiting[]>();
  for (const item of waiting) {
    const group = groups.get(item.source) ?? [];
    group.push(item);
    groups.set(item.source, group);
  }
  const timers = groups.get('clock') ?? [];
  groups.delete('clock');
  return [...[...groups.values()].flat(), ...timers];
}

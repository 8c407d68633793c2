// The tasks that wait for a paused node, and the order in which the node runs them when it resumes.
import type { Caller } from '../kernel/ids.ts';

/** The source of a node's task: another node, the master, its own timers, its disk. */
export type Source = Caller | 'clock' | 'disk';

export interface Waiting {
  readonly source: Source;
  readonly task: () => void;
}

/** Groups tasks by source, sources in the order of their first task; timers come last. */
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

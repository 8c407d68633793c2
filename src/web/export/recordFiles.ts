// The trace and the history of a run as the files that `--trace` and `--history` write.
import type { RunView } from '../view.ts';

export function toTraceFile({ events }: Pick<RunView, 'events'>): string {
  return toJsonLines(events);
}

/** A write of an earlier run stands where its server joined. */
export function toHistoryFile({ history, earlier }: Pick<RunView, 'history' | 'earlier'>): string {
  const records: object[] = [];
  let next = 0;
  for (const { write, after } of earlier) {
    records.push(...history.slice(next, after), { kind: 'initial', ...write });
    next = after;
  }
  return toJsonLines([...records, ...history.slice(next)]);
}

function toJsonLines(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

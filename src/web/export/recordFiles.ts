// The trace and the history of a run as the files that `--trace` and `--history` write.
import type { RunView } from '../view.ts';

export function toTraceFile({ events }: Pick<RunView, 'events'>): string {
  return toJsonLines(events);
}

export function toHistoryFile({ history }: Pick<RunView, 'history'>): string {
  return toJsonLines(history);
}

function toJsonLines(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

// Jepsen's history.edn, also written by Maelstrom: one map per event, or one vector of maps,
// https://github.com/jepsen-io/history. Keys and values may be any EDN.
import { printEdn } from './datum.ts';
import { readEdn } from './edn.ts';
import type { Format, HistoryReader } from './format.ts';
import { type Collector, createFormReader } from './forms.ts';
import { createWordReader } from './initialValues.ts';
import { JepsenEvents } from './jepsenEvents.ts';
import { type JepsenEvent, writeJepsen } from './jepsenLines.ts';

const isWritable = (): boolean => true;

export const JEPSEN_EDN: Format = {
  name: 'jepsen-edn',
  about: "Jepsen's and Maelstrom's history.edn",
  createReader: () => {
    return createEdnReader(new JepsenEvents(isWritable));
  },
  toText: createWordReader(readEdn, isWritable),
  hasCounters: true,
  write: (history) => writeJepsen(history, isWritable, print),
};

/** Creates a reader of event maps. */
export function createEdnReader(collector: Collector): HistoryReader {
  return createFormReader({ isJson: false, read: readEdn }, collector);
}

function print({ type, f, value, process, time, index, error }: JepsenEvent): string {
  const reason = error === undefined ? '' : `, :error :${error}`;
  return (
    `{:type :${type}, :f :${f}, :value ${printEdn(value)}, :process ${process}, ` +
    `:time ${time}, :index ${index}${reason}}`
  );
}

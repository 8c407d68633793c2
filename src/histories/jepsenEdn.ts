// Jepsen's history.edn, also written by Maelstrom: one map per event, or one vector of maps,
// https://github.com/jepsen-io/history. Keys and values may be any EDN.
import { type Datum, printEdn } from './datum.ts';
import { readEdn } from './edn.ts';
import { type Format, FormatError, type HistoryReader } from './format.ts';
import { createFormReader } from './forms.ts';
import { JepsenEvents } from './jepsenEvents.ts';
import { type JepsenEvent, writeJepsen } from './jepsenLines.ts';

const isWritable = (): boolean => true;

export const JEPSEN_EDN: Format = {
  name: 'jepsen-edn',
  about: "Jepsen's and Maelstrom's history.edn",
  createReader: () => {
    const events = new JepsenEvents(isWritable);
    return createEdnReader(
      (event, line) => events.take(event, line),
      () => events.log.history(),
    );
  },
  write: (history) => writeJepsen(history, isWritable, print),
};

/** Creates a reader of event maps. */
export function createEdnReader(
  take: (map: Datum, line: number) => void,
  end: HistoryReader['end'],
): HistoryReader {
  return createFormReader('edn', (text, line) => take(readMap(text, line), line), end);
}

function readMap(text: string, line: number): Datum {
  try {
    return readEdn(text)[0] as Datum;
  } catch (error) {
    if (error instanceof SyntaxError) throw new FormatError(line, error.message);
    throw error;
  }
}

function print({ type, f, value, process, time, index, error }: JepsenEvent): string {
  const reason = error === undefined ? '' : `, :error :${error}`;
  return (
    `{:type :${type}, :f :${f}, :value ${printEdn(value)}, :process ${process}, ` +
    `:time ${time}, :index ${index}${reason}}`
  );
}

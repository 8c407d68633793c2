// The same events as JSON, one object each or one array, as elle-cli and other tools read them:
// https://github.com/ligurio/elle-cli. Keywords are written as strings.
import type { Datum } from './datum.ts';
import type { Format } from './format.ts';
import { createFormReader } from './forms.ts';
import { createWordReader } from './initialValues.ts';
import { JepsenEvents } from './jepsenEvents.ts';
import { type JepsenEvent, writeJepsen } from './jepsenLines.ts';
import { readJson } from './json.ts';
import { isJson, printJson } from './texts.ts';

const read = (text: string): Datum[] => [readJson(text)];

export const JEPSEN_JSON: Format = {
  name: 'jepsen-json',
  about: "Jepsen's events as JSON lines, or as one array",
  createReader: () => {
    return createFormReader({ isJson: true, read }, new JepsenEvents(isJson, { isJson: true }));
  },
  toText: createWordReader(read, isJson),
  hasCounters: true,
  write: (history) => writeJepsen(history, isJson, print),
};

function print({ type, f, value, process, time, index, error }: JepsenEvent): string {
  const reason = error === undefined ? '' : `,"error":"${error}"`;
  return (
    `{"type":"${type}","f":"${f}","value":${printJson(value)},"process":${process},` +
    `"time":${time},"index":${index}${reason}}`
  );
}

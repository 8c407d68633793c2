// Reads and writes histories of other tools. Other programs import this file
// (`causeway-kv/histories`) together with the checkers: lines of a file in, a history for the
// checkers out.
export {
  type Format,
  FormatError,
  type HistoryReader,
  type InitialValue,
  InitialValueError,
  type Written,
} from './format.ts';
export { readHistory, writeHistory } from './histories.ts';
export {
  findUnwritten,
  readInitialValues,
} from './initialValues.ts';
export { splitSessions } from './splitSessions.ts';
export { FORMATS, GUESSED_LINES, guessFormat } from './table.ts';

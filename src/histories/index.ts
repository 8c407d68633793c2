// Reads and writes histories of other tools. Together with the checkers this is what other programs
// use (`causeway-kv/histories`): a file's lines go in, a history for the checkers comes out.
export { type Format, FormatError, type HistoryReader, type Written } from './format.ts';
export { readHistory, writeHistory } from './histories.ts';
export { splitSessions } from './splitSessions.ts';
export { FORMATS, GUESSED_LINES, guessFormat } from './table.ts';

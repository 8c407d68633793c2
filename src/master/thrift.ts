// The memory of long scripts. V8 lets the heap grow to several times what is alive before it
// collects all of it. A run keeps a record of its operations, so for a million lines that is
// hundreds of MB.
import { setFlagsFromString } from 'node:v8';

const LONG_LINES = 50_000;
/** How far the heap may grow beyond what is alive. It costs about a fifth of the time. */
const GROWTH_PERCENT = 30;

let isThrifty = false;

/** To be called between lines. The setting is the process's, and stays. */
export function saveMemoryAfter(lineCount: number): void {
  if (isThrifty || lineCount < LONG_LINES) return;
  isThrifty = true;
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}

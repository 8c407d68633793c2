// When V8 may compile a node's code for speed. To a process that costs about as much as several
// thousand messages do, and most scripts are over before: their processes, which all compile the
// same code on the same few cores, would take a fifth more for it. And when what it has compiled is
// kept for later processes.
import { setFlagsFromString } from 'node:v8';

/** Far more than what a script of a thousand lines has a node send. */
const STEPS_BEFORE = 5_000;

let stepsLeft = 0;

declare global {
  interface ImportMeta {
    /** Where the build's launcher has loaded the program: keeps the code that has no cache yet. */
    readonly keepCode?: () => void;
  }
}

/** To be called once. V8's code cache fits to the usual flags only, so after all is loaded. */
export function deferCompilation(): void {
  stepsLeft = STEPS_BEFORE;
  setFlagsFromString('--no-opt');
}

/** Loads what is needed later, with the flags that its cache fits to, and those of Node's own. */
export async function loadLater<T>(load: () => Promise<T>): Promise<T> {
  if (stepsLeft > 0) setFlagsFromString('--opt');
  try {
    return await load();
  } finally {
    if (stepsLeft > 0) setFlagsFromString('--no-opt');
  }
}

/** To be told of every message that this process sends, and of every record that it restores. */
export function countStep(): void {
  stepsLeft -= 1;
  if (stepsLeft === 0) setFlagsFromString('--opt');
}

/**
 * To be called when the program has done what its start needs. Does nothing where every part has a
 * code cache; otherwise, once for each version of Node, it takes some ten milliseconds.
 */
export async function keepCode(): Promise<void> {
  await loadLater(async () => import.meta.keepCode?.());
}

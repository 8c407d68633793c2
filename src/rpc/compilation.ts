// Controls when V8 may optimize a node's code, and when compiled code is cached for later
// processes. Optimizing costs as much as several thousand messages, and most scripts end earlier.
// Without the delay, all their processes, which optimize the same code on the same few cores, take
// a fifth longer.
import { setFlagsFromString } from 'node:v8';

/** Much more than a node sends in a script of a thousand lines. */
const STEPS_BEFORE = 5_000;

let stepsLeft = 0;

declare global {
  interface ImportMeta {
    /** Set by the build's launcher: caches the compiled code that is not cached yet. */
    readonly keepCode?: () => void;
  }
}

/** Call once, after all code is loaded: V8's code cache is valid only for the default flags. */
export function deferCompilation(): void {
  stepsLeft = STEPS_BEFORE;
  setFlagsFromString('--no-opt');
}

/**
 * Loads code later, with the default flags, for which its code cache and that of Node are valid.
 */
export async function loadLater<T>(load: () => Promise<T>): Promise<T> {
  if (stepsLeft > 0) setFlagsFromString('--opt');
  try {
    return await load();
  } finally {
    if (stepsLeft > 0) setFlagsFromString('--no-opt');
  }
}

/** Call for every message that this process sends, and for every record that it restores. */
export function countStep(): void {
  stepsLeft -= 1;
  if (stepsLeft === 0) setFlagsFromString('--opt');
}

/**
 * Call when the start of the program is complete. Does nothing if all code is cached; otherwise it
 * takes about ten milliseconds, once for each version of Node.
 */
export async function keepCode(): Promise<void> {
  await loadLater(async () => import.meta.keepCode?.());
}

// The exit statuses of the program. 64 to 71 are those of BSD's sysexits.h.
import { constants } from 'node:os';

export const EXIT = {
  ok: 0,
  usage: 64,
  badLines: 65,
  bug: 70,
  environment: 71,
} as const;

export type Signal = 'SIGHUP' | 'SIGINT' | 'SIGTERM' | 'SIGPIPE';

/** As a shell reports a program that the signal ended. */
export function signalStatus(signal: Signal): number {
  return 128 + constants.signals[signal];
}

/** What each status means, for the documentation. */
export const EXIT_MEANINGS: readonly (readonly [status: string, meaning: string])[] = [
  ['0', 'the script ran; ERR_DEP and the like are answers'],
  ['64', 'wrong usage'],
  ['65', 'the script had bad lines: each was reported, none of it done, the rest run'],
  ['70', 'a bug in Causeway, or it is not built yet'],
  ['71', 'the environment does not allow it: a port, a folder, a process, a file'],
  ['128+n', 'signal n ended it; 141 (SIGPIPE) when nobody reads its answers any more'],
];

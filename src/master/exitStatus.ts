// The exit statuses of the program. 64 to 71 are those of BSD's sysexits.h.

export const EXIT = {
  ok: 0,
  broken: 1,
  undecided: 2,
  usage: 64,
  badLines: 65,
  bug: 70,
  environment: 71,
} as const;

/** The statuses of a script that ran to its end, from the least to the most severe. */
const COMPLETE: readonly number[] = [EXIT.ok, EXIT.undecided, EXIT.broken, EXIT.badLines];

/** Whether the script ran to its end. */
export function isComplete(status: number): boolean {
  return COMPLETE.includes(status);
}

/** The status of two complete scripts: bad lines before a broken level before an undecided one. */
export function graverOf(a: number, b: number): number {
  return COMPLETE.indexOf(a) > COMPLETE.indexOf(b) ? a : b;
}

/** POSIX fixes these numbers. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGPIPE: 13, SIGTERM: 15 } as const;

export type Signal = keyof typeof SIGNALS;

/** As a shell reports a program that the signal ended. */
export function signalStatus(signal: Signal): number {
  return 128 + SIGNALS[signal];
}

/** The meaning of each status, in Markdown, for the documentation. */
export const EXIT_MEANINGS: readonly (readonly [status: string, meaning: string])[] = [
  ['0', 'the script ran; `ERR_DEP` and the like are answers'],
  [
    '1',
    'a check named a level that was broken, an answer was not as expected, or the output is not ' +
      'in the file of `--golden`, and there were no bad lines; `swarm`, `fuzz` or `replay` ' +
      'found something broken; `evaluate` found an answer or a share that is wrong; `grade` gave ' +
      'less than all points',
  ],
  [
    '2',
    'a check named a level that is undecided, and none was broken; a replay left something ' +
      'undecided; there was nothing to judge; `swarm` exercised too little; `grade --command` ' +
      'could not decide about an output',
  ],
  ['64', 'wrong usage, or a suite of `grade --command` that is malformed'],
  [
    '65',
    'the script had bad lines: each was reported and had no effect; the others ran, up to a ' +
      'refused `protocol` line or half of a block; or a history or golden file was malformed',
  ],
  ['70', 'a bug in the protocol or in Causeway, or it is not built yet'],
  [
    '71',
    'the environment prevents it: a file that cannot be read or written, a folder, a port, ' +
      'a process, a Node that is too old',
  ],
  ['128+n', 'signal n ended it; 141 (SIGPIPE) when the reader of its answers is gone'],
];

// The program of the page's workers: a text in the page, once.

/** Put in by the build. */
declare const WORKER_PROGRAM: string;

export const PROGRAM = WORKER_PROGRAM;

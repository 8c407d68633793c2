// What no design can do whose servers are programs of others.

/** By command, why, in a clause. */
export const PROGRAM_LACKS = {
  clock: 'a program of others reads the clock of the machine',
} as const;

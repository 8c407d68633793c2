// Positions in PostgreSQL's log, and what they say of servers. Synchronous.

/** How far a server is: which writes it shows, and how much of the log it has. */
export interface Reached {
  readonly position: string;
  readonly log: bigint;
}

/**
 * Whether standbys are as far as their primary, which is the first. A commit that waits for a
 * standby is in the primary's log, and not in what it shows.
 */
export function areEqual([primary, ...standbys]: readonly (Reached | undefined)[]): boolean {
  if (primary === undefined) return false;
  return standbys.every(
    (one) => one !== undefined && one.position === primary.position && one.log >= primary.log,
  );
}

/** A position in PostgreSQL's log, as it writes it: `16/B374D848`. */
export function readPosition(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** Where a timeline began, by the last line of its history file; undefined without one. */
export function readFork(history: string): bigint | undefined {
  const last = history.trim().split('\n').at(-1) ?? '';
  const [, position] = /^\d+\s+([0-9A-F]+\/[0-9A-F]+)/.exec(last) ?? [];
  return position === undefined ? undefined : readPosition(position);
}

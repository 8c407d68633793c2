// Explains a thin-air read: a read of a value that no counted write has written. Often another
// operation explains it: a write that was reported to its client as failed, or one with another
// version.

import type { Recorded } from './history.ts';
import { isWrite } from './normalize.ts';
import type { Witness } from './verdict.ts';
import { tell, tellUnwritten, where, written } from './words.ts';

/** Finds a read that ended before every write of its value began. */
export function tellForetold(
  operations: readonly Recorded[],
): Pick<Witness, 'sentence'> | undefined {
  for (const read of operations) {
    if (read.kind !== 'get') continue;
    const writes = operations.filter((write) => isWrite(write) && isAlike(write, read));
    const first = writes.sort((a, b) => a.invokedAt - b.invokedAt)[0];
    if (first === undefined || first.invokedAt <= (read.returnedAt as number)) continue;
    return { sentence: `${tell(read)} before ${tell(first)} had begun.` };
  }
  return undefined;
}

function isAlike({ kind, key, value }: Recorded, read: Recorded): boolean {
  const text = read.kind === 'cas' ? read.expected : read.value;
  return key === read.key && (kind === 'delete' ? null : value) === text;
}

/** `read` has no possible source. The witness also shows the operations that may explain it. */
export function explainThinAir(history: readonly Recorded[], read: Recorded): Witness {
  // The version of a compare-and-set is that of what it wrote.
  const version = read.kind === 'cas' ? null : read.version;
  const alike = history.filter((operation) => isWrite(operation) && isAlike(operation, read));
  const undone = alike.find(({ outcome }) => outcome === 'fail' || outcome === 'stale');
  const under = version === null ? '' : ` under the version ${version}`;
  if (undone !== undefined) {
    const wrote = undone.kind === 'delete' ? 'deleted it' : `put ${written(undone)}`;
    const did = `${wrote} ${where(undone)}`;
    const sentence = `${tell(read)}${under}, but ${tellUndone(undone, did)}.`;
    return { pattern: 'ThinAirRead', operations: [undone, read], sentence };
  }
  const other = alike.find((write) => write.version !== null);
  if (other !== undefined) {
    const known = `under the version ${other.version}`;
    const sentence = `${tell(read)}${under}, but ${tell(other)} ${known}.`;
    return { pattern: 'ThinAirRead', operations: [other, read], sentence };
  }
  return { pattern: 'ThinAirRead', operations: [read], sentence: tellUnwritten(read, under) };
}

/**
 * Adds a deletion that failed, where a read of the witness found nothing: it may be what the read
 * has seen, though its client was told otherwise.
 */
export function withUndone(history: readonly Recorded[], witness: Witness): Witness {
  const { operations, sentence } = witness;
  const reads = operations.filter(({ kind, value }) => kind === 'get' && value === null);
  const undone = history.findLast(
    ({ kind, key, outcome, invokedAt }) =>
      kind === 'delete' &&
      (outcome === 'fail' || outcome === 'stale') &&
      reads.some((read) => read.key === key && invokedAt <= (read.returnedAt as number)),
  );
  if (undone === undefined) return witness;
  const who = tellUndone(undone, `deleted ${undone.key} ${where(undone)}`);
  return {
    ...witness,
    operations: [undone, ...operations],
    sentence: `${sentence.replace(/\.$/, '')}; ${who}.`,
  };
}

/** `client 1, which put x=2 (line 3), was told that this failed` */
function tellUndone({ session, outcome }: Recorded, did: string): string {
  const told = outcome === 'fail' ? 'was told that this failed' : 'was refused that';
  return `client ${session}, which ${did}, ${told}`;
}

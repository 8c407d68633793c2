// A read of what no write that counts has written. Often some other operation tells why: a write
// that its client was told had failed, or one that has another version.

import type { Recorded } from './history.ts';
import { isWrite } from './normalize.ts';
import type { Witness } from './verdict.ts';
import { tell, where, written } from './words.ts';

/** A read that ended before any write of what it found had begun, if there is one. */
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
  return key === read.key && (kind === 'delete' ? null : value) === read.value;
}

/** `read` is one for which no write is left. The witness shows with it what it may come from. */
export function explainThinAir(history: readonly Recorded[], read: Recorded): Witness {
  const { version } = read;
  const alike = history.filter((operation) => isWrite(operation) && isAlike(operation, read));
  const undone = alike.find(({ outcome }) => outcome === 'fail' || outcome === 'stale');
  const under = version === null ? '' : ` under the version ${version}`;
  if (undone !== undefined) {
    const wrote = undone.kind === 'delete' ? 'deleted it' : `put ${written(undone)}`;
    const did = `${wrote} ${where(undone)}`;
    const told = undone.outcome === 'fail' ? 'was told that this failed' : 'was refused that';
    const sentence = `${tell(read)}${under}, but client ${undone.session}, which ${did}, ${told}.`;
    return { pattern: 'ThinAirRead', operations: [undone, read], sentence };
  }
  const other = alike.find((write) => write.version !== null);
  if (other !== undefined) {
    const known = `under the version ${other.version}`;
    const sentence = `${tell(read)}${under}, but ${tell(other)} ${known}.`;
    return { pattern: 'ThinAirRead', operations: [other, read], sentence };
  }
  const sentence = `${tell(read)}, but no client wrote that${under}.`;
  return { pattern: 'ThinAirRead', operations: [read], sentence };
}

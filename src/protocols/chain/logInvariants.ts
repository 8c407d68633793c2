// For the invariants: what one log has of an entry, how it agrees with its predecessor's, and how
// its head has decided a compare-and-set.
import { compareVersions, type Version } from '../../clocks/version.ts';
import { assert } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ArcLog, Entry } from './log.ts';

/**
 * H2: in one epoch a successor's log is a prefix of its predecessor's, and its `committed` is not
 * smaller.
 */
export function checkPrefix(log: ArcLog, before: ArcLog, owner: NodeId): void {
  assert(log.last <= before.last, `H2: arc ${owner}: a log goes further than its predecessor's`);
  assert(log.committed >= before.committed, `H2: arc ${owner}: acknowledged before the tail was`);
  for (const entry of before.pending) {
    const { timestamp } = entry.version;
    if (timestamp > log.last) break;
    assert(holdsEntry(log, entry), `H2: arc ${owner} lacks ${show(entry.version)}`);
  }
  for (const entry of log.pending) {
    const { version } = entry;
    assert(holdsEntry(before, entry), `H2: arc ${owner} has ${show(version)} of its own`);
  }
}

/** H8. `before`: what the head's log had of the key when it decided, in any order. */
export interface Compared {
  readonly kind: 'compared';
  readonly expected: string;
  readonly entry: Entry;
  readonly before: readonly Entry[];
}

export function checkCompared({ expected, entry, before }: Compared): void {
  const { key, version, isNoop = false } = entry;
  const writes = before.filter((one) => !one.isNoop && show(one.version) !== show(version));
  writes.sort((a, b) => compareVersions(a.version, b.version));
  assert(
    (writes.at(-1)?.value === expected) === !isNoop,
    () => `H8: ${key} ${show(version)} is not decided by the value of the write before it`,
  );
}

/** As `holds`; of an entry that changes nothing nothing is left once it is acknowledged. */
export function holdsEntry(log: ArcLog, { key, version, isNoop }: Entry): boolean {
  if (!isNoop) return holds(log, key, version);
  const isSame = (one: Entry): boolean => compareVersions(one.version, version) === 0;
  return log.committed >= version.timestamp || log.pendingOf(key).some(isSame);
}

/** Whether a log has that write of the key, or a later write of it. */
export function holds(log: ArcLog, key: string, version: Version): boolean {
  const committed = log.read(key);
  if (committed !== undefined && compareVersions(committed.version, version) >= 0) return true;
  return log.pendingOf(key).some((entry) => compareVersions(entry.version, version) >= 0);
}

export function show({ timestamp, origin }: Version): string {
  return `${timestamp}/${origin.id}.${origin.incarnation}`;
}

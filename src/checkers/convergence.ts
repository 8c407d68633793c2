// Checks what `stabilize` guarantees: in each part of the network all servers then hold the same
// state, and nothing that one of them had before is missing. Also, at any time two servers that
// have applied the same writes hold the same state (strong eventual consistency: Shapiro et al.,
// "Conflict-Free Replicated Data Types", SSS 2011, section 2).
import type { Recorded, VectorTuples, VersionTuple } from '../kernel/history.ts';
import { type Life, lifeKey, type NodeId } from '../kernel/ids.ts';
import type { StoreSnapshot } from '../kernel/snapshot.ts';
import { isInitial } from './history.ts';
import { isAnswered, isWrite } from './normalize.ts';
import { isCovered } from './readsFrom.ts';
import { Placement, Store, Writes } from './stores.ts';
import type { Witness } from './verdict.ts';
import { content, tell, where } from './words.ts';

/**
 * One `stabilize`: what the servers had applied just before it, and what they held just after it.
 */
export interface Stabilization {
  readonly line: number;
  /** What let the servers converge; `stabilize` if absent. */
  readonly command?: string;
  /** A sentence on why it says nothing about some servers; null if it reached every live server. */
  readonly gap: string | null;
  /** Whether a restarted server recovers its state. */
  readonly haveLogs: boolean;
  /** The servers that have died and not come back. */
  readonly gone?: readonly NodeId[];
  /** The servers that it reached, grouped by connectivity. */
  readonly components: readonly (readonly NodeId[])[];
  readonly before: readonly Omit<StoreSnapshot, 'entries'>[];
  readonly after: readonly StoreSnapshot[];
}

/** The result of checking one `stabilize`. */
export interface StabilizationFinding {
  readonly line: number;
  readonly gap: string | null;
  /** The violations of convergence; any one is enough. */
  readonly problems: readonly Witness[];
  /** Acknowledged writes that no live server had, nor a later write of the key. */
  readonly lost: readonly Recorded[];
  /** As `lost`, but the server is dead and has a log: a restart may bring the write back. */
  readonly awaited: readonly Recorded[];
  /** The dead servers that may bring the first of these back. */
  readonly from: readonly NodeId[];
}

/** `history` is the history up to the return of the stabilize. */
export function judgeStabilization(
  history: readonly Recorded[],
  stabilization: Stabilization,
): StabilizationFinding {
  const { line, gap, after } = stabilization;
  const writes = new Writes(history);
  const stores = after.map((snapshot) => new Store(snapshot, writes));
  const placement = new Placement(after);
  const acknowledged = history.filter(isAcknowledged);
  const problems = findProblems(stabilization, { stores, placement, writes, acknowledged });
  const isNowhere = (write: Recorded): boolean =>
    !stores.some((store) => store.has(write) || store.hasHint(write));
  const deadHolders = (write: Recorded): NodeId[] => {
    const holders = placement.holdersOf(write.key, holderOf(write)) ?? stabilization.gone ?? [];
    return holders.filter((id) => !stores.some(({ server }) => server.id === id));
  };
  const mayComeBack = (write: Recorded): boolean =>
    stabilization.haveLogs && deadHolders(write).length > 0;
  // With a gap, a server that was not reached may have the missing writes.
  const missing = gap === null ? acknowledged.filter(isNowhere) : [];
  const awaited = missing.filter(mayComeBack);
  const lost = missing.filter((write) => !awaited.includes(write));
  const from = awaited[0] === undefined ? [] : deadHolders(awaited[0]);
  return { line, gap, problems, lost, awaited, from };
}

interface Found {
  readonly stores: readonly Store[];
  readonly placement: Placement;
  readonly writes: Writes;
  readonly acknowledged: readonly Recorded[];
}

function findProblems(
  { line, command = 'stabilize', components, before: allBefore }: Stabilization,
  { stores, placement, writes, acknowledged }: Found,
): Witness[] {
  const storeById = new Map(stores.map((store) => [store.server.id, store]));
  const problems = components.flatMap((component) => {
    const members = component.flatMap((id) => storeById.get(id) ?? []);
    const before = allBefore.filter(({ server }) => component.includes(server.id));
    const part = { line, command, writes, placement, members, before };
    return [...compareStores(part), ...compareWithBefore(part), ...findMissing(part, acknowledged)];
  });
  return [...problems, ...compareEqualVectors(stores, { line, command })];
}

/** Has an `ok` and a version. Writes of earlier runs count too: a server held them. */
export function isAcknowledged(operation: Recorded): boolean {
  return isWrite(operation) && isAnswered(operation) && operation.version !== null;
}

/** The server that took an acknowledged write. */
export function holderOf(write: Recorded): NodeId {
  return isInitial(write) ? (write.server as NodeId) : (write.version as VersionTuple)[1];
}

/** One connected part of the network before and after one stabilize. */
interface Part {
  readonly line: number;
  readonly command: string;
  readonly writes: Writes;
  readonly placement: Placement;
  readonly members: readonly Store[];
  readonly before: readonly { readonly server: Life; readonly applied: VectorTuples | null }[];
}

/** One violation for each server that differs from another. */
function compareStores({ line, command, writes, placement, members }: Part): Witness[] {
  return members.flatMap((other, place) => {
    const earlier = placement.isPartial ? members.slice(0, place) : members.slice(0, 1);
    for (const first of earlier) {
      const isShared = (key: string): boolean =>
        placement.holds(first, key) && placement.holds(other, key);
      const key = first
        .differencesTo(other)
        .find((k) => isShared(k) && isResolved(k, writes, members));
      if (key === undefined) continue;
      const shown = [...first.writesOf(key), ...other.writesOf(key)];
      const sentence =
        `After the ${command} in line ${line} ${first.name} has ` +
        `${first.tell(key)}, but ${other.name} has ${other.tell(key)}.`;
      return [witness('DifferentStores', shown, sentence)];
    }
    return [];
  });
}

/**
 * Whether a difference of the stores at this key counts. An unanswered write may arrive at any
 * time, also after the stabilize, and explains a difference unless every entry comes from a known
 * write.
 */
function isResolved(key: string, writes: Writes, members: readonly Store[]): boolean {
  return !writes.isOpen(key) || members.every((store) => store.isExplained(key));
}

/** A server keeps what it had applied; after a stabilize the others of its part have it too. */
function compareWithBefore({ line, command, writes, members, before }: Part): Witness[] {
  return members.flatMap(({ snapshot, name }) => {
    const { applied } = snapshot;
    if (applied === null) return [];
    return before.flatMap(({ server, applied: had }) => {
      const isGap = ([id, life, upTo]: VectorTuples[number]): boolean =>
        upTo > 0 && !isCovered(applied, [upTo, id, life]);
      const gap = had?.find(isGap);
      if (gap === undefined) return [];
      const [id, incarnation, upTo] = gap;
      const write = writes.find(
        (version) =>
          version[1] === id &&
          version[2] === incarnation &&
          version[0] <= upTo &&
          !isCovered(applied, version),
      );
      const what =
        write === undefined ? `all that server ${id} wrote` : `${content(write)} ${where(write)}`;
      const sentence =
        `Before the ${command} in line ${line} server ${server.id} had applied ${what}, after it ` +
        `${name} has not.`;
      return [witness('OlderThanBefore', [write], sentence)];
    });
  });
}

/**
 * Each write that a server of the part took or reports as applied must be at every server of the
 * part, or a later write of its key; with partial replication, each write that one of them has at
 * every replica of its key in the part. Returns the first that is not.
 */
function findMissing(
  { line, command, placement, members, before }: Part,
  acknowledged: readonly Recorded[],
): Witness[] {
  const vectors = [...members.map(({ snapshot }) => snapshot), ...before];
  const isTaken = (version: VersionTuple): boolean => {
    const origin = lifeKey({ id: version[1], incarnation: version[2] });
    return (
      members.some(({ server }) => lifeKey(server) === origin) ||
      vectors.some(({ applied }) => applied !== null && isCovered(applied, version))
    );
  };
  // The server that gave a write its version need not be a replica of the key. A hint is for one
  // replica, and need not have come to another one.
  const isClaimed = (write: Recorded): boolean =>
    placement.isPartial
      ? members.some((store) => store.keeps(write))
      : isTaken(write.version as VersionTuple);
  for (const write of acknowledged) {
    const lacking = members.find((store) => placement.holds(store, write.key) && !store.has(write));
    if (lacking === undefined || !isClaimed(write)) continue;
    const done = isInitial(write) ? '' : ' and was told that it is done';
    const sentence =
      `${sentenceCase(tell(write))}${done}, but after the ${command} in line ${line} ` +
      `${lacking.name} has ${lacking.tell(write.key)}.`;
    return [witness('MissingWrite', [write, ...lacking.writesOf(write.key)], sentence)];
  }
  return [];
}

function compareEqualVectors(
  stores: readonly Store[],
  { line, command }: Pick<Part, 'line' | 'command'>,
): Witness[] {
  const byVector = new Map<string, Store>();
  return stores.flatMap((store) => {
    const { applied } = store.snapshot;
    if (applied === null) return [];
    const sorted = [...applied].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const name = JSON.stringify(sorted.filter(([, , upTo]) => upTo > 0));
    const other = byVector.get(name);
    if (other === undefined) byVector.set(name, store);
    const [key] = other?.differencesTo(store) ?? [];
    if (other === undefined || key === undefined) return [];
    const sentence =
      `After the ${command} in line ${line} ${other.name} and ${store.name} have applied the ` +
      `same writes, but one has ${other.tell(key)} and the other ${store.tell(key)}.`;
    return [
      witness(
        'SameWritesDifferentStores',
        [...other.writesOf(key), ...store.writesOf(key)],
        sentence,
      ),
    ];
  });
}

function witness(
  pattern: Witness['pattern'],
  writes: readonly (Recorded | undefined)[],
  sentence: string,
): Witness {
  const operations = [...new Set(writes.filter((write) => write !== undefined))];
  return { pattern, operations, sentence };
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

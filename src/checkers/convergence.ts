// What `stabilize` promises: within each part of the network all servers then hold the same, each
// key the greatest version that any of them had, and no acknowledged write is missing. And at any
// time two servers that have applied the same writes hold the same (strong eventual consistency:
// Shapiro et al., "Conflict-Free Replicated Data Types", SSS 2011, section 2).
import type { Operation, VectorTuples, VersionTuple } from '../kernel/history.ts';
import { type Life, lifeKey, type NodeId } from '../kernel/ids.ts';
import { isAnswered, isPending, isWrite } from './gather.ts';
import { compareVersions, isCovered } from './readsFrom.ts';
import { writtenValue } from './valueIndex.ts';

export interface StoreEntry {
  readonly key: string;
  /** Null for a deletion that is still remembered. */
  readonly value: string | null;
  readonly version: VersionTuple;
}

/** What one server held at one moment. */
export interface StoreSnapshot {
  readonly server: Life;
  readonly entries: readonly StoreEntry[];
  /** Null if the server does not say. */
  readonly applied: VectorTuples | null;
}

/** One `stabilize`: the stores just before it began and just after it returned. */
export interface Stabilization {
  readonly line: number;
  /** When it returned, on the clock of the history. Writes that were acknowledged by then count. */
  readonly at: number;
  /** The live servers, by what was connected; a server that did not answer is in none. */
  readonly components: readonly (readonly NodeId[])[];
  readonly before: readonly StoreSnapshot[];
  readonly after: readonly StoreSnapshot[];
}

export type ConvergenceProblem =
  | { readonly kind: 'different-stores'; readonly sentence: string; readonly line: number }
  | { readonly kind: 'older-than-before'; readonly sentence: string; readonly line: number }
  | {
      readonly kind: 'same-writes-different-stores';
      readonly sentence: string;
      readonly line: number;
    }
  | {
      readonly kind: 'lost-write';
      readonly sentence: string;
      readonly line: number;
      readonly write: Operation;
    };

export interface ConvergenceVerdict {
  readonly outcome: 'holds' | 'violated';
  readonly problems: readonly ConvergenceProblem[];
  /**
   * Acknowledged writes that no live server has nor has overwritten, because the only server that
   * had them died: what an acknowledgement by one server in memory is worth. No violation.
   */
  readonly lostWithTheirServer: readonly Operation[];
}

export function checkConvergence(
  history: readonly Operation[],
  stabilizations: readonly Stabilization[],
): ConvergenceVerdict {
  const problems: ConvergenceProblem[] = [];
  const lost = new Set<Operation>();
  for (const stabilization of stabilizations) {
    const stores = new Map(stabilization.after.map((store) => [store.server.id, new Store(store)]));
    for (const component of stabilization.components) {
      const members = component.flatMap((id) => stores.get(id) ?? []);
      problems.push(...compareStores(members, stabilization.line));
      problems.push(...compareWithBefore(members, stabilization));
    }
    problems.push(...compareEqualVectors(stabilization));
    for (const write of acknowledged(history, stabilization.at)) {
      const problem = findLoss(history, write, stabilization, stores);
      if (problem === 'server-gone') lost.add(write);
      else if (problem !== undefined) problems.push(problem);
    }
  }
  const outcome = problems.length === 0 ? 'holds' : 'violated';
  return { outcome, problems, lostWithTheirServer: [...lost] };
}

class Store {
  readonly snapshot: StoreSnapshot;
  readonly entryByKey: ReadonlyMap<string, StoreEntry>;

  constructor(snapshot: StoreSnapshot) {
    this.snapshot = snapshot;
    this.entryByKey = new Map(snapshot.entries.map((entry) => [entry.key, entry]));
  }

  get name(): string {
    return `server ${this.snapshot.server.id}`;
  }

  /** `x=1`, or `no x`: a remembered deletion and a forgotten one are the same. */
  tell(key: string): string {
    const entry = this.entryByKey.get(key);
    if (entry === undefined || entry.value === null) return `no ${key}`;
    return `${key}=${entry.value} (version ${entry.version})`;
  }

  /** The first key at which the two differ. */
  differenceTo(other: Store): string | undefined {
    const keys = [...this.entryByKey.keys(), ...other.entryByKey.keys()];
    return keys.find((key) => this.tell(key) !== other.tell(key));
  }
}

function compareStores(members: readonly Store[], line: number): ConvergenceProblem[] {
  const [first, ...others] = members;
  return others.flatMap((other): ConvergenceProblem[] => {
    const key = (first as Store).differenceTo(other);
    if (key === undefined) return [];
    const sentence =
      `After the stabilize in line ${line} ${(first as Store).name} has ` +
      `${(first as Store).tell(key)}, but ${other.name} has ${other.tell(key)}.`;
    return [{ kind: 'different-stores', sentence, line }];
  });
}

/** A deletion may be forgotten in between; nothing else may get older. */
function compareWithBefore(
  members: readonly Store[],
  { before, line }: Stabilization,
): ConvergenceProblem[] {
  const ids = new Set(members.map(({ snapshot }) => lifeKey(snapshot.server)));
  const greatest = new Map<string, { entry: StoreEntry; holder: Store }>();
  for (const snapshot of before.filter(({ server }) => ids.has(lifeKey(server)))) {
    const holder = new Store(snapshot);
    for (const entry of snapshot.entries) {
      const known = greatest.get(entry.key)?.entry.version;
      if (known === undefined || compareVersions(entry.version, known) > 0) {
        greatest.set(entry.key, { entry, holder });
      }
    }
  }
  return members.flatMap((member) =>
    [...greatest.values()].flatMap(({ entry, holder }): ConvergenceProblem[] => {
      const held = member.entryByKey.get(entry.key);
      const isOld =
        held === undefined
          ? entry.value !== null
          : compareVersions(held.version, entry.version) < 0;
      if (!isOld) return [];
      const sentence =
        `Before the stabilize in line ${line} ${holder.name} had ${holder.tell(entry.key)}, ` +
        `after it ${member.name} has ${member.tell(entry.key)}.`;
      return [{ kind: 'older-than-before', sentence, line }];
    }),
  );
}

function compareEqualVectors({ before, after, line }: Stabilization): ConvergenceProblem[] {
  const byVector = new Map<string, Store>();
  const problems: ConvergenceProblem[] = [];
  for (const snapshot of [...before, ...after]) {
    if (snapshot.applied === null) continue;
    const sorted = [...snapshot.applied].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const name = JSON.stringify(sorted.filter(([, , upTo]) => upTo > 0));
    const store = new Store(snapshot);
    const other = byVector.get(name);
    if (other === undefined) byVector.set(name, store);
    const key = other?.differenceTo(store);
    if (other === undefined || key === undefined) continue;
    const sentence =
      `Around the stabilize in line ${line} ${other.name} and ${store.name} have applied the ` +
      `same writes, but one has ${other.tell(key)} and the other ${store.tell(key)}.`;
    problems.push({ kind: 'same-writes-different-stores', sentence, line });
  }
  return problems;
}

function acknowledged(history: readonly Operation[], at: number): Operation[] {
  return history.filter((operation) => {
    const { returnedAt, version } = operation;
    const isAcknowledged = isWrite(operation) && isAnswered(operation) && version !== null;
    return isAcknowledged && returnedAt !== null && returnedAt <= at;
  });
}

/**
 * A write must be where the server is that accepted it, and a greater one makes up for it. If that
 * server's life is over, the write may have died with it.
 */
function findLoss(
  history: readonly Operation[],
  write: Operation,
  stabilization: Stabilization,
  stores: ReadonlyMap<NodeId, Store>,
): ConvergenceProblem | 'server-gone' | undefined {
  const version = write.version as VersionTuple;
  const origin = lifeKey({ id: version[1], incarnation: version[2] });
  const home = stabilization.components.find((component) =>
    component.some((id) => {
      const store = stores.get(id);
      return store !== undefined && lifeKey(store.snapshot.server) === origin;
    }),
  );
  const lacking = (id: NodeId): boolean => {
    const store = stores.get(id);
    return store !== undefined && !hasWrite(store, write, history, stabilization.at);
  };
  if (home === undefined) {
    return [...stores.keys()].every(lacking) ? 'server-gone' : undefined;
  }
  const holder = home.find(lacking);
  if (holder === undefined) return undefined;
  const { line } = stabilization;
  const held = (stores.get(holder) as Store).tell(write.key);
  const what = write.kind === 'delete' ? `deletion of ${write.key}` : `${write.key}=${write.value}`;
  const sentence =
    `Client ${write.session}'s ${what} (line ${write.line}) was acknowledged, but after the ` +
    `stabilize in line ${line} server ${holder} has ${held}.`;
  return { kind: 'lost-write', sentence, line, write };
}

function hasWrite(
  { entryByKey, snapshot }: Store,
  write: Operation,
  history: readonly Operation[],
  at: number,
): boolean {
  const version = write.version as VersionTuple;
  const entry = entryByKey.get(write.key);
  if (entry !== undefined) return compareVersions(entry.version, version) >= 0;
  if (writtenValue(write) === null) return true;
  if (snapshot.applied !== null && !isCovered(snapshot.applied, version)) return false;
  // No entry at all is right where a later deletion has been forgotten.
  return history.some((other) => {
    if (other.kind !== 'delete' || other.key !== write.key || other.invokedAt > at) return false;
    if (isPending(other)) return true;
    return other.version !== null && compareVersions(other.version, version) > 0;
  });
}

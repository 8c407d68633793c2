// Properties that must hold of any run of the causal protocol, computed without the protocol's
// code: from the history of its clients and from the stores of its servers.
import type { Operation, VersionTuple } from '../../src/kernel/history.ts';
import type { Checkpoint } from './linkModel.ts';

/**
 * The reads that returned an older version than the session had written or read, or a value that
 * was never written. The operations of one session follow each other.
 */
export function findRegressions(history: readonly Operation[]): string[] {
  const problems: string[] = [];
  const versionBySessionKey = new Map<string, VersionTuple>();
  const writeByVersion = new Map<string, Operation>();
  for (const operation of history) {
    const { kind, key, value, outcome, version, line } = operation;
    if (outcome !== 'ok' && outcome !== 'absent') continue;
    const about = JSON.stringify([operation.session, operation.incarnation, key]);
    const before = versionBySessionKey.get(about);
    const where = `line ${line}: ${kind} ${operation.session} ${key}`;
    if (version === null) {
      if (before !== undefined) problems.push(`${where} finds nothing, after ${before}`);
      continue;
    }
    if (before !== undefined && compareVersions(version, before) < (kind === 'get' ? 0 : 1)) {
      problems.push(`${where} has ${version}, after ${before}`);
    }
    versionBySessionKey.set(about, version);
    const name = String(version);
    const write = writeByVersion.get(name);
    if (kind !== 'get') {
      if (write !== undefined) problems.push(`${where} has the version of line ${write.line}`);
      writeByVersion.set(name, operation);
    } else if (write?.key !== key || write.value !== value) {
      problems.push(`${where} has ${value}, which was not put as ${version}`);
    }
  }
  return problems;
}

/** A store as `printStore` shows it. */
export type Store = ReadonlyMap<string, string>;

/**
 * Where servers of one partition differ after a stabilize, or lack a write that one of them took:
 * each key must have the greatest such version, or a greater one.
 */
export function findDivergence(
  { serverByLine, partitions, lifeByServer }: Checkpoint,
  storeByServer: ReadonlyMap<number, Store>,
  history: readonly Operation[],
): string[] {
  const [firstLine = 0] = serverByLine.keys();
  const writes = writesBefore(firstLine, history);
  const problems: string[] = [];
  for (const partition of partitions) {
    const [first = 0, ...others] = partition;
    const store = storeByServer.get(first) ?? new Map<string, string>();
    for (const other of others) {
      if (!areEqual(store, storeByServer.get(other))) {
        problems.push(`line ${firstLine}: servers ${first} and ${other} differ`);
      }
    }
    for (const newest of newestAccepted(writes, partition, lifeByServer)) {
      const { key, line } = newest;
      const shown = writes.filter((w) => w.key === key && w.value === (store.get(key) ?? null));
      if (!shown.some((write) => compareVersions(write.version, newest.version) >= 0)) {
        problems.push(`line ${firstLine}: server ${first} lacks line ${line}'s write of ${key}`);
      }
    }
  }
  return problems;
}

interface Write {
  readonly key: string;
  /** Null for a delete. */
  readonly value: string | null;
  readonly version: VersionTuple;
  readonly line: number;
}

function writesBefore(before: number, history: readonly Operation[]): Write[] {
  return history.flatMap(({ kind, key, value, outcome, version, line }) => {
    if (kind === 'get' || outcome !== 'ok' || version === null || line >= before) return [];
    return [{ key, value, version, line }];
  });
}

/** Of each key the greatest write that a life in the partition accepted itself. */
function newestAccepted(
  writes: readonly Write[],
  partition: readonly number[],
  lifeByServer: ReadonlyMap<number, number>,
): Write[] {
  const newestByKey = new Map<string, Write>();
  for (const write of writes) {
    const [, server, life] = write.version;
    if (!partition.includes(server) || lifeByServer.get(server) !== life) continue;
    const newest = newestByKey.get(write.key);
    if (newest === undefined || compareVersions(write.version, newest.version) > 0) {
      newestByKey.set(write.key, write);
    }
  }
  return [...newestByKey.values()];
}

function areEqual(a: Store, b: Store | undefined): boolean {
  if (a.size !== b?.size) return false;
  return [...a].every(([key, value]) => b.get(key) === value);
}

function compareVersions(a: VersionTuple, b: VersionTuple): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

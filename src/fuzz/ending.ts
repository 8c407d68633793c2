// The ending of each script, as script lines: resume all servers, restore all links, restart
// servers with logs; then one more round, and a look at the state.
import type { Recorded } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { StoreSnapshot } from '../kernel/snapshot.ts';

/** After this time, every message delayed by a fault plan has arrived. */
const LONGEST_TAIL_MS = 4_000;
/** After this time, every restarted server has been accepted by the others. */
const RETURN_MS = 10_000;
const WAIT = `sleep ${RETURN_MS}ms`;
/** Above the ids that are drawn, except a few much larger ones. */
const READER = 1_000;

export interface Standing {
  /** The live servers, sorted by id. */
  readonly servers: readonly NodeId[];
  readonly paused: readonly NodeId[];
  /** The servers that have failed and run on. */
  readonly failed: readonly NodeId[];
  /** Whether something may be set for some link. */
  readonly hasLinkSettings: boolean;
  /** Servers that died and whose ids are free. */
  readonly dead: readonly NodeId[];
}

export function listHealing({ paused, failed, hasLinkSettings }: Standing): string[] {
  return [
    ...(hasLinkSettings ? ['link all reset'] : []),
    ...paused.map((id) => `resumeServer ${id}`),
    ...failed.map((id) => `recover ${id}`),
    'heal',
    `sleep ${LONGEST_TAIL_MS}ms`,
  ];
}

/**
 * Restarts the servers with logs. A server whose disk was full writes nothing more in that life,
 * and it is unknown which servers this affects. So if a disk can be full, all servers are killed
 * and restarted.
 */
export function listReturns({ servers, dead }: Standing, wereFull: boolean): string[] {
  const killed = wereFull ? servers : [];
  const returning = [...killed, ...dead].sort((a, b) => a - b);
  if (returning.length === 0) return [];
  return [
    ...killed.map((id) => `killServer ${id}`),
    ...returning.map((id) => `joinServer ${id}`),
    WAIT,
  ];
}

/** Newcomers of a ring wait for each other: so many at most. */
const MOST_NEWCOMERS = 6;

/** Lets time pass while servers have to wait for others before they serve. */
export async function awaitNewcomers(
  cluster: { areWaiting(): Promise<boolean> },
  doLine: (line: string) => Promise<void>,
): Promise<void> {
  for (let left = MOST_NEWCOMERS; left > 0 && (await cluster.areWaiting()); left -= 1) {
    await doLine(WAIT);
  }
}

/** `converge` is the line after which all stores are the same. */
export function listLooks({ servers }: Standing, converge: string): string[] {
  return [converge, ...servers.map((id) => `printStore ${id}`)];
}

/** A new client reads every key of the history. */
export function listReads({ servers }: Standing, history: readonly Recorded[]): string[] {
  const [server] = servers;
  const keys = [...new Set(history.map(({ key }) => key))].sort();
  if (server === undefined || keys.length === 0) return [];
  return [`joinClient ${READER} ${server}`, ...keys.map((key) => `get ${READER} ${key}`)];
}

/**
 * Whether each key has as many replicas as a get needs. If no server holds any key, that is
 * unknown, so false if a get needs more than one.
 */
export function haveReplicas(snapshots: readonly StoreSnapshot[], least: number): boolean {
  if (least <= 1) return true;
  const lists = snapshots.flatMap(({ replicas }) => [...(replicas?.values() ?? [])]);
  return lists.length > 0 && lists.every((servers) => servers.length >= least);
}

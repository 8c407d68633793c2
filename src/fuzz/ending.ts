// What a script is ended with, as lines of it: everybody awake, all links whole, whoever has a log
// back on it; then one more round, and a look at what is there.
import type { Operation } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';

/** By then whatever a fault plan held up has arrived. */
const LONGEST_TAIL_MS = 4_000;
/** By then whoever came back has been taken in by the others. */
const RETURN_MS = 10_000;
/** Above the ids that are drawn, apart from a few far larger ones. */
const READER = 1_000;

export interface Standing {
  /** Servers that live, by id. */
  readonly servers: readonly NodeId[];
  readonly paused: readonly NodeId[];
  /** Servers that died, and whose ids are free. */
  readonly dead: readonly NodeId[];
}

export function listHealing({ paused }: Standing): string[] {
  return [...paused.map((id) => `resumeServer ${id}`), 'heal', `sleep ${LONGEST_TAIL_MS}ms`];
}

/**
 * Servers with logs come back. One whose disk was full writes nothing more in that life, and nobody
 * knows which it was: all of them begin anew, after a crash of everybody.
 */
export function listReturns({ servers, dead }: Standing, wereFull: boolean): string[] {
  const killed = wereFull ? servers : [];
  const returning = [...killed, ...dead].sort((a, b) => a - b);
  if (returning.length === 0) return [];
  return [
    ...killed.map((id) => `killServer ${id}`),
    ...returning.map((id) => `joinServer ${id}`),
    `sleep ${RETURN_MS}ms`,
  ];
}

/** `converge` is the line after which all stores are the same. */
export function listLooks({ servers }: Standing, converge: string): string[] {
  return [converge, ...servers.map((id) => `printStore ${id}`)];
}

/** A client without a past reads every key that the script has named. */
export function listReads({ servers }: Standing, history: readonly Operation[]): string[] {
  const [server] = servers;
  const keys = [...new Set(history.map(({ key }) => key))].sort();
  if (server === undefined || keys.length === 0) return [];
  return [`joinClient ${READER} ${server}`, ...keys.map((key) => `get ${READER} ${key}`)];
}

// Whether a get has missed writes that were acknowledged before it.
import { compareVersions, fromVersionTuple } from '../clocks/version.ts';
import type { Answer } from '../kernel/control.ts';
import type { VersionTuple } from '../kernel/history.ts';

type Known = Pick<Answer, 'version' | 'context'>;

/**
 * Whether `later` is that write, or one after it, or has read one of these. True if the write has
 * no version, so that nothing can be said.
 */
export function hasWrite(write: Known, later: Known): boolean {
  if (write.version === null) return true;
  if (later.context !== undefined) return isIn(write.version, later.context);
  if (later.version === null) return false;
  const [mine, theirs] = [write.version, later.version].map(fromVersionTuple);
  return mine !== undefined && theirs !== undefined && compareVersions(theirs, mine) >= 0;
}

function isIn([timestamp, id, incarnation]: VersionTuple, context: Answer['context']): boolean {
  return (context ?? []).some(([server, life, after, upTo]) => {
    return server === id && life === incarnation && after < timestamp && timestamp <= upTo;
  });
}

/** The acknowledged writes of each key, without those that a later one includes. */
export class Acknowledged {
  readonly #latestByKey = new Map<string, readonly Known[]>();

  add(key: string, write: Known): void {
    const latest = this.latest(key);
    if (latest.some((one) => hasWrite(write, one))) return;
    this.#latestByKey.set(key, [...latest.filter((one) => !hasWrite(one, write)), write]);
  }

  /** What a get that begins now must have; writes acknowledged later do not change the list. */
  latest(key: string): readonly Known[] {
    return this.#latestByKey.get(key) ?? [];
  }
}

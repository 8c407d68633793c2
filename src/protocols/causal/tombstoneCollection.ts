// When tombstones may be collected. The root of rounds of stabilize decides it, from the lives that
// its rounds have reached. No messages here; the argument is in
// docs/decisions/0009-tombstone-collection.md.
import type { VersionVector } from '../../clocks/versionVector.ts';
import { type Life, lifeKey } from '../../kernel/ids.ts';

/** A round that reached every server that lived when it began. */
interface WholeRound {
  readonly reached: ReadonlySet<number>;
  /** What each of them had applied when the round ended. */
  readonly held: VersionVector;
}

export class TombstoneCollection {
  #last: WholeRound | undefined;

  /**
   * To be called when a round ends that reached every known server; each of them has applied
   * `held`. Gives the vector up to which tombstones may be collected now: `held` of the whole round
   * before, if that round reached every life that this one reached. Otherwise undefined.
   */
  conclude(reached: readonly Life[], held: VersionVector): VersionVector | undefined {
    const former = this.#last;
    const keys = reached.map(lifeKey);
    this.#last = { reached: new Set(keys), held };
    return former !== undefined && keys.every((key) => former.reached.has(key))
      ? former.held
      : undefined;
  }
}

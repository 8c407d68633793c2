// When deletions may be forgotten: a decision of whoever leads rounds of stabilize, without its
// messages. The argument is in docs/decisions/0009-forgetting.md.
import type { VersionVector } from '../../clocks/versionVector.ts';
import { type Life, lifeKey } from '../../kernel/ids.ts';

/** A round that has reached every server that lived when it began. */
interface WholeRound {
  readonly reached: ReadonlySet<number>;
  /** What all of them had applied at its end. */
  readonly held: VersionVector;
}

export class Forgetting {
  #last: WholeRound | undefined;

  /**
   * A round ends that has reached every known server, and brought to all of them what `held`
   * includes. Gives up to where deletions may be forgotten now: what the whole round before had
   * brought, if all that were reached this time were reached then.
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

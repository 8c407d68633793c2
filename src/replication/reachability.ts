// Which servers have to be removed, so that all others reach each other.
import type { NodeId } from '../kernel/ids.ts';

/**
 * `reachedBy` has for each server which others it reached, or undefined if it did not answer at
 * all. An answered call proves the link in both directions, so one of the two reports is enough.
 * Silent servers are removed first. Then, while two remaining servers do not reach each other, the
 * server that reaches the fewest is removed: the smaller side of a partition. If several reach as
 * few, a suspected one is removed, then the one with the greatest id. Gives the removed servers, in
 * that order.
 */
export function findCutOff(
  reachedBy: ReadonlyMap<NodeId, readonly NodeId[] | undefined>,
  suspects: readonly NodeId[],
): NodeId[] {
  const silent = [...reachedBy.keys()].filter((id) => reachedBy.get(id) === undefined);
  const cutOff = [...silent];
  let stay = [...reachedBy.keys()].filter((id) => !silent.includes(id));
  const isLinked = (a: NodeId, b: NodeId): boolean =>
    reachedBy.get(a)?.includes(b) === true || reachedBy.get(b)?.includes(a) === true;
  for (;;) {
    const ranked = stay.map((id) => ({
      id,
      links: stay.filter((other) => other !== id && isLinked(id, other)).length,
      isSuspected: suspects.includes(id),
    }));
    ranked.sort(
      (a, b) => a.links - b.links || Number(b.isSuspected) - Number(a.isSuspected) || b.id - a.id,
    );
    const [worst] = ranked;
    if (worst === undefined || worst.links === stay.length - 1) return cutOff;
    cutOff.push(worst.id);
    stay = stay.filter((id) => id !== worst.id);
  }
}

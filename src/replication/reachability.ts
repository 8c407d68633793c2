// Who has to be left out, so that all who stay reach each other.
import type { NodeId } from '../kernel/ids.ts';

/**
 * `reachedBy` says of each server which others it reached, or undefined if it did not answer at
 * all; a call that was answered proves the link in both directions, whoever made it. The silent go
 * first. Then, while two who stay do not reach each other, goes whoever reaches the fewest: of a
 * partition the smaller side, of two servers with a cut link between them the suspected one, and of
 * equals the greater id. Gives those who go, in that order.
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

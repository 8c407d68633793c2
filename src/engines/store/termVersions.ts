// Versions of writes for a store that gives them none. A *term* is the time in which one server is
// the primary; writes are numbered on through all terms. The store keeps both, replicated with the
// writes.
import type { VectorTuples, VersionTuple } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';

/** Later terms have greater versions, since what is lost of a term comes before them. */
const TERM_SHARE = 2 ** 32;

export function versionOf(number: number, term: number, server: NodeId): VersionTuple {
  return [term * TERM_SHARE + number, server, term];
}

/** A term, its primary, and how many writes there were at its end, in all terms up to it. */
export type TermShown = readonly [term: number, server: NodeId, writes: number];

/** What a store has that has been through these terms. */
export function appliedOf(terms: readonly TermShown[]): VectorTuples {
  const vector = terms.map(([number, server, writes]): [number, number, number] => {
    return [server, number, number * TERM_SHARE + writes];
  });
  return vector.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

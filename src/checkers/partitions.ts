// A history of many keys is linearizable if the history of each key is (Horn & Kroening, "Faster
// linearizability checking via P-compositionality", FORTE 2015). The keys are searched in turn with
// growing budgets, so that one hard key neither takes all the memory nor blocks the verdict on the
// others.
import type { SequentialSpecification } from './specification.ts';
import { linearize, type SearchResult, type TimedCall } from './wingGong.ts';

/** How many states a search may store at first, and the factor for each further round. */
const FIRST_BUDGET = 2_000;
const GROWTH = 8;
/** In stored states; a state takes about a hundred bytes. */
export const DEFAULT_BUDGET = 2_000_000;

export type PartitionsResult<Name> =
  | { readonly outcome: 'holds' }
  | {
      readonly outcome: 'broken';
      readonly partition: Name;
      readonly found: Extract<SearchResult, { outcome: 'broken' }>;
    }
  | { readonly outcome: 'undecided'; readonly undecided: readonly Name[] };

/** `budget` is shared by all partitions, in stored states. */
export function linearizePartitions<Name, State, Call>(
  type: SequentialSpecification<State, Call>,
  partitions: ReadonlyMap<Name, readonly TimedCall<Call>[]>,
  budget: number = DEFAULT_BUDGET,
): PartitionsResult<Name> {
  const search = (name: Name, share: number): SearchResult =>
    linearize(type, partitions.get(name) ?? [], share);
  return searchInTurn([...partitions.keys()], search, budget);
}

/** `search` may store so many states. `budget` is shared by all. */
export function searchInTurn<Name>(
  names: readonly Name[],
  search: (name: Name, share: number) => SearchResult,
  budget: number,
): PartitionsResult<Name> {
  let open = names;
  for (let each = FIRST_BUDGET; open.length > 0; each *= GROWTH) {
    const share = Math.min(each, Math.floor(budget / open.length));
    const undecided: Name[] = [];
    for (const name of open) {
      const found = search(name, share);
      if (found.outcome === 'broken') return { outcome: 'broken', partition: name, found };
      if (found.outcome === 'undecided') undecided.push(name);
    }
    if (share < each && undecided.length === open.length)
      return { outcome: 'undecided', undecided };
    open = undecided;
  }
  return { outcome: 'holds' };
}

// Which servers a request goes to: those of the key's lists, and with `quorum=sloppy` others in the
// place of dead ones. Synchronous.
import type { NodeId } from '../../kernel/ids.ts';
import type { WritePlan } from './pendingWrite.ts';

/** Preference lists of one key: in each of them the level has to be reached. */
export type Lists = readonly (readonly NodeId[])[];

/** The servers of a request. */
export interface Choice {
  readonly needed: number;
  readonly lists: Lists;
  readonly called: readonly NodeId[];
  readonly spares: readonly NodeId[];
}

export class Candidates {
  /** In the order in which they are preferred. */
  readonly all: readonly NodeId[];
  readonly #lists: Lists;
  readonly #most: number;

  /** `others`: all servers that may stand in; null if none may. `n`: how many a request goes to. */
  constructor(lists: Lists, others: readonly NodeId[] | null, n: number) {
    const replicas = new Set(lists.flat());
    this.all = [...new Set([...replicas, ...(others ?? [])])];
    this.#lists = lists;
    this.#most = Math.max(n, replicas.size);
  }

  /** The level that a request to such servers can reach: in each of the lists. */
  reachOf(isUsable: (id: NodeId) => boolean): number {
    const { called } = planOf(this.choose(0, isUsable));
    const owners = new Set(called.map(({ owner }) => owner));
    return Math.min(...this.#lists.map((list) => list.filter((id) => owners.has(id)).length));
  }

  choose(needed: number, isUsable: (id: NodeId) => boolean): Choice {
    const usable = this.all.filter(isUsable);
    const [called, spares] = [usable.slice(0, this.#most), usable.slice(this.#most)];
    return { needed, lists: this.#lists, called, spares };
  }
}

/** Each called server that is no replica stands in for one that was not called. */
export function planOf({ needed, lists, called, spares }: Choice): WritePlan {
  const replicas = [...new Set(lists.flat())];
  const missing = replicas.filter((id) => !called.includes(id));
  const targets = called.map((server) => {
    const owner = replicas.includes(server) ? server : (missing.shift() ?? server);
    return { server, owner };
  });
  return { needed, lists, called: targets, spares };
}

// Which servers are to hold a key at a moment, as far as the inspections tell.
import type { NodeId } from '../../kernel/ids.ts';
import type { InspectedChain, InspectedToken, Inspection } from '../../kernel/inspection.ts';
import type { Json } from '../../kernel/json.ts';
import { Ring, tokenOfKey } from '../../replication/ring.ts';
import type { Look } from '../view.ts';

export class Holders {
  readonly #states: readonly { readonly id: NodeId; readonly state: Inspection }[];
  readonly #listsByKey = new Map<string, Set<NodeId>>();
  readonly #shownByKey = new Map<string, NodeId[]>();
  readonly #membersByArc = new Map<NodeId, Set<NodeId>>();
  readonly #groups: readonly (readonly NodeId[])[];
  readonly #ring: Ring | undefined;
  readonly #isPartial: boolean;

  constructor({ servers, service }: Look) {
    this.#states = servers.flatMap(({ id, state }) => (state === null ? [] : [{ id, state }]));
    const states = this.#states.map(({ state }) => state);
    for (const state of states) this.#addLists(state);
    for (const { id, state } of this.#states) this.#addStore(id, state);
    const chains = states.flatMap(({ chains = [] }) => chains);
    for (const chain of chains) this.#addChain(chain);
    this.#ring = chains.length === 0 ? undefined : ringOf(ringIn(states));
    const all = [...states, ...(service === null ? [] : [service])];
    this.#groups = distinct(all.flatMap(({ groups = [] }) => groups.map(membersOf)));
    const isPlaced = (state: Inspection): boolean =>
      state.ring !== undefined || state.chains !== undefined || state.groups !== undefined;
    this.#isPartial = states.some(isPlaced);
  }

  /** By id. Undefined if all servers are to hold all keys. */
  of(key: string): readonly NodeId[] | undefined {
    if (!this.#isPartial) return undefined;
    const listed = this.#listsByKey.get(key);
    if (listed !== undefined) return ascending(listed);
    const owner = this.#ring?.ownerAt(tokenOfKey(key));
    const chain = owner === undefined ? undefined : this.#membersByArc.get(owner);
    if (chain !== undefined) return ascending(chain);
    const shown = this.#shownByKey.get(key) ?? [];
    const groups = this.#groups.filter((group) => shown.some((id) => group.includes(id)));
    return ascending(new Set(groups.length === 0 ? shown : groups.flat()));
  }

  /** A list for each key that a server holds, or keeps for another one. */
  #addLists({ lists }: Inspection): void {
    for (const { key, servers } of isLists(lists) ? lists : []) {
      const known = this.#listsByKey.get(key) ?? new Set();
      for (const id of servers) known.add(id);
      this.#listsByKey.set(key, known);
    }
  }

  #addStore(id: NodeId, { store = [] }: Inspection): void {
    for (const { key } of store) {
      const known = this.#shownByKey.get(key);
      if (known === undefined) this.#shownByKey.set(key, [id]);
      else if (known.at(-1) !== id) known.push(id);
    }
  }

  #addChain({ arc, members }: InspectedChain): void {
    const known = this.#membersByArc.get(arc) ?? new Set();
    for (const id of members) known.add(id);
    this.#membersByArc.set(arc, known);
  }
}

interface KeyList {
  readonly key: string;
  readonly servers: readonly NodeId[];
}

/** The field of a protocol that tells the preference list of each key. */
function isLists(field: Json | undefined): field is (Json & KeyList)[] {
  if (!Array.isArray(field)) return false;
  return field.every((one) => {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return false;
    return typeof one.key === 'string' && Array.isArray(one.servers);
  });
}

/** The ring of the first server that shows one: the longest, as some may not know all members. */
export function ringIn(states: readonly Inspection[]): readonly InspectedToken[] {
  return states.reduce<readonly InspectedToken[]>(
    (longest, { ring = [] }) => (ring.length > longest.length ? ring : longest),
    [],
  );
}

/** The ring by hash that has these tokens; undefined if there is none. */
export function ringOf(tokens: readonly InspectedToken[]): Ring | undefined {
  const ids = new Set(tokens.map(({ server }) => server));
  if (ids.size === 0 || tokens.length % ids.size !== 0) return undefined;
  const ring = new Ring(ids, tokens.length / ids.size);
  const isSame = ring.tokens.every(({ token, owner }, place) => {
    const shown = tokens[place];
    return shown?.server === owner && token.startsWith(shown.token);
  });
  return isSame ? ring : undefined;
}

function membersOf({
  primary,
  secondaries,
}: {
  readonly primary: NodeId | null;
  readonly secondaries: readonly NodeId[];
}): readonly NodeId[] {
  return primary === null ? secondaries : [primary, ...secondaries];
}

function distinct(lists: readonly (readonly NodeId[])[]): readonly (readonly NodeId[])[] {
  return [...new Map(lists.map((list) => [ascending(list).join(' '), list])).values()];
}

function ascending(ids: Iterable<NodeId>): NodeId[] {
  return [...ids].sort((a, b) => a - b);
}

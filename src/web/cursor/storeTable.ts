// The stores of all servers side by side: a row for each key, a cell for each server.
import type { VersionTuple } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { InspectedEntry } from '../../kernel/inspection.ts';
import type { Look } from '../view.ts';
import { Holders } from './holders.ts';

export interface StoreCell {
  readonly server: NodeId;
  /** Concurrent values by version; empty if the server does not hold the key. */
  readonly entries: readonly InspectedEntry[];
  /** Whether the server is to hold the key. */
  readonly isReplica: boolean;
  /**
   * Cells of replicas that hold the same have the same number: 0 for what most of them hold. 0 for
   * all if they agree.
   */
  readonly variant: number;
}

export interface StoreRow {
  readonly key: string;
  readonly cells: readonly StoreCell[];
  /** Two servers that are both to hold the key hold different values or versions. */
  readonly differs: boolean;
}

type EntriesByKey = ReadonlyMap<string, readonly InspectedEntry[]>;

/** The rows of one look. A row is made when it is asked for: there may be many keys. */
export class StoreTable {
  /** By id: the live servers. */
  readonly servers: readonly NodeId[];
  /** Sorted by code units. */
  readonly keys: readonly string[];
  readonly #stores: readonly { readonly server: NodeId; readonly entries: EntriesByKey }[];
  readonly #holders: Holders;

  constructor(look: Look) {
    this.#stores = look.servers.map(({ id, state }) => {
      return { server: id, entries: groupByKey(state?.store ?? []) };
    });
    this.servers = look.servers.map(({ id }) => id);
    this.keys = [...new Set(this.#stores.flatMap(({ entries }) => [...entries.keys()]))].sort();
    this.#holders = new Holders(look);
  }

  row(key: string): StoreRow {
    const holders = this.#holders.of(key);
    const cells = this.#stores.map(({ server, entries }) => ({
      server,
      entries: entries.get(key) ?? [],
      isReplica: holders?.includes(server) ?? true,
    }));
    const replicas = cells.filter(({ isReplica }) => isReplica);
    const ranked = rank(replicas.map(({ entries }) => signatureOf(entries)));
    return {
      key,
      cells: cells.map((cell) => {
        const variant = cell.isReplica ? ranked.indexOf(signatureOf(cell.entries)) : 0;
        return { ...cell, variant };
      }),
      differs: ranked.length > 1,
    };
  }
}

/** `7@2`: time 7 at server 2; `7@2.3` at its third life. */
export function formatVersion(version: VersionTuple | null): string {
  if (version === null) return '';
  const [time, server, incarnation] = version;
  return incarnation === 1 ? `${time}@${server}` : `${time}@${server}.${incarnation}`;
}

function groupByKey(store: readonly InspectedEntry[]): EntriesByKey {
  const byKey = new Map<string, InspectedEntry[]>();
  for (const entry of store) {
    const known = byKey.get(entry.key);
    if (known === undefined) byKey.set(entry.key, [entry]);
    else known.push(entry);
  }
  return byKey;
}

/** Equal for servers that hold the same. A tombstone may be collected, so it counts as nothing. */
function signatureOf(entries: readonly InspectedEntry[]): string {
  const held = entries.filter(({ value }) => value !== null);
  return JSON.stringify(held.map(({ value, version }) => [value, version]).sort());
}

/** Each text once, the most frequent first; of equally frequent ones that of the first server. */
function rank(signatures: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const signature of signatures) counts.set(signature, (counts.get(signature) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([signature]) => signature);
}

// The data of a group: the values and the table of requests of each slot. Changed only by entries
// of the group's log, in their order. Pure.
import type { Held, InstallEntry, Kept, RequestEntry } from './entry.ts';
import { effectOf, type Reply } from './operations.ts';
import { RequestTable } from './requestTable.ts';

export interface Shard {
  /**
   * Of a key that is gone, when: a disk that was away has the value, and its report must not pass
   * for the last word.
   */
  readonly values: Map<string, Kept>;
  readonly requests: RequestTable;
  /** No write had a greater timestamp, also of keys that are gone. */
  latest: number;
}

export class Shards {
  readonly #bySlot = new Map<number, Shard>();

  /** The slots that have data, or had some. */
  get slots(): number[] {
    return [...this.#bySlot.keys()];
  }

  /** The number of keys, gone ones included. */
  get size(): number {
    let size = 0;
    for (const { values } of this.#bySlot.values()) size += values.size;
    return size;
  }

  shard(slot: number): Shard | undefined {
    return this.#bySlot.get(slot);
  }

  read(slot: number, key: string): Held | undefined {
    return present(this.#bySlot.get(slot)?.values.get(key));
  }

  /** Of the slots that are asked for, in no order. */
  *entriesOf(isAsked: (slot: number) => boolean): Generator<readonly [key: string, held: Held]> {
    for (const [slot, { values }] of this.#bySlot) {
      if (!isAsked(slot)) continue;
      for (const [key, kept] of values) {
        const held = present(kept);
        if (held !== undefined) yield [key, held];
      }
    }
  }

  /** All keys, gone ones included, in no order. */
  *entries(): Generator<readonly [key: string, kept: Kept]> {
    for (const { values } of this.#bySlot.values()) yield* values;
  }

  /** Applies a request that was not applied before. */
  apply({ slot, request, version }: RequestEntry): Reply {
    const shard = this.#open(slot);
    const { values, requests } = shard;
    shard.latest = Math.max(shard.latest, version.timestamp);
    const held = present(values.get(request.key));
    const { outcome, value, popped } = effectOf(request, held?.value ?? null);
    if (outcome === 'done') {
      values.set(request.key, { value, version });
    }
    const reply = { outcome, value: popped, version: outcome === 'done' ? version : null };
    requests.remember(request, reply);
    return outcome === 'unequal' ? { ...reply, found: held ?? null } : reply;
  }

  /** A part of a slot that another group has given. */
  install({ pieces }: Pick<InstallEntry, 'pieces'>): void {
    for (const { slot, isFirst, latest, values, sessions } of pieces) {
      if (isFirst) this.#bySlot.delete(slot);
      const shard = this.#open(slot);
      shard.latest = Math.max(shard.latest, latest);
      for (const [key, kept] of values) shard.values.set(key, kept);
      for (const session of sessions) shard.requests.take(session);
    }
  }

  drop(slots: readonly number[]): void {
    for (const slot of slots) this.#bySlot.delete(slot);
  }

  #open(slot: number): Shard {
    const known = this.#bySlot.get(slot);
    if (known !== undefined) return known;
    const shard = { values: new Map<string, Kept>(), requests: new RequestTable(), latest: 0 };
    this.#bySlot.set(slot, shard);
    return shard;
  }
}

function present(kept: Kept | undefined): Held | undefined {
  return kept === undefined || kept.value === null ? undefined : (kept as Held);
}

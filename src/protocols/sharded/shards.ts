// The data of a group: the values and the table of requests of each slot. Changed only by entries
// of the group's log, in their order. Pure.
import type { Held, InstallEntry, RequestEntry } from './entry.ts';
import { effectOf, type Reply } from './operations.ts';
import { RequestTable } from './requestTable.ts';

export interface Shard {
  readonly values: Map<string, Held>;
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

  /** The number of keys. */
  get size(): number {
    let size = 0;
    for (const { values } of this.#bySlot.values()) size += values.size;
    return size;
  }

  shard(slot: number): Shard | undefined {
    return this.#bySlot.get(slot);
  }

  read(slot: number, key: string): Held | undefined {
    return this.#bySlot.get(slot)?.values.get(key);
  }

  /** Of the slots that are asked for, in no order. */
  *entriesOf(isAsked: (slot: number) => boolean): Generator<readonly [key: string, held: Held]> {
    for (const [slot, { values }] of this.#bySlot) if (isAsked(slot)) yield* values;
  }

  /** In no order. */
  *entries(): Generator<readonly [key: string, held: Held]> {
    for (const { values } of this.#bySlot.values()) yield* values;
  }

  /** Applies a request that was not applied before. */
  apply({ slot, request, version }: RequestEntry): Reply {
    const shard = this.#open(slot);
    const { values, requests } = shard;
    shard.latest = Math.max(shard.latest, version.timestamp);
    const held = values.get(request.key)?.value ?? null;
    const { outcome, value, popped } = effectOf(request, held);
    if (outcome === 'done') {
      if (value === null) values.delete(request.key);
      else values.set(request.key, { value, version });
    }
    const reply = { outcome, value: popped, version: outcome === 'done' ? version : null };
    requests.remember(request, reply);
    return reply;
  }

  /** A part of a slot that another group has given. */
  install({ pieces }: Pick<InstallEntry, 'pieces'>): void {
    for (const { slot, isFirst, latest, values, sessions } of pieces) {
      if (isFirst) this.#bySlot.delete(slot);
      const shard = this.#open(slot);
      shard.latest = Math.max(shard.latest, latest);
      for (const [key, held] of values) shard.values.set(key, held);
      for (const session of sessions) shard.requests.take(session);
    }
  }

  drop(slots: readonly number[]): void {
    for (const slot of slots) this.#bySlot.delete(slot);
  }

  #open(slot: number): Shard {
    const known = this.#bySlot.get(slot);
    if (known !== undefined) return known;
    const shard = { values: new Map<string, Held>(), requests: new RequestTable(), latest: 0 };
    this.#bySlot.set(slot, shard);
    return shard;
  }
}

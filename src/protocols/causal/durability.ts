// For the invariants: checks after every event that a power failure would take nothing from a
// server's state (C6). A second state is restored from the durable records of the server's log, and
// must include the state of the server.

import type { VersionVector } from '../../clocks/versionVector.ts';
import { assert } from '../../kernel/errors.ts';
import type { VectorTuples } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { DurableLog } from '../../kernel/invariants.ts';
import type { Json } from '../../kernel/json.ts';
import type { Entry } from './entry.ts';
import { restoreRecord } from './records.ts';
import { CausalState } from './state.ts';

/** The state that the durable records of a log restore. */
interface Shadow {
  readonly generation: number;
  readonly state: CausalState;
  /** How many of the records it has restored. */
  count: number;
}

/** A write in a log, and what its server had applied then, this write included. */
export interface KeptWrite {
  readonly entry: Entry;
  readonly applied: VersionVector;
}

/** The state of a server at its last check. */
interface Seen {
  readonly incarnation: number;
  readonly clock: number;
  readonly applied: VectorTuples;
}

export class Durability {
  readonly #shadowById = new Map<NodeId, Shadow>();
  readonly #seenById = new Map<NodeId, Seen>();
  /** The writes that each log gained during the life that was checked last. */
  readonly #keptById = new Map<NodeId, KeptWrite[]>();
  readonly #onRecovered: (write: KeptWrite) => void;

  /**
   * When a life begins, `onRecovered` is called with each write that the life before had logged.
   * That life may have ended before the write was in its state, or before it was answered.
   */
  constructor(onRecovered: (write: KeptWrite) => void) {
    this.#onRecovered = onRecovered;
  }

  /** `durable` gives what would be left of the server's log if the power failed now. */
  check({ self, clock, applied }: CausalState, durable: () => DurableLog): void {
    const { id, incarnation } = self;
    const seen = this.#seenById.get(id);
    const now = { incarnation, clock: clock.time, applied: applied.toTuples() };
    const isNew = seen?.incarnation !== incarnation;
    if (!isNew && seen.clock === now.clock && seen.applied === now.applied) return;
    this.#seenById.set(id, now);
    assert(now.clock >= (seen?.clock ?? 0), `C1: server ${id} came back with an earlier clock`);
    const { state } = this.#shadow(id, durable());
    if (isNew) {
      for (const write of this.#keptById.get(id) ?? []) this.#onRecovered(write);
      this.#keptById.delete(id);
    }
    assert(state.clock.time >= now.clock, `C6: server ${id} has a clock that is not durable`);
    assert(state.applied.dominates(applied), `C6: server ${id} knows what is not durable`);
  }

  #shadow(id: NodeId, { generation, records }: DurableLog): Shadow {
    let shadow = this.#shadowById.get(id);
    if (shadow?.generation !== generation) {
      shadow = { generation, state: new CausalState({ id, incarnation: 0 }), count: 0 };
      this.#shadowById.set(id, shadow);
    }
    for (const record of records.slice(shadow.count)) this.#takeOver(id, shadow.state, record);
    shadow.count = records.length;
    return shadow;
  }

  #takeOver(id: NodeId, state: CausalState, record: Json): void {
    const before = state.applied.copy();
    restoreRecord(state, record);
    const { kind, key } = record as { kind: string; key: string };
    const entry = kind === 'write' ? state.read(key) : undefined;
    if (entry === undefined || before.covers(entry.version)) return;
    const kept = this.#keptById.get(id) ?? [];
    this.#keptById.set(id, kept);
    kept.push({ entry, applied: state.applied.copy() });
  }
}

// Checks after every event that a server knows nothing which a power failure would take from it
// (C6): its log is read by a shadow, and the shadow must know at least as much.

import type { VersionVector } from '../../clocks/versionVector.ts';
import { assert } from '../../kernel/errors.ts';
import type { VectorTuples } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import type { DurableLog } from '../../kernel/protocol.ts';
import type { Entry } from './entry.ts';
import { restoreRecord } from './records.ts';
import { CausalState } from './state.ts';

interface Shadow {
  readonly generation: number;
  readonly state: CausalState;
  /** How many of the records it has taken over. */
  count: number;
}

/** A write that a log has, and what its server had applied with it. */
export interface KeptWrite {
  readonly entry: Entry;
  readonly applied: VersionVector;
}

/** What a server knew when it was last looked at. */
interface Seen {
  readonly incarnation: number;
  readonly clock: number;
  readonly applied: VectorTuples;
}

export class Durability {
  readonly #shadowById = new Map<NodeId, Shadow>();
  readonly #seenById = new Map<NodeId, Seen>();
  /** Of the life that was last looked at. */
  readonly #keptById = new Map<NodeId, KeptWrite[]>();
  readonly #onRecovered: (write: KeptWrite) => void;

  /**
   * `onRecovered` is told, when a life begins, of the writes that the one before had in its log:
   * some of them it may not have answered, nor even have in its state.
   */
  constructor(onRecovered: (write: KeptWrite) => void) {
    this.#onRecovered = onRecovered;
  }

  /** `durable` reads what the server's log would have if the power failed now. */
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

// For the invariants: what a power failure would leave of a server. A second state of each server
// is restored from the durable records of its log, as they come.
import type { Life, NodeId } from '../../kernel/ids.ts';
import type { DurableLog } from '../../kernel/invariants.ts';
import { Restoring } from './records.ts';
import { ShardedState } from './state.ts';

interface Shadow {
  /** Generations of another life may have the same numbers. */
  readonly life: Life;
  readonly generation: number;
  readonly state: ShardedState;
  readonly restoring: Restoring;
  /** How many of the records it has restored. */
  count: number;
}

export class Durability {
  readonly #shadowById = new Map<NodeId, Shadow>();

  /** The state that the durable records of the server's log restore. */
  stateOf({ self, settings }: ShardedState, { generation, records }: DurableLog): ShardedState {
    const { id } = self;
    let shadow = this.#shadowById.get(id);
    if (shadow?.life !== self || shadow.generation !== generation) {
      const state = new ShardedState({ id, incarnation: 0 }, settings);
      const restoring = new Restoring(state);
      shadow = { life: self, generation, state, restoring, count: 0 };
      this.#shadowById.set(id, shadow);
    }
    for (; shadow.count < records.length; shadow.count += 1) {
      shadow.restoring.restore(records[shadow.count] ?? null);
    }
    return shadow.state;
  }
}

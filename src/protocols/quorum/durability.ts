// For the invariants: what a power failure would leave of a server. A second state of each server
// is restored from the durable records of its log, as they come.
import type { Life, NodeId } from '../../kernel/ids.ts';
import type { DurableLog } from '../../kernel/invariants.ts';
import { restoreRecord } from './records.ts';
import { QuorumState } from './state.ts';

interface Shadow {
  /** Generations of another life may have the same numbers. */
  readonly life: Life;
  readonly generation: number;
  readonly state: QuorumState;
  /** How many of the records it has restored. */
  count: number;
}

export class Durability {
  readonly #shadowById = new Map<NodeId, Shadow>();

  /** The state that the durable records of the server's log restore. */
  stateOf({ self, settings }: QuorumState, { generation, records }: DurableLog): QuorumState {
    const { id } = self;
    let shadow = this.#shadowById.get(id);
    if (shadow?.life !== self || shadow.generation !== generation) {
      shadow = {
        life: self,
        generation,
        state: new QuorumState({ id, incarnation: 0 }, settings),
        count: 0,
      };
      this.#shadowById.set(id, shadow);
    }
    for (const record of records.slice(shadow.count)) restoreRecord(shadow.state, record);
    shadow.count = records.length;
    return shadow.state;
  }
}

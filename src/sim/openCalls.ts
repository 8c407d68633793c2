// The calls of one node that wait for their ends. A plain Map would do, but for its price: V8
// leaves a chain of dead tables behind one that is always filled and emptied, and they keep what
// was in them alive until the next great collection.
import type { Cancel } from '../kernel/env.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Ending } from './envelope.ts';

export interface OpenCall {
  /** The request's number: slots are used again, so a late answer must not find another call. */
  readonly number: number;
  readonly peer: NodeId;
  readonly end: (ending: Ending) => void;
  readonly cancelTimeout: Cancel;
}

export class OpenCalls {
  readonly #callBySlot: (OpenCall | undefined)[] = [];
  readonly #freeSlots: number[] = [];

  /** A slot for a call that is about to be put there. */
  reserve(): number {
    return this.#freeSlots.pop() ?? this.#callBySlot.push(undefined) - 1;
  }

  put(slot: number, call: OpenCall): void {
    this.#callBySlot[slot] = call;
  }

  /** Ends the call, unless it has ended already. */
  end(slot: number, number: number, ending: Ending): void {
    const call = this.#callBySlot[slot];
    if (call?.number !== number) return;
    this.#callBySlot[slot] = undefined;
    this.#freeSlots.push(slot);
    call.cancelTimeout();
    call.end(ending);
  }

  /** The slots and numbers of the calls to a peer. */
  to(peer: NodeId): { readonly slot: number; readonly number: number }[] {
    return this.#callBySlot.flatMap((call, slot) =>
      call?.peer === peer ? [{ slot, number: call.number }] : [],
    );
  }

  /** Forgets all of them: nobody hears of them any more. */
  clear(): void {
    for (const call of this.#callBySlot) call?.cancelTimeout();
    this.#callBySlot.length = 0;
    this.#freeSlots.length = 0;
  }
}

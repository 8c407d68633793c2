// The open calls of one node. An array of slots is used because of a cost of Map: when a Map is
// filled and emptied all the time, V8 leaves a chain of dead tables, which keep their former
// contents alive until the next major collection.
import type { CallError } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { type Ending, settle } from './ending.ts';
import { Scheduled } from './heap.ts';
import type { Scheduler } from './scheduler.ts';

/** One call, which is also the event of its own timeout: `expired` is called when that is due. */
export class OpenCall extends Scheduled {
  readonly peer: NodeId;
  readonly slot: number;
  /** The request's number: slots are reused, so a late answer must not match another call. */
  number = 0;
  readonly resolve: (result: Json) => void;
  readonly reject: (error: CallError) => void;
  readonly #expired: (call: OpenCall) => void;

  constructor(
    { peer, slot, expired }: { peer: NodeId; slot: number; expired: (call: OpenCall) => void },
    resolve: (result: Json) => void,
    reject: (error: CallError) => void,
  ) {
    super();
    this.peer = peer;
    this.slot = slot;
    this.resolve = resolve;
    this.reject = reject;
    this.#expired = expired;
  }

  run(): void {
    this.#expired(this);
  }
}

export class OpenCalls {
  readonly #scheduler: Scheduler;
  readonly #expired: (call: OpenCall) => void;
  readonly #callBySlot: (OpenCall | undefined)[] = [];
  readonly #freeSlots: number[] = [];

  constructor(scheduler: Scheduler, expired: (call: OpenCall) => void) {
    this.#scheduler = scheduler;
    this.#expired = expired;
  }

  /**
   * Opens a call that is about to be sent. The sender sets its number and schedules its timeout.
   */
  open(
    peer: NodeId,
    resolve: (result: Json) => void,
    reject: (error: CallError) => void,
  ): OpenCall {
    const slot = this.#freeSlots.pop() ?? this.#callBySlot.push(undefined) - 1;
    const call = new OpenCall({ peer, slot, expired: this.#expired }, resolve, reject);
    this.#callBySlot[slot] = call;
    return call;
  }

  /** Ends the call. Returns false and does nothing if it has ended already. */
  end({ slot, number }: Pick<OpenCall, 'slot' | 'number'>, ending: Ending): boolean {
    const call = this.#callBySlot[slot];
    if (call?.number !== number) return false;
    this.#callBySlot[slot] = undefined;
    this.#freeSlots.push(slot);
    this.#scheduler.cancel(call);
    settle(ending, call.resolve, call.reject);
    return true;
  }

  /** The slots and numbers of the calls to a peer. */
  to(peer: NodeId): { readonly slot: number; readonly number: number }[] {
    return this.#callBySlot.flatMap((call) => (call?.peer === peer ? [call] : []));
  }

  /** Drops all calls: their promises never settle. */
  clear(): void {
    for (const call of this.#callBySlot) if (call !== undefined) this.#scheduler.cancel(call);
    this.#callBySlot.length = 0;
    this.#freeSlots.length = 0;
  }
}

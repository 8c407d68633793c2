// The interface between a protocol and a world. A protocol's code reaches the world only through
// Env, so the same code runs on real processes and in the simulation.
import type { Life, NodeId, Role } from './ids.ts';
import type { Json } from './json.ts';
import type { MessageTable, MethodFrom, MethodTo, ParamsOf, ResultOf } from './messages.ts';
import type { Storage } from './storage.ts';

/** Cancels a task that has not started yet. */
export type Cancel = () => void;

/**
 * Everything that one life of one node may ask of the world; `R` is the node's role. After the end
 * of the life, no timer fires, no message is sent and no promise settles.
 */
export interface Env<M extends MessageTable = MessageTable, R extends Role = Role> {
  readonly self: Life;

  /** Milliseconds since an arbitrary moment; never goes back. Not comparable between nodes. */
  now(): number;

  /**
   * Whole milliseconds since 1970 by the node's wall clock, which may be wrong, jump and go back:
   * the command `clock` moves it. For stamps of a protocol that trusts clocks; delays and deadlines
   * are measured by `now`.
   */
  wallClock(): number;

  /** A number in [0, 1) from this node's own seeded stream, the same in both worlds. */
  random(): number;

  /** Runs `task` once after `ms` milliseconds, unless cancelled before. */
  after(ms: number, task: () => void): Cancel;

  /**
   * Settles exactly once: with the peer's answer, or with a CallError. There is no third outcome.
   * Waits `timeoutMs` (CALL_TIMEOUT_MS if absent). Links reorder, lose and repeat messages. Only
   * for methods that the caller's role sends to nodes; the peer refuses others (E_NO_METHOD).
   */
  call<K extends MethodFrom<M, R> & MethodTo<M, Role>>(
    peer: NodeId,
    method: K,
    params: ParamsOf<M, K>,
    timeoutMs?: number,
  ): Promise<ResultOf<M, K>>;

  /**
   * Calls the protocol's configuration service (service.ts), over a path that needs no link.
   * Settles exactly once, as `call` does; ERR_UNREACHABLE for a node that is cut off from the
   * service.
   */
  callService<K extends MethodFrom<M, R> & MethodTo<M, 'service'>>(
    method: K,
    params: ParamsOf<M, K>,
    timeoutMs?: number,
  ): Promise<ResultOf<M, K>>;

  /** The data that outlives this life. A client's storage keeps nothing. */
  readonly storage: Storage;

  /**
   * Reports an event to the protocol's invariants that the replica's state does not keep. Present
   * only where a simulation checks invariants.
   */
  readonly observe?: ((fact: object) => void) | undefined;

  /** Adds an event of the protocol's own to the trace: a decision that a reader would ask about. */
  note(label: string, detail?: { readonly [field: string]: Json }): void;
}

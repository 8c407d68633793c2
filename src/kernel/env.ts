// The lower seam. A protocol's code sees the world only through Env, so the same text runs on real
// processes and in the simulation.
import type { Life, NodeId, Role } from './ids.ts';
import type { Json } from './json.ts';
import type { MessageTable, MethodFrom, MethodTo, ParamsOf, ResultOf } from './messages.ts';
import type { Storage } from './storage.ts';

/** Stops a task that has not started yet. */
export type Cancel = () => void;

/**
 * Everything that one life of one node may ask of the world; `R` is the node's role. When the life
 * ends, nothing that it started fires, sends, resolves or rejects any more.
 */
export interface Env<M extends MessageTable = MessageTable, R extends Role = Role> {
  readonly self: Life;

  /** Milliseconds since some moment; never goes back. Says nothing about other nodes' clocks. */
  now(): number;

  /** A number in [0, 1) from this node's own seeded stream, the same in both worlds. */
  random(): number;

  /** Runs `task` once after `ms` milliseconds, unless cancelled before. */
  after(ms: number, task: () => void): Cancel;

  /**
   * Settles exactly once: with the peer's answer, or with a CallError. There is no third outcome.
   * Waits `timeoutMs` (CALL_TIMEOUT_MS unless told). Links reorder, lose and repeat messages. Only
   * methods that its role sends, to nodes; the peer refuses others (E_NO_METHOD).
   */
  call<K extends MethodFrom<M, R> & MethodTo<M, Role>>(
    peer: NodeId,
    method: K,
    params: ParamsOf<M, K>,
    timeoutMs?: number,
  ): Promise<ResultOf<M, K>>;

  /**
   * Asks the protocol's configuration service (service.ts), on a way of its own that no link is
   * needed for. Settles exactly once, as `call` does; ERR_UNREACHABLE for a node cut off from it.
   */
  callService<K extends MethodFrom<M, R> & MethodTo<M, 'service'>>(
    method: K,
    params: ParamsOf<M, K>,
    timeoutMs?: number,
  ): Promise<ResultOf<M, K>>;

  /** What outlives this life. A client's keeps nothing. */
  readonly storage: Storage;

  /**
   * Tells the protocol's invariants what has just happened here that its state does not keep. Only
   * there where a simulation checks them.
   */
  readonly observe?: ((fact: object) => void) | undefined;

  /** Adds an event of the protocol's own to the trace: a decision that a reader would ask about. */
  note(label: string, detail?: { readonly [field: string]: Json }): void;
}

// A protocol's configuration service: the one component that numbers configurations and learns of
// deaths. Its code is written once over ServiceEnv, like a replica over Env. The worlds host it in
// the master; an existing replicated engine could take its place with the same two interfaces.
import type { Cancel } from './env.ts';
import type { Life, NodeId } from './ids.ts';
import type { Inspection } from './inspection.ts';
import type { Json } from './json.ts';
import type { MessageTable, MethodFrom, MethodTo, ParamsOf, ResultOf } from './messages.ts';

/** Everything that a service may ask of the world. Nothing that it starts outlives the run. */
export interface ServiceEnv<M extends MessageTable = MessageTable> {
  /** The servers that began a log in earlier runs on the same data. */
  readonly earlier: readonly NodeId[];
  /** Greater in every later run on the same data; 0 in the first. */
  readonly generation: number;

  /** Milliseconds since an arbitrary moment; never goes back. */
  now(): number;

  /** A number in [0, 1) from the service's own seeded stream, the same in both worlds. */
  random(): number;

  /** Runs `task` once after `ms` milliseconds, unless cancelled before. */
  after(ms: number, task: () => void): Cancel;

  /**
   * Calls a server. Settles exactly once: with its answer, or with a CallError, which is
   * ERR_UNREACHABLE for a server that is dead, paused or cut off from the service.
   */
  tell<K extends MethodFrom<M, 'service'> & string>(
    server: NodeId,
    method: K,
    params: ParamsOf<M, K>,
    timeoutMs: number,
  ): Promise<ResultOf<M, K>>;

  /** Warns the user. */
  warn(text: string): void;

  /** Adds an event of the service's own to the trace: a decision that a reader would ask about. */
  note(label: string, detail?: { readonly [field: string]: Json }): void;
}

export interface Service<M extends MessageTable = MessageTable> {
  /** The handlers of the calls by `Env.callService`; `from` is the life that calls. */
  readonly handlers: {
    readonly [K in MethodTo<M, 'service'>]: (
      from: Life,
      params: ParamsOf<M, K>,
    ) => ResultOf<M, K> | Promise<ResultOf<M, K>>;
  };
  /** A server's life has ended. The call may come late, even after a call of the id's next life. */
  ended(life: Life): void;
  /** Runs one of the protocol's own commands for the service; returns the lines to print. */
  command?(name: string, args: readonly string[]): Promise<readonly string[]>;
  /** The service's state as shown to users; a service without it shows nothing. */
  inspect?(): Inspection;
  /** The service's own state for the invariants. */
  readonly state: unknown;
}

export type ErasedService = Omit<Service, 'handlers'> & {
  readonly handlers: {
    readonly [method: string]: (from: Life, params: unknown) => Json | Promise<Json>;
  };
};

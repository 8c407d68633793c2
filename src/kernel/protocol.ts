// The interface of a protocol. A design that implements it runs in both worlds and in the script
// language, and is covered by the conformance suite and the documentation.
import type { Answer, Dump } from './control.ts';
import type { Design, Options } from './design.ts';
import type { Env } from './env.ts';
import { assert, declareErrors } from './errors.ts';
import type { RecoveredWrite, VectorTuples } from './history.ts';
import type { NodeId, Role } from './ids.ts';
import type { Inspection } from './inspection.ts';
import { type Invariants, NO_INVARIANTS } from './invariants.ts';
import type { Json } from './json.ts';
import type { MessageTable, MethodTo, ParamsOf, ResultOf } from './messages.ts';
import type { RoundOrder, RoundOutcome } from './round.ts';
import type { ErasedService, Service, ServiceEnv } from './service.ts';
import type { StoreEntry } from './snapshot.ts';

// An author of a protocol finds all types of its parts here.
export type {
  ModifierSpec,
  OperationMeaning,
  OptionSpec,
  Options,
  OptionValue,
  ProtocolCommand,
} from './design.ts';
export { claimsOf, completeOptions } from './design.ts';

/**
 * The handlers of the protocol's own messages, by method. `from` is the calling peer; it has no
 * meaning for messages of the configuration service, which the master sends.
 */
export type Handlers<M extends MessageTable, R extends Role> = {
  readonly [K in MethodTo<M, R>]: (
    from: NodeId,
    params: ParamsOf<M, K>,
  ) => ResultOf<M, K> | Promise<ResultOf<M, K>>;
};

/** The server's half of a protocol. */
export interface Replica<M extends MessageTable = MessageTable> {
  readonly handlers: Handlers<M, 'server'>;
  /**
   * Restores one record that an earlier life under this id kept. Records come in order, before any
   * other call. A protocol without this method has no log.
   */
  restore?(record: Json): void;
  /**
   * The writes that this life begins with. Called after the last `restore` and before anything
   * else. Of each key, the latest write that has taken effect, deletions included, and later ones
   * that may still take effect. A protocol without this method has recovered its `versions`, and
   * all of them have taken effect.
   */
  recovered?(): Iterable<RecoveredWrite>;
  connected(peer: NodeId, role: Role): void;
  disconnected(peer: NodeId, role: Role): void;
  /**
   * Resolves when no effect of an earlier operation is under way here any more. It is also called
   * on a new server, as soon as the server was told of every server that lived when it joined; the
   * result may then name the servers that have to join before it can serve operations.
   */
  quiesced(): Promise<readonly NodeId[] | undefined>;
  /** Makes the servers of this server's partition converge. */
  stabilize(order: RoundOrder): Promise<RoundOutcome>;
  /** Every key that has a value, in any order. If absent, those of `versions`. */
  entries?(): Iterable<readonly [key: string, value: string]>;
  /**
   * Every key with its version, including tombstones that are still kept, in any order. A protocol
   * without this method has `entries` only, and no versions. It has one of the two.
   */
  versions?(): Iterable<StoreEntry>;
  /** The writes that this server has applied; a protocol without it does not say. */
  applied?(): VectorTuples;
  /**
   * The servers that are to hold a key. A protocol without this method replicates fully: all
   * servers are to hold all keys.
   */
  replicasOf?(key: string): readonly NodeId[];
  /** The writes that this server keeps for others; they are not in `entries` and `versions`. */
  hints?(): Iterable<StoreEntry>;
  /**
   * The server's state as shown to users. The same in both worlds for the same script. User's texts
   * are values in it, never field names. If absent, it shows the store with its versions.
   */
  inspect?(): Inspection;
  /** Runs one of the protocol's own commands for servers; returns the lines to print. */
  command?(name: string, args: readonly string[]): Promise<readonly string[]>;
  /** The replica's own state for the invariants; its type is the protocol's. */
  readonly state: unknown;
}

/** The client's half: routing, retries, session guarantees. */
export interface Session<M extends MessageTable = MessageTable> {
  readonly handlers: Handlers<M, 'client'>;
  connected(server: NodeId): void;
  disconnected(server: NodeId): void;
  /** `modifiers` are words of the protocol's own `modifiers`, as the script has them. */
  put(key: string, value: string, modifiers?: readonly string[]): Promise<Answer>;
  delete(key: string, modifiers?: readonly string[]): Promise<Answer>;
  get(key: string, modifiers?: readonly string[]): Promise<Answer>;
  /** Runs one of the protocol's own commands for clients. */
  command?(name: string, args: readonly string[]): Promise<Answer>;
  /** Reads all keys of one of the protocol's `scopes`, in any order. */
  dump?(scope: string): Promise<Dump>;
  readonly state: unknown;
}

/** The data that a protocol may leave out, since most have none of it. */
type OptionalData = 'guarantees' | 'options' | 'commands';

/** A protocol as it is written, with its own message types. */
export interface ProtocolDefinition<M extends MessageTable>
  extends Omit<Design, OptionalData>,
    Partial<Pick<Design, OptionalData>> {
  readonly messages: M;
  /** Every label that its nodes note in the trace; random scripts must reach each of them. */
  readonly notes?: readonly string[];
  createReplica(env: Env<M, 'server'>, options: Options): Replica<M>;
  createSession(env: Env<M, 'client'>, options: Options, guarantees: readonly string[]): Session<M>;
  /** Only for a design that needs a configuration service; a run has one such service. */
  createService?(env: ServiceEnv<M>, options: Options): Service<M>;
  /** If absent, only the claims are checked. */
  createInvariants?(): Invariants;
}

export type ErasedHandler = (from: NodeId, params: unknown) => Json | Promise<Json>;
export type ErasedHandlers = { readonly [method: string]: ErasedHandler };
export type ErasedReplica = Omit<Replica, 'handlers'> & { readonly handlers: ErasedHandlers };
export type ErasedSession = Omit<Session, 'handlers'> & { readonly handlers: ErasedHandlers };

/** What a protocol may leave out; `defineProtocol` fills it in. */
type Optional = OptionalData | 'createInvariants';

/** A protocol as the worlds see it: the types of its messages are erased, its table is kept. */
export interface Protocol
  extends Omit<
      ProtocolDefinition<MessageTable>,
      'createReplica' | 'createSession' | 'createService' | Optional
    >,
    Required<Pick<ProtocolDefinition<MessageTable>, Optional>> {
  createReplica(env: Env, options: Options): ErasedReplica;
  createSession(env: Env, options: Options, guarantees: readonly string[]): ErasedSession;
  createService?(env: ServiceEnv, options: Options): ErasedService;
}

const DEFAULTS: Pick<Protocol, Optional> = {
  guarantees: {},
  options: {},
  commands: [],
  createInvariants: () => NO_INVARIANTS,
};

/**
 * Erases the message types, so that differently typed protocols fit one registry. This is the only
 * place where that happens. It is sound because node.ts validates the handlers' arguments against
 * the same table.
 */
export function defineProtocol<M extends MessageTable>(
  definition: ProtocolDefinition<M>,
): Protocol {
  declareErrors(definition.errors ?? {});
  return { ...DEFAULTS, ...definition } as unknown as Protocol;
}

/** Whether a design has code that the worlds run; a store of others has programs of its own. */
export function isProtocol(design: Design): design is Protocol {
  return 'createReplica' in design;
}

/** For a world that runs nothing else, and refuses it before (`RunSetup.whyNot`). */
export function asProtocol(design: Design): Protocol {
  assert(isProtocol(design), () => `${design.name} is no protocol of ours`);
  return design;
}

// What a replication design has to bring, and what it gets for that: both worlds, the script
// language, the conformance suite and the documentation.
import type { Answer, Dump } from './control.ts';
import type { Env } from './env.ts';
import { declareErrors, type ErrorSpec } from './errors.ts';
import type { RecoveredWrite, VectorTuples } from './history.ts';
import type { Life, NodeId, Role } from './ids.ts';
import type { Json } from './json.ts';
import type { MessageTable, MethodTo, ParamsOf, ResultOf } from './messages.ts';
import type { ErasedService, Service, ServiceEnv } from './service.ts';
import type { StoreEntry } from './snapshot.ts';

/** A promise about the histories of a protocol's runs. */
export type Guarantee =
  | 'read-your-writes'
  | 'monotonic-reads'
  | 'monotonic-writes'
  | 'writes-follow-reads'
  | 'causal'
  | 'linearizable'
  | 'convergence';

/**
 * The answers to the protocol's own messages, by method. `from` is the peer that calls; what the
 * configuration service sends comes from the master, so there it says nothing.
 */
export type Handlers<M extends MessageTable, R extends Role> = {
  readonly [K in MethodTo<M, R>]: (
    from: NodeId,
    params: ParamsOf<M, K>,
  ) => ResultOf<M, K> | Promise<ResultOf<M, K>>;
};

/** What a round of stabilize reached, and which servers did not answer. */
export interface RoundOutcome {
  readonly reached: NodeId[];
  readonly missing: NodeId[];
}

/** The server's half of a protocol. */
export interface Replica<M extends MessageTable = MessageTable> {
  readonly handlers: Handlers<M, 'server'>;
  /**
   * Takes over one record that an earlier life under this id kept, in order; all of them come
   * before anything else does. A protocol without it has no log.
   */
  restore?(record: Json): void;
  /**
   * The writes that this life begins with, asked between the last `restore` and everything else:
   * of each key the latest that has taken effect, deletions included, and those after it that may
   * yet. A protocol without it has recovered its `versions`, and all of them have taken effect.
   */
  recovered?(): Iterable<RecoveredWrite>;
  connected(peer: NodeId, role: Role): void;
  disconnected(peer: NodeId, role: Role): void;
  /**
   * Resolves when nothing that an earlier operation started here is still under way. It is asked of
   * a new server, too, as soon as that was told of every server that lived when it joined; that may
   * name the servers that have to join before it can do anything.
   */
  settled(): Promise<readonly NodeId[] | undefined>;
  /** Converges this server's partition. */
  stabilize(order: {
    round: number;
    avoid: NodeId[];
    known: NodeId[];
    budgetMs: number;
  }): Promise<RoundOutcome>;
  /** Every key that has a value, in any order. */
  entries(): Iterable<readonly [key: string, value: string]>;
  /**
   * Every key with its version, deletions that are remembered included, in any order. A protocol
   * without it has `entries` for that, and no versions.
   */
  versions?(): Iterable<StoreEntry>;
  /** The writes that this server has applied; a protocol without it does not say. */
  applied?(): VectorTuples;
  /**
   * What this server knows, for people: store, clock, vector, peers, as far as there are such. The
   * same in both worlds for the same script; user's words are values in it, never field names.
   */
  inspect(): Json;
  /** Runs one of the protocol's own commands that is meant for servers; gives lines to print. */
  command?(name: string, args: readonly string[]): Promise<readonly string[]>;
  /** The replica's own state for the invariants; protocols say what it is. */
  readonly state: unknown;
}

/** The client's half: routing, retries, session guarantees. */
export interface Session<M extends MessageTable = MessageTable> {
  readonly handlers: Handlers<M, 'client'>;
  connected(server: NodeId): void;
  disconnected(server: NodeId): void;
  put(key: string, value: string): Promise<Answer>;
  delete(key: string): Promise<Answer>;
  get(key: string): Promise<Answer>;
  /** Runs one of the protocol's own commands that is meant for clients. */
  command?(name: string, args: readonly string[]): Promise<Answer>;
  /** Reads all keys of one of the protocol's `scopes`, in any order. */
  dump?(scope: string): Promise<Dump>;
  readonly state: unknown;
}

/** One living node as an invariant sees it. */
export interface Witnessed {
  readonly life: Life;
  readonly role: Role;
  /** The `state` of its replica or session. */
  readonly state: unknown;
  /** What would be left of a server's log if the power failed now; only where there is a log. */
  readonly durable?: () => DurableLog;
  /** The records that its log was given and has not confirmed yet; only where there is a log. */
  readonly pending?: () => readonly Json[];
}

/** The records of a log that are durable. They only grow, until `generation` is another. */
export interface DurableLog {
  readonly generation: number;
  readonly records: readonly Json[];
}

/**
 * Promises that are checked after every event of a simulation, on the node that the event touched.
 * A broken one throws a Bug that cites its number. It may look, never change.
 */
export interface Invariants {
  /** `facts` are what the node has observed since it was looked at last, in their order. */
  changed(node: Witnessed, facts: readonly object[]): void;
  /** A life has ended. */
  ended?(life: Life): void;
  /** A round of stabilize begins; `servers` are all that lived when it was asked for. */
  stabilizing(round: number, servers: readonly Witnessed[]): void;
  /** It has ended, and says that it reached these. */
  stabilized(round: number, reached: readonly Witnessed[]): void;
}

/** A setting that `protocol NAME option=value` and the command line can give. */
export interface OptionSpec {
  readonly about: string;
  readonly fallback: string;
  /** Why a text is no value of this option, or undefined. */
  readonly refuse: (text: string) => string | undefined;
  /** Values that random scripts try; none for an option that they leave alone. */
  readonly samples?: readonly string[];
}

export type Options = { readonly [name: string]: string };

/**
 * A script command that only this protocol has: `name <id of a node> arguments...`, and without an
 * id where it is meant for the configuration service, or for every server that lives.
 */
export interface ProtocolCommand {
  readonly name: string;
  /** As the help shows it: `append c k v`. */
  readonly usage: string;
  /** One sentence. */
  readonly about: string;
  readonly on: Role | 'service' | 'servers';
  /**
   * What follows the node's id, if there is one. A `value` is the rest of the line, so it can only
   * be the last.
   */
  readonly args: readonly ('key' | 'value' | 'word')[];
  /** What random scripts say for a `word`; without any they leave such a command alone. */
  readonly samples?: readonly string[];
  /** Whether an answer is printed as a get's is, as lines, or not at all. */
  readonly prints: 'answer' | 'lines' | 'nothing';
}

/** A protocol as it is written, with its own message types. */
export interface ProtocolDefinition<M extends MessageTable> {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** What every run's history keeps, for any client; it may depend on the options. */
  readonly claims: readonly Guarantee[] | ((options: Options) => readonly Guarantee[]);
  /** What a client may ask for beyond that when it joins: the word, and what it then has. */
  readonly guarantees: { readonly [word: string]: readonly Guarantee[] };
  /** False where each server is to hold some of the keys only. */
  readonly holdAlike?: boolean;
  readonly options: { readonly [name: string]: OptionSpec };
  readonly commands: readonly ProtocolCommand[];
  /**
   * How long after everything is well the stores of all servers are the same though nobody asked
   * for a round of stabilize, in milliseconds; undefined with options that need one.
   */
  convergesWithinMs?(options: Options): number | undefined;
  /** Why a text is no key with these options, or undefined: a line that names it is a bad one. */
  refuseKey?(key: string, options: Options): string | undefined;
  /** Words that `get` and `delete` take in place of a key: what each stands for, in a phrase. */
  readonly scopes?: { readonly [word: string]: string };
  readonly messages: M;
  /** Error codes of its own; its code has declared them where it is loaded (errors.ts). */
  readonly errors?: { readonly [code: `ERR_${string}`]: ErrorSpec };
  /** Every label that its nodes note in the trace; random scripts then want each of them. */
  readonly notes?: readonly string[];
  createReplica(env: Env<M, 'server'>, options: Options): Replica<M>;
  createSession(env: Env<M, 'client'>, options: Options, guarantees: readonly string[]): Session<M>;
  /** Only for a design that needs a configuration service; there is one of it in a run. */
  createService?(env: ServiceEnv<M>, options: Options): Service<M>;
  createInvariants(): Invariants;
}

export type ErasedHandler = (from: NodeId, params: unknown) => Json | Promise<Json>;
export type ErasedHandlers = { readonly [method: string]: ErasedHandler };
export type ErasedReplica = Omit<Replica, 'handlers'> & { readonly handlers: ErasedHandlers };
export type ErasedSession = Omit<Session, 'handlers'> & { readonly handlers: ErasedHandlers };

/** A protocol as the worlds see it: the types of its messages are erased, its table is not. */
export interface Protocol
  extends Omit<
    ProtocolDefinition<MessageTable>,
    'createReplica' | 'createSession' | 'createService'
  > {
  createReplica(env: Env, options: Options): ErasedReplica;
  createSession(env: Env, options: Options, guarantees: readonly string[]): ErasedSession;
  createService?(env: ServiceEnv, options: Options): ErasedService;
}

/**
 * Erases the message types, so that differently typed protocols fit one registry. This is the one
 * place where that happens; it is sound because node.ts validates whatever the handlers are given
 * against the same table.
 */
export function defineProtocol<M extends MessageTable>(
  definition: ProtocolDefinition<M>,
): Protocol {
  declareErrors(definition.errors ?? {});
  return definition as unknown as Protocol;
}

/** What runs with these options keep. */
export function claimsOf({ claims }: Protocol, options: Options): readonly Guarantee[] {
  return typeof claims === 'function' ? claims(options) : claims;
}

/** The texts of all options, with the fallbacks where nothing was said. */
export function completeOptions(protocol: Protocol, given: Options): Options {
  const fallbacks = Object.entries(protocol.options).map(([name, spec]) => [name, spec.fallback]);
  return { ...Object.fromEntries(fallbacks), ...given };
}

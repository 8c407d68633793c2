// The interface of a protocol. A design that implements it runs in both worlds and in the script
// language, and is covered by the conformance suite and the documentation.
import type { Answer, Dump } from './control.ts';
import type { Env } from './env.ts';
import { declareErrors, type ErrorSpec } from './errors.ts';
import { asGuarantees, type Guarantee } from './guarantee.ts';
import type { Operation, RecoveredWrite, Side, VectorTuples } from './history.ts';
import type { NodeId, Role } from './ids.ts';
import type { Inspection } from './inspection.ts';
import { type Invariants, NO_INVARIANTS } from './invariants.ts';
import type { Json } from './json.ts';
import type { MessageTable, MethodTo, ParamsOf, ResultOf } from './messages.ts';
import type { RoundOrder, RoundOutcome } from './round.ts';
import type { ErasedService, Service, ServiceEnv } from './service.ts';
import type { StoreEntry } from './snapshot.ts';

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

/** An option with one of its values. */
export type OptionValue = { readonly option: string; readonly value: string };

/** A setting that `protocol NAME option=value` and the command line can give. */
export interface OptionSpec {
  readonly about: string;
  readonly fallback: string;
  /** Why a text is not a value of this option, or undefined. */
  readonly refuse: (text: string) => string | undefined;
  /** All its values; absent for an option whose values are not a short list of words. */
  readonly choices?: readonly string[];
  /** The value of another option without which this one has no effect. */
  readonly onlyWith?: OptionValue;
  /** The value of another option with which this one has no effect. */
  readonly notWith?: OptionValue;
  /** Values that random scripts try; absent for an option that they do not set. */
  readonly samples?: readonly string[];
}

export type Options = { readonly [name: string]: string };

/**
 * A kind of word that may follow an operation, and changes how it is done: its consistency level.
 * One word of each kind at most.
 */
export interface ModifierSpec {
  /** What the word is, as a noun: `level`. */
  readonly name: string;
  /** As the help shows it: `one|quorum|all`. */
  readonly usage: string;
  /** One sentence. */
  readonly about: string;
  readonly on: readonly Operation['kind'][];
  /** Whether a word is of this kind. */
  isModifier(word: string): boolean;
  /** Why such a word is not valid with these options, or undefined. */
  refuse?(word: string, options: Options): string | undefined;
  /** Words that random scripts use. */
  readonly samples: readonly string[];
}

/** The effect of a command on its key, in terms that the checkers know (history.ts). */
export type OperationMeaning =
  | { readonly kind: 'append' | 'pop'; readonly side: Side }
  | { readonly kind: 'cas' };

/**
 * A script command that only this protocol has: `name <id of a node> arguments...`. A command for
 * the configuration service takes no id. A command for all live servers may end with the id of one
 * server, which alone runs it then.
 */
export interface ProtocolCommand {
  readonly name: string;
  /** As the help shows it: `append c k v`. */
  readonly usage: string;
  /** One sentence. */
  readonly about: string;
  readonly on: Role | 'service' | 'servers';
  /**
   * The arguments after the node's id, if there is one. A `value` is the rest of the line, so it
   * can only be the last; a `text` is a value of one word; a `word?` may be missing, so no other
   * kind can follow it.
   */
  readonly args: readonly ('key' | 'value' | 'text' | 'word' | 'word?')[];
  /**
   * The words that random scripts use for a `word`; they do not use such a command without them.
   * They leave a `word?` out. A command with a `text` needs a scene of its own (drawScenes.ts).
   */
  readonly samples?: readonly string[];
  /** Why these arguments are not valid, or undefined: a line with them is invalid. */
  refuse?(args: readonly string[]): string | undefined;
  /** Whether the answer is printed like a get's, as lines, or not at all. */
  readonly prints: 'answer' | 'lines' | 'nothing';
  /**
   * For a command on a client: what it does to the key that is its first argument. Its further
   * arguments are what an append adds; what a compare-and-set expects, and what it writes. A
   * history with a command that has no meaning decides nothing.
   */
  readonly meaning?: (options: Options) => OperationMeaning;
}

/** A protocol as it is written, with its own message types. */
export interface ProtocolDefinition<M extends MessageTable> {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /**
   * The guarantees of every run's history, for any client; they may depend on the options, and on
   * all modifiers that operations of the run have.
   */
  readonly claims:
    | readonly Guarantee[]
    | ((options: Options, modifiers: readonly string[]) => readonly Guarantee[]);
  /** Further guarantees that a client may request when it joins: each word, and what it gives. */
  readonly guarantees?: { readonly [word: string]: readonly Guarantee[] };
  readonly options?: { readonly [name: string]: OptionSpec };
  /** Why options that are each valid contradict each other, or undefined; they are complete. */
  refuseOptions?(options: Options): string | undefined;
  readonly commands?: readonly ProtocolCommand[];
  readonly modifiers?: readonly ModifierSpec[];
  /**
   * Whether a write that was read may be lost before its put has an answer. Then the repeated
   * request makes it anew, and one put may have two versions. False if absent.
   */
  losesWrites?(options: Options): boolean;
  /**
   * The time after which the stores of all servers are equal without a round of stabilize, in
   * milliseconds, counted from the end of all faults; undefined with options that need a round.
   */
  convergesWithinMs?(options: Options): number | undefined;
  /**
   * How many replicas a key must have, for a get without modifiers to be answered when all servers
   * are well; Infinity if some keys have replicas that are not among these servers, which are all
   * there are. 1 if absent.
   */
  leastReplicas?(options: Options, servers: readonly NodeId[]): number;
  /** Why a text is not a key with these options, or undefined: a line that names it is invalid. */
  refuseKey?(key: string, options: Options): string | undefined;
  /** Keys for random scripts and workloads, where `refuseKey` refuses the usual ones. */
  sampleKeys?(options: Options): readonly string[] | undefined;
  /**
   * Whether servers repair each other after a get, and when a link is restored: the next line waits
   * for that as after a write. False if absent.
   */
  readonly hasRepairs?: boolean;
  /**
   * Whether its clients talk to the servers that hold a key: then a client that joins is linked to
   * every live server, and a server that joins to every live client. False if absent.
   */
  readonly clientsReachAll?: boolean;
  /** Words that `get` and `delete` take in place of a key: the meaning of each, in a phrase. */
  readonly scopes?: { readonly [word: string]: string };
  readonly messages: M;
  /** The protocol's own error codes; its code declares them when it is loaded (errors.ts). */
  readonly errors?: { readonly [code: `ERR_${string}`]: ErrorSpec };
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

/** What a protocol may leave out, since most have none of it; `defineProtocol` fills it in. */
type Optional = 'guarantees' | 'options' | 'commands' | 'createInvariants';

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

/** The guarantees of runs with these options, whose operations have these modifiers. */
export function claimsOf(
  { name, claims }: Protocol,
  options: Options,
  modifiers: readonly string[] = [],
): readonly Guarantee[] {
  return asGuarantees(name, typeof claims === 'function' ? claims(options, modifiers) : claims);
}

/** The texts of all options, with the fallbacks for those not given. */
export function completeOptions(protocol: Protocol, given: Options): Options {
  const fallbacks = Object.entries(protocol.options).map(([name, spec]) => [name, spec.fallback]);
  return { ...Object.fromEntries(fallbacks), ...given };
}

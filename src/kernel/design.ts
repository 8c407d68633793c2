// What a script, a checker and the documentation know of a replicated store: its name, options,
// commands and claims. A protocol of ours adds its code (protocol.ts), a store of others the world
// that runs it (engine.ts).
import type { ErrorSpec } from './errors.ts';
import { asGuarantees, type Guarantee } from './guarantee.ts';
import type { Operation, Side } from './history.ts';
import type { NodeId, Role } from './ids.ts';
import type { LinkSetting } from './linkSettings.ts';

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

/** The data about a replicated store, without code that runs it. */
export interface Design {
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
  readonly guarantees: { readonly [word: string]: readonly Guarantee[] };
  readonly options: { readonly [name: string]: OptionSpec };
  /** Why options that are each valid contradict each other, or undefined; they are complete. */
  refuseOptions?(options: Options): string | undefined;
  readonly commands: readonly ProtocolCommand[];
  /** The commands of every protocol that this one cannot do: why, in a clause. */
  readonly lacks?: { readonly [command: string]: string };
  /** As `lacks`, for the commands that it lacks with these options only. */
  lacksWith?(options: Options): { readonly [command: string]: string };
  /** Why no server can have this id, or undefined: a line that starts one is invalid. */
  refuseServer?(id: NodeId, options: Options): string | undefined;
  /** Why no link can have this setting, or undefined: a line that sets it is invalid. */
  refuseLink?(setting: LinkSetting): string | undefined;
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
  /** The protocol's own error codes; its code declares them when it is loaded (errors.ts). */
  readonly errors?: { readonly [code: `ERR_${string}`]: ErrorSpec };
}

/** The guarantees of runs with these options, whose operations have these modifiers. */
export function claimsOf(
  { name, claims }: Design,
  options: Options,
  modifiers: readonly string[] = [],
): readonly Guarantee[] {
  return asGuarantees(name, typeof claims === 'function' ? claims(options, modifiers) : claims);
}

/** The texts of all options, with the fallbacks for those not given. */
export function completeOptions(design: Design, given: Options): Options {
  const fallbacks = Object.entries(design.options).map(([name, spec]) => [name, spec.fallback]);
  return { ...Object.fromEntries(fallbacks), ...given };
}

/** Whether it has a configuration service, which the master hosts. */
export function hasService(design: Design & { readonly createService?: unknown }): boolean {
  return design.createService !== undefined;
}

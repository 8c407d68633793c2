// What a replicated store of others does its own way: its programs, its clients' protocol, its
// looks. storeWorld.ts does the rest.
import type { NodeSpec } from '../../kernel/cluster.ts';
import type { Answer } from '../../kernel/control.ts';
import type { Options } from '../../kernel/design.ts';
import type { VectorTuples, VersionTuple } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { ForeignProgram, ForeignSetup } from '../../processes/foreignProgram.ts';
import type { SlowLinks } from '../tcp/slowLinks.ts';

/** An operation of a client. */
export type Request = (
  | { readonly kind: 'get' | 'delete'; readonly key: string }
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | {
      readonly kind: 'cas';
      readonly key: string;
      readonly expected: string;
      readonly value: string;
    }
) & { readonly modifiers: readonly string[] };

/** What runs one life of a server. */
export type StoreProgram = Pick<ForeignProgram, 'gone' | 'lastLines' | 'signal' | 'kill'>;

/** A server of the script that runs now. */
export interface Member {
  readonly id: NodeId;
  /** Undefined for one that is not of this run. */
  readonly program: StoreProgram | undefined;
  readonly isPaused: boolean;
}

/** A key with its value, and the version of its write if the store has versions. */
export type Entry = readonly [key: string, value: string, version: VersionTuple | null];

export interface Shown {
  /** By key, in code units. */
  readonly entries: readonly Entry[];
  /** The writes that are in it; null if the store does not say. */
  readonly applied: VectorTuples | null;
}

/** One connection of a client to a server, for as long as their link stands. */
export interface Connection {
  /**
   * Settles once. Rejects with a CallError, whose code says whether the operation certainly had no
   * effect; so it does at the end of the connection.
   */
  operate(request: Request, timeoutMs: number): Promise<Answer>;
  /** Ends it at once, with what is under way. */
  close(): void;
}

export interface Store {
  /**
   * Starts the program of a server, which has no links yet. It need not be ready; `settle` waits
   * for that. Rejects with an EnvironmentError if there is no such program, and with a CallError if
   * the store does not take the server: then no program is left.
   */
  start(spec: NodeSpec): Promise<StoreProgram | undefined>;
  /** The program of that server has ended. */
  ended(id: NodeId): void;
  /** Ends the connections between servers that may not carry anything any more. */
  linksChanged(): void;
  /** Called when a server has a new link to another one, or one that is whole again. */
  linked?(id: NodeId): Promise<void>;
  /**
   * The server for a request, among those that a client is connected to, in the order in which they
   * were connected; undefined for none. Without this it is chosen at random, as seeded.
   */
  choose?(request: Request, servers: readonly NodeId[]): NodeId | undefined;
  connect(client: NodeId, server: NodeId): Connection;
  /**
   * Waits until the server is ready, and what it knows is at all servers that it is in touch with.
   * Returns the servers without which it cannot be ready. It gives up after that time.
   */
  settle(server: NodeId, withinMs: number): Promise<NodeId[]>;
  /** As far as that server's own store is; undefined if it does not answer. */
  position(server: NodeId, timeoutMs: number): Promise<string | undefined>;
  /** Its own store at one moment. Rejects with a CallError. */
  show(server: NodeId, timeoutMs: number): Promise<Shown>;
  inspect(server: NodeId, timeoutMs: number): Promise<Inspection>;
  /** Runs a command of the design on a server, and returns the lines to print. */
  command(server: NodeId, name: string, args: readonly string[]): Promise<string[]>;
  /** Releases all but the programs. Never rejects. */
  stop(): Promise<void>;
}

/** What a store may ask of its world. */
export interface StoreSetup {
  /** A text that no other run has. */
  readonly mark: string;
  readonly options: Options;
  readonly links: SlowLinks;
  /** The servers that run now. */
  readonly members: ReadonlyMap<NodeId, Member>;
  now(): number;
  sleep(ms: number): Promise<void>;
  warn(text: string): void;
  /** Starts a program that ends with the run. Rejects with an EnvironmentError. */
  launch(program: Omit<ForeignSetup, 'guard' | 'mark'>): Promise<ForeignProgram>;
  /** The folder of the run, which goes with it. Rejects with an EnvironmentError. */
  makeFolder(): Promise<string>;
}

interface OperationParams {
  readonly key: string;
  readonly value: string;
  readonly modifiers?: readonly string[];
  /** Of `command`. */
  readonly args: readonly string[];
}

/** The request of an operation of the language; undefined for what only tells of links. */
export function toRequest(method: string, params: object): Request | undefined {
  const { key, value, modifiers = [], args } = params as OperationParams;
  if (method === 'get' || method === 'delete') return { kind: method, key, modifiers };
  if (method === 'put') return { kind: method, key, value, modifiers };
  if (method !== 'command') return undefined;
  const [name = '', expected = '', wanted = ''] = args;
  return { kind: 'cas', key: name, expected, value: wanted, modifiers };
}

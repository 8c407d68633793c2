// A model of the cluster while a script is generated, derived from the lines so far, so that each
// new line makes sense after them.
import { EMPTY_VALUE } from '../kernel/history.ts';
import { MAX_NODE_ID, type NodeId } from '../kernel/ids.ts';
import type { Options, Protocol } from '../kernel/protocol.ts';
import type { RandomSource } from './randomSource.ts';

const ODD_IDS_SHARE = 0.1;
/**
 * The share of scripts that put the empty value (once), and the range of values in which it occurs.
 */
const EMPTY_VALUE_SHARE = 0.5;
const EMPTY_VALUE_WITHIN = 8;

/** Facts decided at the beginning of a script. */
export interface Circumstances {
  readonly protocol: Protocol;
  /** Whether restarted servers recover their state. */
  readonly hasLogs: boolean;
  /** Whether servers may die of disk faults, which the model does not see. */
  readonly haveFailingDisks: boolean;
  readonly options: Options;
}

const KEYS = ['x', 'y', 'z', '0'];

export class ScriptModel {
  readonly protocol: Protocol;
  readonly options: Options;
  readonly hasLogs: boolean;
  readonly haveFailingDisks: boolean;
  /** By live server: whether it is paused. */
  readonly #servers = new Map<NodeId, boolean>();
  readonly #dead: NodeId[] = [];
  /** By client: the live servers that it was connected to. */
  readonly #clients = new Map<NodeId, Set<NodeId>>();
  /** Clients that only read. */
  readonly #readers = new Set<NodeId>();
  readonly #freeIds: NodeId[];
  readonly keys: readonly string[];
  /** Which of the values is the empty one; 0 for none. */
  readonly #emptyValue: number;
  #values = 0;

  /**
   * Values have a random stream of their own, so the choice of values does not change other lines.
   */
  constructor(
    { protocol, hasLogs, haveFailingDisks, options }: Circumstances,
    random: RandomSource,
    valueRandom: RandomSource,
  ) {
    this.protocol = protocol;
    this.options = options;
    this.hasLogs = hasLogs;
    this.haveFailingDisks = haveFailingDisks;
    const keys = protocol.sampleKeys?.(options) ?? KEYS;
    this.keys = keys.slice(0, random.between(1, 4));
    const ids = Array.from({ length: 100 }, (_, id) => id);
    const hasEmpty = valueRandom.happens(EMPTY_VALUE_SHARE);
    this.#emptyValue = hasEmpty ? valueRandom.between(1, EMPTY_VALUE_WITHIN) : 0;
    this.#freeIds = random.happens(ODD_IDS_SHARE) ? [MAX_NODE_ID, 70_000, ...ids] : ids;
  }

  get servers(): NodeId[] {
    return [...this.#servers.keys()];
  }

  get awake(): NodeId[] {
    return this.servers.filter((id) => this.#servers.get(id) === false);
  }

  get paused(): NodeId[] {
    return this.servers.filter((id) => this.#servers.get(id) === true);
  }

  get clients(): NodeId[] {
    return [...this.#clients.keys()];
  }

  /** Clients that may write. */
  get writers(): NodeId[] {
    return this.clients.filter((id) => !this.#readers.has(id));
  }

  /** From now on this client only reads. */
  makeReader(client: NodeId): void {
    this.#readers.add(client);
  }

  isReader(client: NodeId): boolean {
    return this.#readers.has(client);
  }

  /** Ids of killed servers that are unused. */
  get dead(): readonly NodeId[] {
    return this.#dead;
  }

  serversOf(client: NodeId): NodeId[] {
    return [...(this.#clients.get(client) ?? [])];
  }

  /** An id that was never used. */
  newId(): NodeId {
    return this.#freeIds.shift() as NodeId;
  }

  /** A value that was never put. */
  newValue(): string {
    this.#values += 1;
    return this.#values === this.#emptyValue ? EMPTY_VALUE : `v${this.#values}`;
  }

  addServer(id: NodeId): void {
    this.#servers.set(id, false);
    if (this.protocol.clientsReachAll) {
      for (const servers of this.#clients.values()) servers.add(id);
    }
    this.#bury(id);
  }

  kill(id: NodeId): void {
    this.#servers.delete(id);
    this.#dead.push(id);
    for (const servers of this.#clients.values()) servers.delete(id);
  }

  /** Its id is kept for a later life of a client. */
  killClient(id: NodeId): void {
    this.#clients.delete(id);
    this.#readers.delete(id);
  }

  setPaused(id: NodeId, isPaused: boolean): void {
    this.#servers.set(id, isPaused);
  }

  /** A client that is not there yet joins. */
  connect(client: NodeId, server: NodeId): void {
    const all = this.protocol.clientsReachAll ? this.servers : [];
    const servers = this.#clients.get(client) ?? new Set(all);
    this.#clients.set(client, servers.add(server));
    this.#bury(client);
  }

  disconnect(client: NodeId, server: NodeId): void {
    this.#clients.get(client)?.delete(server);
  }

  #bury(id: NodeId): void {
    const index = this.#dead.indexOf(id);
    if (index >= 0) this.#dead.splice(index, 1);
  }
}

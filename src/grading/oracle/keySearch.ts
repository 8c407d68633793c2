// Decides for one key whether any run that the assignment permits gives the answers that were
// printed. Choices that the assignment leaves open are tried one after the other: which of its
// servers a client asks, which of several equal values was read. What servers tell each other, and
// when, needs no choice: a server may have heard of a write as soon as a way was open for it, and
// need not have before its answer shows that.
//
// What every such run keeps:
// - All servers agree on one order of the writes of a key. A server answers the last write that it
//   has, so its answers never go back.
// - A write comes after all that its server had shown or taken, and after all that its client had
//   put or got.
// - A client never gets a write before one that it has put (read your writes) or got (monotonic
//   reads). It gets ERR_DEP only from a server that may lack the last such write itself: some
//   designs answer so even if the server has a later one.
// - A write reaches a server only over connections that were open since.
// - After `stabilize` the servers of each part have one write: the last that any of them had.
import type { NodeId } from '../../kernel/ids.ts';
import { Choices } from './choices.ts';
import { type Item, NOTHING, Order } from './order.ts';
import { type Change, type Parts, type Put, textsOf } from './steps.ts';

export type Answer =
  | { readonly kind: 'value'; readonly text: string }
  /** The key is not there. */
  | { readonly kind: 'absent' }
  /** ERR_DEP. */
  | { readonly kind: 'behind' };

/** An answer about the key: of a `get`, or what `printStore` shows of it. */
export interface Look {
  readonly kind: 'look';
  readonly line: number;
  /** Undefined for `printStore`. */
  readonly client: NodeId | undefined;
  /** One of these answered. */
  readonly servers: readonly NodeId[];
  readonly answer: Answer;
  readonly mayLackOther: boolean;
}

export type KeyStep = Change | Put | Look;

/** A part of what runs keep, which can be left out to see whether it is what was broken. */
export type Promised =
  | 'read-your-writes'
  | 'monotonic-reads'
  | 'stabilize'
  | 'newest-write'
  | 'connections';

export type SearchResult =
  | { readonly outcome: 'permitted' }
  /**
   * No run gives the answers up to the step `at`, and some run gives those before it. With `rule`
   * that needed no search; whether some run gives those before was then perhaps too much to try.
   */
  | { readonly outcome: 'refused'; readonly at: number; readonly rule?: Promised }
  /** The budget was used up, and there were more choices to try. */
  | { readonly outcome: 'undecided' };

/** How many steps may still be played in vain. Several searches can share one. */
export interface Budget {
  left: number;
}

const NOTHING_LEFT_OUT: ReadonlySet<Promised> = new Set();

export function searchKey(
  steps: readonly KeyStep[],
  budget: Budget,
  without: ReadonlySet<Promised> = NOTHING_LEFT_OUT,
): SearchResult {
  const choices = new Choices();
  let furthest = 0;
  for (;;) {
    const play = new Play(choices, without);
    const failed = steps.findIndex((step) => !play.isPossible(step));
    if (failed === -1) return { outcome: 'permitted' };
    furthest = Math.max(furthest, failed);
    if (!choices.advance()) return { outcome: 'refused', at: furthest };
    budget.left -= failed + 1;
    if (budget.left < 0) return { outcome: 'undecided' };
  }
}

/** What a client depends on. */
interface Dependency {
  readonly item: Item;
  readonly by: 'read-your-writes' | 'monotonic-reads';
}

/** What is known of the server's write of the key. */
interface Server {
  /** It is one of these. */
  possible: Set<Item>;
  /** It is none before these. */
  least: Set<Item>;
}

class Play {
  readonly #choices: Choices;
  readonly #without: ReadonlySet<Promised>;
  readonly #order = new Order();
  readonly #servers = new Map<NodeId, Server>();
  #parts: Parts = [];
  readonly #writesByText = new Map<string, Item[]>();
  /** Of an unknown: the items of which it is one. */
  readonly #candidates = new Map<Item, ReadonlySet<Item>>();
  readonly #dependencies = new Map<NodeId, Dependency>();
  /** Of a write: the servers that certainly have received it. */
  readonly #holders = new Map<Item, Set<NodeId>>();
  /** Clients whose last put no server may have taken. */
  readonly #unheard = new Set<NodeId>();

  constructor(choices: Choices, without: ReadonlySet<Promised>) {
    this.#choices = choices;
    this.#without = without;
  }

  /** Adds a step. False if no run with the choices so far has it; then the play is over. */
  isPossible(step: KeyStep): boolean {
    switch (step.kind) {
      case 'join':
        this.#begin(step.server);
        return true;
      case 'end':
        for (const holders of this.#holders.values()) holders.delete(step.server);
        return true;
      case 'parts':
        this.#connect(step.parts);
        return true;
      case 'stabilize':
        return this.#without.has('stabilize') || step.parts.every((part) => this.#merge(part));
      case 'put':
        return this.#put(step);
      case 'look':
        return this.#look(step);
    }
  }

  /** The new life may find the former one's data on its disk. */
  #begin(server: NodeId): void {
    const former = this.#servers.get(server)?.possible ?? [];
    const possible = new Set<Item>([NOTHING, ...former]);
    this.#servers.set(server, { possible, least: new Set([NOTHING]) });
  }

  #connect(parts: Parts): void {
    this.#parts = parts;
    for (const part of parts) {
      const all = part.flatMap((id) => [...this.#server(id).possible]);
      for (const id of part) for (const item of all) this.#server(id).possible.add(item);
    }
  }

  /** The part has one write from now on. */
  #merge(part: readonly NodeId[]): boolean {
    const servers = part.map((id) => this.#server(id));
    const possible = new Set(servers.flatMap((server) => [...server.possible]));
    const least = new Set(servers.flatMap((server) => [...server.least]));
    for (const holders of this.#holders.values()) {
      if (part.some((id) => holders.has(id))) for (const id of part) holders.add(id);
    }
    const [only] = possible;
    const isKnown = possible.size === 1 && only !== undefined;
    const item = isKnown ? only : this.#order.addUnknown();
    if (!isKnown) this.#candidates.set(item, possible);
    for (const server of servers) {
      server.possible = new Set([item]);
      server.least = new Set([item]);
    }
    return [...least].every((one) => this.#order.require(one, item, false));
  }

  #put({ client, value, servers }: Put): boolean {
    const taker = servers[this.#choices.next(servers.length)];
    if (taker === undefined) {
      this.#unheard.add(client);
      return true;
    }
    this.#unheard.delete(client);
    const write = this.#order.addWrite();
    for (const text of textsOf(value)) {
      this.#writesByText.set(text, [write, ...(this.#writesByText.get(text) ?? [])]);
    }
    const server = this.#server(taker);
    const isAfter = [...this.#leastOf(server)].every((one) =>
      this.#order.require(one, write, true),
    );
    server.least = new Set([write]);
    this.#holders.set(write, new Set([taker]));
    for (const id of this.#parts.find((part) => part.includes(taker)) ?? []) {
      this.#server(id).possible.add(write);
    }
    return isAfter && this.#depend(client, { item: write, by: 'read-your-writes' });
  }

  #look({ client, servers, answer, mayLackOther }: Look): boolean {
    if (answer.kind === 'behind') {
      if (client === undefined || mayLackOther || this.#unheard.has(client)) return true;
      return this.#isBehind(client, servers);
    }
    const items = answer.kind === 'absent' ? [NOTHING] : this.#writesByText.get(answer.text);
    const ways = servers.flatMap((id) => (items ?? []).flatMap((item) => this.#waysTo(item, id)));
    ways.sort((a, b) => Number(b.isLikely) - Number(a.isLikely));
    const way = ways[this.#choices.next(ways.length)];
    if (way === undefined) return false;
    const { id, server, item, through } = way;
    if (through !== item && !this.#equate(through, item)) return false;
    const isNewest = [...this.#leastOf(server)].every((one) =>
      this.#order.require(one, item, false),
    );
    server.least = new Set([item]);
    this.#holders.get(item)?.add(id);
    if (!isNewest) return false;
    if (client === undefined || answer.kind === 'absent') return true;
    this.#unheard.delete(client);
    return this.#depend(client, { item, by: 'monotonic-reads' });
  }

  /** The server may lack what the client depends on. */
  #isBehind(client: NodeId, servers: readonly NodeId[]): boolean {
    const dependency = this.#dependencies.get(client);
    if (dependency === undefined) return false;
    const holders = this.#holders.get(dependency.item);
    return servers.some((id) => holders?.has(id) !== true);
  }

  /** From now on the client depends on this, which has to be later than before. */
  #depend(client: NodeId, next: Dependency): boolean {
    const former = this.#dependencies.get(client);
    if (former?.item === next.item) return true;
    this.#dependencies.set(client, next);
    if (former === undefined || this.#without.has(former.by)) return true;
    return this.#order.require(former.item, next.item, true);
  }

  /** How the server's write can be this one: itself, or an unknown that stands for it. */
  #waysTo(item: Item, id: NodeId): Way[] {
    const server = this.#server(id);
    const { possible, least } = server;
    const isLikely = least.size === 1 && least.has(item);
    if (this.#without.has('connections') || possible.has(item)) {
      return [{ id, server, item, through: item, isLikely }];
    }
    return [...possible]
      .filter((one) => this.#mayBe(one, item))
      .map((through) => ({ id, server, item, through, isLikely }));
  }

  #mayBe(unknown: Item, item: Item): boolean {
    const candidates = this.#candidates.get(unknown);
    if (candidates === undefined) return false;
    return candidates.has(item) || [...candidates].some((one) => this.#mayBe(one, item));
  }

  /** From now on the unknown is this item. */
  #equate(unknown: Item, item: Item): boolean {
    const isEqual =
      this.#order.require(unknown, item, false) && this.#order.require(item, unknown, false);
    const candidates = this.#candidates.get(unknown) ?? new Set();
    if (!isEqual || candidates.has(item)) return isEqual;
    const ways = [...candidates].filter((one) => this.#mayBe(one, item));
    const way = ways[this.#choices.next(ways.length)];
    return way !== undefined && this.#equate(way, item);
  }

  #leastOf({ least }: Server): ReadonlySet<Item> {
    return this.#without.has('newest-write') ? new Set() : least;
  }

  #server(id: NodeId): Server {
    const known = this.#servers.get(id);
    if (known !== undefined) return known;
    const server = { possible: new Set([NOTHING]), least: new Set([NOTHING]) };
    this.#servers.set(id, server);
    return server;
  }
}

interface Way {
  readonly id: NodeId;
  readonly server: Server;
  readonly item: Item;
  /** The item itself, or an unknown that is it. */
  readonly through: Item;
  /** Likely ways are tried first. */
  readonly isLikely: boolean;
}

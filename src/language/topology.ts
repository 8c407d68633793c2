// The live nodes and their links, as the master ordered them. Decides what a command may do; does
// not touch the world.
//
//   T1 a link is between two lives: gone as soon as one of them is, and made again by order only
//   T2 no link between two clients
//   T3 an id has one live node, whatever its role
import { assert } from '../kernel/errors.ts';
import type { NodeId, Role } from '../kernel/ids.ts';
import { CLOCK_OFFSET_MS, LIVE_NODES } from '../kernel/limits.ts';
import { LineError } from './lineError.ts';

export interface LiveNode {
  readonly id: NodeId;
  readonly role: Role;
  readonly incarnation: number;
  readonly isPaused: boolean;
  /** It runs, but its calls and those to it fail. */
  readonly isFailed: boolean;
  /** It is cut off from the configuration service. */
  readonly isCutOff: boolean;
}

export interface Link {
  readonly ends: readonly [LiveNode, LiveNode];
  /** Cut in both directions. */
  readonly isCut: boolean;
  /** Those of its ends whose messages do not arrive at the other. */
  readonly muted: ReadonlySet<NodeId>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type MutableLink = Mutable<Link> & { readonly muted: Set<NodeId> };

export class Topology {
  /**
   * The greatest incarnation of earlier runs: the lives of each id are counted from the next one.
   */
  formerLives = 0;
  readonly #nodes = new Map<NodeId, Mutable<LiveNode>>();
  readonly #lives = new Map<NodeId, number>();
  readonly #deadServers = new Set<NodeId>();
  readonly #everServers = new Set<NodeId>();
  readonly #links = new Map<NodeId, Map<NodeId, MutableLink>>();
  readonly #clockOffsets = new Map<NodeId, number>();

  /** Live nodes of a role, by id; of both roles when none is named. */
  ids(role?: Role): NodeId[] {
    const ids = [...this.#nodes.values()]
      .filter((node) => role === undefined || node.role === role)
      .map((node) => node.id);
    return ids.sort((a, b) => a - b);
  }

  /** The servers that have died and not come back, by id; a client may have the id now. */
  get goneServers(): NodeId[] {
    const isGone = (id: NodeId): boolean => this.#nodes.get(id)?.role !== 'server';
    return [...this.#everServers].filter(isGone).sort((a, b) => a - b);
  }

  /** The servers that have died and whose ids are free, by id. */
  get deadServers(): NodeId[] {
    return [...this.#deadServers].sort((a, b) => a - b);
  }

  find(id: NodeId): LiveNode | undefined {
    return this.#nodes.get(id);
  }

  /** Whether this life has not ended. */
  isLive({ id, incarnation }: LiveNode): boolean {
    return this.#nodes.get(id)?.incarnation === incarnation;
  }

  node(id: NodeId): LiveNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new LineError('E_NO_SUCH_NODE', `no live node has the id ${id}`);
    return node;
  }

  server(id: NodeId): LiveNode {
    const node = this.#nodes.get(id);
    if (node?.role === 'server') return node;
    throw new LineError('E_NO_SUCH_SERVER', `no live server has the id ${id}`);
  }

  client(id: NodeId): LiveNode {
    const node = this.#nodes.get(id);
    if (node?.role === 'client') return node;
    throw new LineError('E_NO_SUCH_CLIENT', `no live client has the id ${id}`);
  }

  /** For commands that a user might try on a client. */
  serverNotClient(id: NodeId): LiveNode {
    if (this.#nodes.get(id)?.role !== 'client') return this.server(id);
    throw new LineError('E_NOT_A_SERVER', `${id} is a client`);
  }

  /** Throws unless a node of that role may be started under that id. */
  assertFree(id: NodeId, role: Role): void {
    const holder = this.#nodes.get(id);
    if (holder !== undefined && holder.role !== role) {
      throw new LineError('E_ID_IN_USE', `${id} is a live ${holder.role}`);
    }
    if (holder !== undefined) throw new LineError('E_EXISTS', `${role} ${id} is alive`);
    if (this.ids(role).length >= LIVE_NODES) {
      throw new LineError('E_LIMIT', `${LIVE_NODES} live ${role}s are the most`);
    }
  }

  /**
   * Begins a life without links. The lives of an id are counted from 1, whatever its role, after
   * those of earlier runs on the same data.
   */
  begin(id: NodeId, role: Role): LiveNode {
    assert(!this.#nodes.has(id), `T3: ${id} is alive`);
    const incarnation = (this.#lives.get(id) ?? this.formerLives) + 1;
    const node = { id, role, incarnation, isPaused: false, isFailed: false, isCutOff: false };
    this.#lives.set(id, incarnation);
    this.#deadServers.delete(id);
    if (role === 'server') this.#everServers.add(id);
    this.#nodes.set(id, node);
    this.#links.set(id, new Map());
    return node;
  }

  /** Ends a life; returns the live nodes to which it had a link. */
  end(id: NodeId): LiveNode[] {
    const peers = this.#linksOf(id).map((link) => otherEnd(link, id));
    for (const peer of peers) this.#links.get(peer.id)?.delete(id);
    this.#links.delete(id);
    if (this.#nodes.get(id)?.role === 'server') this.#deadServers.add(id);
    this.#nodes.delete(id);
    return peers;
  }

  setPaused(id: NodeId, isPaused: boolean): void {
    const node = this.#nodes.get(id);
    if (node !== undefined) node.isPaused = isPaused;
  }

  setFailed(id: NodeId, isFailed: boolean): void {
    const node = this.#nodes.get(id);
    if (node !== undefined) node.isFailed = isFailed;
  }

  /** False when it was so already. Like a link, a cut is of one life: the next one has none. */
  setCutOff(id: NodeId, isCutOff: boolean): boolean {
    const node = this.#nodes.get(id);
    if (node === undefined || node.isCutOff === isCutOff) return false;
    node.isCutOff = isCutOff;
    return true;
  }

  /** Moves the wall clock of a live node. It is the machine's, so the node's next lives keep it. */
  moveClock(id: NodeId, ms: number): void {
    this.node(id);
    const offsetMs = this.clockOffset(id) + ms;
    if (Math.abs(offsetMs) > CLOCK_OFFSET_MS) {
      throw new LineError('E_LIMIT', `the clock of ${id} would be more than a day wrong`);
    }
    this.#clockOffsets.set(id, offsetMs);
  }

  /** By how much the wall clock of a node is moved, in milliseconds. */
  clockOffset(id: NodeId): number {
    return this.#clockOffsets.get(id) ?? 0;
  }

  /** The live nodes that are cut off from the configuration service, by id. */
  get cutOff(): NodeId[] {
    return this.ids().filter((id) => this.#nodes.get(id)?.isCutOff);
  }

  /** The live ends of a possible link; throws when there cannot be one. */
  pair(a: NodeId, b: NodeId): [LiveNode, LiveNode] {
    if (a === b) throw new LineError('E_SELF', `${a} and itself`);
    const ends: [LiveNode, LiveNode] = [this.node(a), this.node(b)];
    if (ends.every((end) => end.role === 'client')) {
      throw new LineError('E_BAD_PAIR', `${a} and ${b} are both clients`);
    }
    return ends;
  }

  link(a: NodeId, b: NodeId): Link | undefined {
    return this.#links.get(a)?.get(b);
  }

  /** The live servers to which the client has an intact link, by id. */
  serversOf(client: NodeId): NodeId[] {
    const ways = this.#linksOf(client).filter((link) => !isImpaired(link));
    const servers = ways.map((link) => otherEnd(link, client)).filter(isServer);
    return servers.map(({ id }) => id).sort((a, b) => a - b);
  }

  /** Makes the link, or restores it when it was cut or muted. False when it was intact already. */
  connect(a: NodeId, b: NodeId): boolean {
    const ends = this.pair(a, b);
    const link = this.#links.get(a)?.get(b);
    if (link !== undefined && !isImpaired(link)) return false;
    const whole = { ends, isCut: false, muted: new Set<NodeId>() };
    this.#links.get(a)?.set(b, whole);
    this.#links.get(b)?.set(a, whole);
    return true;
  }

  /** Cuts a link in both directions. False when there is none, or it was cut already. */
  cut(a: NodeId, b: NodeId): boolean {
    const link = this.#links.get(a)?.get(b);
    if (link === undefined || link.isCut) return false;
    link.isCut = true;
    return true;
  }

  /** Cuts one direction. False when nothing could travel in it before. */
  mute(from: NodeId, to: NodeId): boolean {
    const link = this.#links.get(from)?.get(to);
    if (link === undefined || link.isCut || link.muted.has(from)) return false;
    link.muted.add(from);
    return true;
  }

  /** The links that are cut or muted, ordered by their ends. */
  impairedLinks(): Link[] {
    return this.ids().flatMap((id) =>
      this.#linksOf(id).filter((link) => link.ends[0].id === id && isImpaired(link)),
    );
  }

  /**
   * Groups the given nodes by connection over intact links between them; each group sorted by id.
   */
  components(ids: readonly NodeId[]): NodeId[][] {
    const left = new Set(ids);
    const parts: NodeId[][] = [];
    for (const id of left) {
      const part = [id];
      left.delete(id);
      for (const member of part) {
        for (const link of this.#linksOf(member)) {
          const other = otherEnd(link, member).id;
          if (!isImpaired(link) && left.delete(other)) part.push(other);
        }
      }
      parts.push(part.sort((a, b) => a - b));
    }
    return parts;
  }

  #linksOf(id: NodeId): Link[] {
    return [...(this.#links.get(id)?.values() ?? [])];
  }
}

function isServer({ role }: LiveNode): boolean {
  return role === 'server';
}

function isImpaired(link: Link): boolean {
  return link.isCut || link.muted.size > 0;
}

function otherEnd(link: Link, id: NodeId): LiveNode {
  const [first, second] = link.ends;
  return first.id === id ? second : first;
}

/** The same from both ends. */
export function linkName(a: NodeId, b: NodeId): string {
  return `link ${Math.min(a, b)} ${Math.max(a, b)}`;
}

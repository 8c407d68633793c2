// The links between nodes: which there are, in which direction something can pass, and how long it
// is on its way.
import type { NodeId } from '../../kernel/ids.ts';
import { type LinkChange, type LinkSetting, LinkSettings } from '../../kernel/linkSettings.ts';
import { createTraffic, type Traffic, type Usual } from '../../kernel/traffic.ts';

const HEALTHY: Usual = { loss: 0, duplication: 0, delay: () => 0 };

export interface LinkTableSetup {
  readonly seed: number;
  /** What happens to messages for which the script sets nothing; a healthy network if absent. */
  readonly usual?: Usual;
  now(): number;
}

export interface Link {
  /** Counted in the run, for the seeded fate of its messages. */
  readonly number: number;
  /** The ends whose messages do not arrive. */
  readonly mutedFrom: ReadonlySet<NodeId>;
}

/** Why a message does not arrive, for the trace. */
export type Obstacle = 'no link' | 'one-way cut' | 'failed';

interface MutableLink extends Link {
  readonly mutedFrom: Set<NodeId>;
  readonly trafficFrom: Map<NodeId, Traffic>;
}

export class LinkTable {
  readonly #setup: LinkTableSetup;
  readonly #settings = new LinkSettings();
  readonly #linkByPeerByNode = new Map<NodeId, Map<NodeId, MutableLink>>();
  readonly #failed = new Set<NodeId>();
  #links = 0;

  constructor(setup: LinkTableSetup) {
    this.#setup = setup;
  }

  /** False if it exists already; one that was cut in one direction is whole again. */
  link(a: NodeId, b: NodeId): boolean {
    const existing = this.#linksOf(a).get(b);
    existing?.mutedFrom.clear();
    if (existing !== undefined) return false;
    this.#links += 1;
    const sets = { mutedFrom: new Set<NodeId>(), trafficFrom: new Map<NodeId, Traffic>() };
    const link = { number: this.#links, ...sets };
    this.#linksOf(a).set(b, link);
    this.#linksOf(b).set(a, link);
    return true;
  }

  /** False if there is no link. */
  unlink(a: NodeId, b: NodeId): boolean {
    const link = this.#linksOf(a).get(b);
    if (link === undefined) return false;
    this.#linksOf(a).delete(b);
    this.#linksOf(b).delete(a);
    return true;
  }

  /** False if there is no link. */
  mute(from: NodeId, to: NodeId): boolean {
    const link = this.#linksOf(from).get(to);
    link?.mutedFrom.add(from);
    return link !== undefined;
  }

  /** From now on nothing passes from and to the node, or it does again. */
  setFailed(id: NodeId, isFailed: boolean): void {
    if (isFailed) this.#failed.add(id);
    else this.#failed.delete(id);
  }

  setLink(change: LinkChange): void {
    this.#settings.change(change);
  }

  hasFailed(id: NodeId): boolean {
    return this.#failed.has(id);
  }

  /** Whether there is a link, be it cut in one direction. */
  hasLink(a: NodeId, b: NodeId): boolean {
    return this.find(a, b) !== undefined;
  }

  find(a: NodeId, b: NodeId): Link | undefined {
    return this.#linksOf(a).get(b);
  }

  /** Why nothing passes from one node to the other; undefined if something can. */
  obstacle(from: NodeId, to: NodeId): Obstacle | undefined {
    if (this.#failed.has(from) || this.#failed.has(to)) return 'failed';
    const link = this.find(from, to);
    if (link === undefined) return 'no link';
    return link.mutedFrom.has(from) ? 'one-way cut' : undefined;
  }

  /** The nodes to which it has a link that works both ways. */
  peersOf(id: NodeId): NodeId[] {
    if (this.#failed.has(id)) return [];
    const links = [...this.#linksOf(id)];
    return links.flatMap(([peer, { mutedFrom }]) =>
      mutedFrom.size > 0 || this.#failed.has(peer) ? [] : [peer],
    );
  }

  /** A node, and all that it reaches over such links through nodes that are `passable`, by id. */
  reachedFrom(root: NodeId, passable: (id: NodeId) => boolean): NodeId[] {
    const reached = new Set([root]);
    for (const id of reached) {
      for (const peer of this.peersOf(id)) if (passable(peer)) reached.add(peer);
    }
    return [...reached].sort((a, b) => a - b);
  }

  /** The life of a node has ended, and its links with it; returns their other ends. */
  end(id: NodeId): NodeId[] {
    const peers = [...this.#linksOf(id).keys()];
    for (const peer of peers) this.unlink(id, peer);
    this.#failed.delete(id);
    return peers;
  }

  /**
   * The delays of the copies of a message that is sent at `now`: none if it is lost. `fixed`
   * replaces what is set.
   */
  protected delays(
    from: NodeId,
    to: NodeId,
    fixed: LinkSetting = {},
    now = this.#setup.now(),
  ): number[] {
    const link = this.#linksOf(from).get(to);
    if (link === undefined) return [];
    const { seed, usual = HEALTHY } = this.#setup;
    const traffic = link.trafficFrom.get(from) ?? createTraffic(seed, link.number, from, to);
    link.trafficFrom.set(from, traffic);
    return traffic.send(now, usual, { ...this.#settings.of(from, to), ...fixed });
  }

  #linksOf(id: NodeId): Map<NodeId, MutableLink> {
    const links = this.#linkByPeerByNode.get(id) ?? new Map<NodeId, MutableLink>();
    this.#linkByPeerByNode.set(id, links);
    return links;
  }
}

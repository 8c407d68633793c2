// The links between nodes, and what happens to each message on one of them. It does not know what a
// message says.
import type { Cancel } from '../../kernel/env.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { type LinkChange, LinkSettings } from '../../kernel/linkSettings.ts';
import { createTraffic, type Traffic, type Usual } from '../../kernel/traffic.ts';

const HEALTHY: Usual = { loss: 0, duplication: 0, delay: () => 0 };

export interface NetworkSetup {
  readonly seed: number;
  readonly usual?: Usual;
  now(): number;
  after(ms: number, task: () => void): Cancel;
}

interface Link {
  /** Counted in the run, for the seeded fate of its messages. */
  readonly number: number;
  readonly mutedFrom: Set<NodeId>;
  readonly trafficFrom: Map<NodeId, Traffic>;
  isCut: boolean;
}

/** A message, as the network sees it. */
export interface Passing {
  /** Called for each copy that arrives, at once or later. */
  deliver(): void;
  /** A copy waits on its way (1), or not any more (-1), whether it then arrives or not. */
  wait(change: 1 | -1): void;
}

/** Why a message does not arrive, for the trace. */
export type Loss = 'no link' | 'one-way cut' | 'lost' | 'failed';

export class Network {
  readonly #setup: NetworkSetup;
  readonly #settings = new LinkSettings();
  readonly #linkByPeerByNode = new Map<NodeId, Map<NodeId, Link>>();
  readonly #failed = new Set<NodeId>();
  readonly #timers = new Set<Cancel>();
  #links = 0;
  #lastAt = -Infinity;

  constructor(setup: NetworkSetup) {
    this.#setup = setup;
  }

  /** How long ago a message was sent or delivered last, in milliseconds. */
  get quietMs(): number {
    return this.#timers.size > 0 ? 0 : this.#setup.now() - this.#lastAt;
  }

  /** False if it exists already; one that was cut in one direction is whole again. */
  link(a: NodeId, b: NodeId): boolean {
    const existing = this.#linkByPeerByNode.get(a)?.get(b);
    existing?.mutedFrom.clear();
    if (existing !== undefined) return false;
    this.#links += 1;
    const sets = { mutedFrom: new Set<NodeId>(), trafficFrom: new Map<NodeId, Traffic>() };
    const link = { number: this.#links, ...sets, isCut: false };
    this.#linksOf(a).set(b, link);
    this.#linksOf(b).set(a, link);
    return true;
  }

  /** Messages on their way are lost. False if there is no link. */
  unlink(a: NodeId, b: NodeId): boolean {
    const link = this.#linkByPeerByNode.get(a)?.get(b);
    if (link === undefined) return false;
    link.isCut = true;
    this.#linksOf(a).delete(b);
    this.#linksOf(b).delete(a);
    return true;
  }

  /** False if there is no link. */
  mute(from: NodeId, to: NodeId): boolean {
    const link = this.#linkByPeerByNode.get(from)?.get(to);
    link?.mutedFrom.add(from);
    return link !== undefined;
  }

  setLink(change: LinkChange): void {
    this.#settings.change(change);
  }

  /** From now on loses all messages from and to the node, or not any more. */
  setFailed(id: NodeId, isFailed: boolean): void {
    if (isFailed) this.#failed.add(id);
    else this.#failed.delete(id);
  }

  /** Whether there is a link, be it cut in one direction. */
  hasLink(a: NodeId, b: NodeId): boolean {
    return this.#linkByPeerByNode.get(a)?.has(b) === true;
  }

  hasFailed(id: NodeId): boolean {
    return this.#failed.has(id);
  }

  /** The nodes to which it has a link that works both ways. */
  peersOf(id: NodeId): NodeId[] {
    if (this.#failed.has(id)) return [];
    const links = [...this.#linksOf(id)];
    return links.flatMap(([peer, { mutedFrom }]) =>
      mutedFrom.size > 0 || this.#failed.has(peer) ? [] : [peer],
    );
  }

  /** The life of a node has ended, and its links with it; returns their other ends. */
  end(id: NodeId): NodeId[] {
    const peers = [...this.#linksOf(id).keys()];
    for (const peer of peers) this.unlink(id, peer);
    this.#failed.delete(id);
    return peers;
  }

  /**
   * Lets a message pass. Returns why no copy will arrive; one that is on its way is lost if its
   * link is cut.
   */
  send(from: NodeId, to: NodeId, message: Passing): Loss | undefined {
    if (this.#failed.has(from) || this.#failed.has(to)) return 'failed';
    const link = this.#linkByPeerByNode.get(from)?.get(to);
    if (link === undefined) return 'no link';
    if (link.mutedFrom.has(from)) return 'one-way cut';
    const { now, usual = HEALTHY, seed } = this.#setup;
    const traffic = link.trafficFrom.get(from) ?? createTraffic(seed, link.number, from, to);
    link.trafficFrom.set(from, traffic);
    const delays = traffic.send(now(), usual, this.#settings.of(from, to));
    for (const ms of delays) this.#arrange(ms, link, message);
    return delays.length === 0 ? 'lost' : undefined;
  }

  stop(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #arrange(ms: number, link: Link, message: Passing): void {
    this.#lastAt = this.#setup.now();
    if (ms <= 0) {
      message.deliver();
      return;
    }
    message.wait(1);
    const cancel = this.#setup.after(ms, () => {
      this.#timers.delete(cancel);
      this.#lastAt = this.#setup.now();
      message.wait(-1);
      if (!link.isCut) message.deliver();
    });
    this.#timers.add(cancel);
  }

  #linksOf(id: NodeId): Map<NodeId, Link> {
    const links = this.#linkByPeerByNode.get(id) ?? new Map<NodeId, Link>();
    this.#linkByPeerByNode.set(id, links);
    return links;
  }
}

// The simulated network: its links, and what happens to a message on one of them.
import type { NodeId } from '../kernel/ids.ts';
import { type LinkChange, LinkSettings } from '../kernel/linkSettings.ts';
import { createRandomStream, type RandomStream } from '../kernel/random.ts';
import { createTraffic, Traffic, toEighths, type Usual } from '../kernel/traffic.ts';

/**
 * What a network does to messages between nodes. Probabilities in [0, 1], times in milliseconds.
 */
export interface NetworkPlan {
  readonly loss: number;
  readonly duplication: number;
  readonly minDelayMs: number;
  /** Delays are evenly distributed up to this maximum, so messages overtake each other. */
  readonly maxDelayMs: number;
  /** The probability of a much longer delay, and the maximum of that delay. */
  readonly tail: number;
  readonly tailDelayMs: number;
}

/** A healthy network: it loses no message, but messages overtake each other. */
export const HEALTHY_NETWORK: NetworkPlan = {
  loss: 0,
  duplication: 0,
  minDelayMs: 1,
  maxDelayMs: 5,
  tail: 0,
  tailDelayMs: 0,
};

interface Link {
  /**
   * A link that was cut and made again has a new number: no message of the old link arrives on it.
   */
  readonly number: number;
  readonly mutedFrom: Set<NodeId>;
  /** By sender: the messages in directions for which something is set. */
  readonly trafficFrom: Map<NodeId, Traffic>;
}

export class Network implements Usual {
  plan: NetworkPlan;
  readonly #seed: number;
  readonly #random: RandomStream;
  /** All messages in directions for which nothing is set. */
  readonly #traffic: Traffic;
  readonly #settings = new LinkSettings();
  readonly #linkByPeerByNode = new Map<NodeId, Map<NodeId, Link>>();
  #links = 0;

  constructor(seed: number, plan: NetworkPlan) {
    this.plan = plan;
    this.#seed = seed;
    this.#random = createRandomStream(seed, 'network');
    this.#traffic = new Traffic(this.#random);
  }

  get loss(): number {
    return this.plan.loss;
  }

  get duplication(): number {
    return this.plan.duplication;
  }

  /** What is set for a link counts in place of the plan. */
  setLink(change: LinkChange): void {
    this.#settings.change(change);
  }

  link(a: NodeId, b: NodeId): void {
    const existing = this.#find(a, b);
    if (existing !== undefined) {
      existing.mutedFrom.clear();
      return;
    }
    this.#links += 1;
    const link: Link = { number: this.#links, mutedFrom: new Set(), trafficFrom: new Map() };
    this.#linksOf(a).set(b, link);
    this.#linksOf(b).set(a, link);
  }

  unlink(a: NodeId, b: NodeId): void {
    this.#linksOf(a).delete(b);
    this.#linksOf(b).delete(a);
  }

  mute(from: NodeId, to: NodeId): void {
    this.#find(from, to)?.mutedFrom.add(from);
  }

  /** The nodes that have a link to this node. */
  peersOf(node: NodeId): NodeId[] {
    return [...this.#linksOf(node).keys()];
  }

  /** The number of the link between the two nodes, or undefined without one. */
  linkNumber(a: NodeId, b: NodeId): number | undefined {
    return this.#find(a, b)?.number;
  }

  /** The delays of the copies of a message: none if it is lost, two if it is repeated. */
  send(from: NodeId, to: NodeId, now: number): number[] {
    const link = this.#find(from, to);
    const setting = this.#settings.of(from, to);
    const isCut = link?.mutedFrom.has(from) === true;
    const isPlain = setting === undefined || link === undefined;
    const traffic = isPlain ? this.#traffic : this.#trafficFrom(from, to, link);
    return traffic.send(now, this, setting, isCut);
  }

  /** A delay for which nothing is set: a multiple of an eighth of a millisecond. */
  delay(random = this.#random): number {
    const { minDelayMs, maxDelayMs, tail, tailDelayMs } = this.plan;
    const most = tail > 0 && random() < tail ? tailDelayMs : maxDelayMs;
    return toEighths(minDelayMs + random() * Math.max(0, most - minDelayMs));
  }

  #trafficFrom(from: NodeId, to: NodeId, { number, trafficFrom }: Link): Traffic {
    const traffic = trafficFrom.get(from) ?? createTraffic(this.#seed, number, from, to);
    trafficFrom.set(from, traffic);
    return traffic;
  }

  #find(a: NodeId, b: NodeId): Link | undefined {
    return this.#linkByPeerByNode.get(a)?.get(b);
  }

  #linksOf(node: NodeId): Map<NodeId, Link> {
    let links = this.#linkByPeerByNode.get(node);
    if (links === undefined) {
      links = new Map();
      this.#linkByPeerByNode.set(node, links);
    }
    return links;
  }
}

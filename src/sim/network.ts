// The simulated network: its links, and what happens to a message on one of them.
import type { NodeId } from '../kernel/ids.ts';
import { createRandomStream, type RandomStream } from '../kernel/random.ts';

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
}

export class Network {
  plan: NetworkPlan;
  readonly #random: RandomStream;
  readonly #linkByPeerByNode = new Map<NodeId, Map<NodeId, Link>>();
  #links = 0;

  constructor(seed: number, plan: NetworkPlan) {
    this.plan = plan;
    this.#random = createRandomStream(seed, 'network');
  }

  link(a: NodeId, b: NodeId): void {
    const existing = this.#find(a, b);
    if (existing !== undefined) {
      existing.mutedFrom.clear();
      return;
    }
    this.#links += 1;
    const link = { number: this.#links, mutedFrom: new Set<NodeId>() };
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

  /** How many copies of a message arrive: none if it is lost, two if it is repeated. */
  copiesOf(from: NodeId, to: NodeId): number {
    const { loss, duplication } = this.plan;
    const isLost = this.#chance(loss) || this.#find(from, to)?.mutedFrom.has(from) === true;
    const copies = this.#chance(duplication) ? 2 : 1;
    return isLost ? 0 : copies;
  }

  /** The delay of one copy: a multiple of an eighth of a millisecond, so that sums are exact. */
  delay(): number {
    const { minDelayMs, maxDelayMs, tail, tailDelayMs } = this.plan;
    const most = this.#chance(tail) ? tailDelayMs : maxDelayMs;
    const delay = minDelayMs + this.#random() * Math.max(0, most - minDelayMs);
    return Math.round(delay * 8) / 8;
  }

  #chance(probability: number): boolean {
    return probability > 0 && this.#random() < probability;
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

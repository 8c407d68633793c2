// The simulated network: its links, and what happens to a message on one of them.
import type { NodeId } from '../kernel/ids.ts';
import { type LinkChange, LinkSettings } from '../kernel/linkSettings.ts';
import { createRandomStream, type RandomStream } from '../kernel/random.ts';
import { createTraffic, Traffic, toEighths, type Usual } from '../kernel/traffic.ts';
import { Priorities } from './priorities.ts';

/**
 * What a network does to messages between nodes. Probabilities in [0, 1], times in milliseconds.
 */
export interface NetworkPlan {
  readonly loss: number;
  readonly duplication: number;
  readonly minDelayMs: number;
  /** Delays lie between the two, so messages overtake each other. */
  readonly maxDelayMs: number;
  /** The probability of a much longer delay, and the maximum of that delay. */
  readonly tail: number;
  readonly tailDelayMs: number;
  /**
   * How delays are chosen: 0 for each message by itself, evenly; otherwise by priority, with this
   * depth (priorities.ts).
   */
  readonly depth: number;
}

/** A healthy network: it loses no message, but messages overtake each other. */
export const HEALTHY_NETWORK: NetworkPlan = {
  loss: 0,
  duplication: 0,
  minDelayMs: 1,
  maxDelayMs: 5,
  tail: 0,
  tailDelayMs: 0,
  depth: 0,
};

/** A link that was cut and made again is another one: no message of the old link arrives on it. */
export interface Link {
  readonly isCut: boolean;
}

interface OwnLink extends Link {
  isCut: boolean;
  /** Counted in the run. */
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
  readonly #priorities: Priorities;
  readonly #settings = new LinkSettings();
  readonly #linkByPeerByNode = new Map<NodeId, Map<NodeId, OwnLink>>();
  #links = 0;

  constructor(seed: number, plan: NetworkPlan) {
    this.plan = plan;
    this.#seed = seed;
    this.#random = createRandomStream(seed, 'network');
    this.#traffic = new Traffic(this.#random);
    this.#priorities = new Priorities(seed);
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
    const sets = { mutedFrom: new Set<NodeId>(), trafficFrom: new Map<NodeId, Traffic>() };
    const link: OwnLink = { isCut: false, number: this.#links, ...sets };
    this.#linksOf(a).set(b, link);
    this.#linksOf(b).set(a, link);
  }

  unlink(a: NodeId, b: NodeId): void {
    const link = this.#find(a, b);
    if (link === undefined) return;
    link.isCut = true;
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

  /** The link between the two nodes, or undefined without one. */
  find(a: NodeId, b: NodeId): Link | undefined {
    return this.#find(a, b);
  }

  /**
   * The delay of a message that certainly arrives once, as `send` would give it; undefined for any
   * other, which is left to `send`. Nearly all messages of a healthy network are of this kind.
   */
  delayIfCertain(from: NodeId, to: NodeId, link: Link): number | undefined {
    const { loss, duplication, depth } = this.plan;
    if (loss > 0 || duplication > 0 || depth > 0 || link.isCut) return undefined;
    if ((link as OwnLink).mutedFrom.size > 0) return undefined;
    return this.#settings.of(from, to) === undefined ? this.delay() : undefined;
  }

  /** The delays of the copies of a message: none if it is lost, two if it is repeated. */
  send(from: NodeId, to: NodeId, now: number): number[] {
    const link = this.#find(from, to);
    const setting = this.#settings.of(from, to);
    const isCut = link?.mutedFrom.has(from) === true;
    const isPlain = setting === undefined || link === undefined;
    const traffic = isPlain ? this.#traffic : this.#trafficFrom(from, to, link);
    const usual = this.plan.depth === 0 ? this : this.#byPriority(from, to);
    return traffic.send(now, usual, setting, isCut);
  }

  /** A delay for which nothing is set: a multiple of an eighth of a millisecond. */
  delay(random = this.#random): number {
    const { minDelayMs, maxDelayMs } = this.plan;
    const most = this.#isHeldUp(random) ? this.plan.tailDelayMs : maxDelayMs;
    return toEighths(minDelayMs + random() * Math.max(0, most - minDelayMs));
  }

  #isHeldUp(random: RandomStream): boolean {
    const { tail } = this.plan;
    return tail > 0 && random() < tail;
  }

  /** The treatment of a message whose direction has a priority. */
  #byPriority(from: NodeId, to: NodeId): Usual {
    const { loss, duplication, depth, minDelayMs, maxDelayMs, tailDelayMs } = this.plan;
    const delay = (random: RandomStream): number => {
      const byRank = this.#priorities.delay(from, to, depth, minDelayMs, maxDelayMs);
      const isHeldUp = this.#isHeldUp(random);
      return toEighths(
        isHeldUp ? minDelayMs + random() * Math.max(0, tailDelayMs - minDelayMs) : byRank,
      );
    };
    return { loss, duplication, delay };
  }

  #trafficFrom(from: NodeId, to: NodeId, { number, trafficFrom }: OwnLink): Traffic {
    const traffic = trafficFrom.get(from) ?? createTraffic(this.#seed, number, from, to);
    trafficFrom.set(from, traffic);
    return traffic;
  }

  #find(a: NodeId, b: NodeId): OwnLink | undefined {
    return this.#linkByPeerByNode.get(a)?.get(b);
  }

  #linksOf(node: NodeId): Map<NodeId, OwnLink> {
    let links = this.#linkByPeerByNode.get(node);
    if (links === undefined) {
      links = new Map();
      this.#linkByPeerByNode.set(node, links);
    }
    return links;
  }
}

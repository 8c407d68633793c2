// Every decision of the configuration service: which servers the ring has, and up to which
// timestamp tombstones may be collected. Synchronous.
import type { Life, NodeId } from '../../kernel/ids.ts';
import { describeRing, type RingSettings, type RingSpec } from './ring.ts';

/** What a server says of itself when it joins, or needs the ring. */
export interface Joining {
  /** The ring in its log, or that it knows already. */
  readonly ring: RingSpec | null;
  readonly floor: number;
  /** Whether a request needs the ring now. */
  readonly isNeeded: boolean;
}

export interface Joined {
  readonly ring: RingSpec | null;
  /** Without a ring: the servers of earlier runs that have not joined yet. */
  readonly awaited: readonly NodeId[];
  readonly floor: number;
}

export class Roster {
  ring: RingSpec | undefined;
  floor = 0;
  readonly #settings: RingSettings;
  readonly #earlier: readonly NodeId[];
  readonly #number: number;
  readonly #incarnations = new Map<NodeId, number>();
  readonly #strangers = new Set<NodeId>();
  #isCompared = false;

  /** `earlier` and `generation` are those of ServiceEnv. */
  constructor(settings: RingSettings, earlier: readonly NodeId[], generation: number) {
    this.#settings = settings;
    this.#earlier = earlier;
    this.#number = generation + 1;
  }

  /**
   * A life joins, or asks again. The ring is that of an earlier run if one server has it in its
   * log. Otherwise it is fixed when it is needed first, and when all servers of earlier runs have
   * said that they have none: every server that has joined is a member, also if it has died since.
   * With partitioner=tokens the members are the owners of tokens, also if one has not joined yet.
   */
  join({ id, incarnation }: Life, { ring, floor, isNeeded }: Joining): Joined {
    this.#incarnations.set(id, Math.max(incarnation, this.#incarnations.get(id) ?? 0));
    this.floor = Math.max(this.floor, floor);
    if (ring !== null && ring.number > (this.ring?.number ?? 0)) this.ring = ring;
    const { awaited } = this;
    if (this.ring === undefined && isNeeded && awaited.length === 0) this.ring = this.#fix();
    return { ring: this.ring ?? null, awaited, floor: this.floor };
  }

  /** The servers of earlier runs that have not joined yet; none once there is a ring. */
  get awaited(): readonly NodeId[] {
    if (this.ring !== undefined) return [];
    return this.#earlier.filter((other) => !this.#incarnations.has(other));
  }

  /** True once, if the ring is of an earlier run with other options than this one. */
  hasOtherSettings(): boolean {
    if (this.ring === undefined || this.#isCompared) return false;
    this.#isCompared = true;
    return describeRing(this.ring) !== describeRing(this.#settings);
  }

  /** True once for each server that has no place on the ring. */
  isNewStranger(id: NodeId): boolean {
    if (this.ring === undefined || this.#strangers.has(id)) return false;
    if (this.ring.members.some(([member]) => member === id)) return false;
    this.#strangers.add(id);
    return true;
  }

  /**
   * All these lives have the same data, and no earlier write is under way. Whether they may forget
   * tombstones up to the floor: only if they are all members, and the latest life of each. A life
   * that joins later begins above the floor.
   */
  forget(floor: number, lives: readonly (readonly [NodeId, number])[]): boolean {
    const incarnations = new Map(lives);
    const isWhole = this.ring?.members.every(
      ([id]) => incarnations.get(id) === this.#incarnations.get(id) && incarnations.has(id),
    );
    if (isWhole !== true) return false;
    this.floor = Math.max(this.floor, floor);
    return true;
  }

  #fix(): RingSpec {
    const { partitioner, n, vnodes, versions, tokens } = this.#settings;
    const ids = tokens === undefined ? [...this.#incarnations.keys()] : new Set(tokens.owners);
    const members = [...ids]
      .sort((a, b) => a - b)
      .map((id): [NodeId, number] => [id, this.#incarnations.get(id) ?? 0]);
    const placed = tokens && { tokens: { ...tokens, owners: [...tokens.owners] } };
    return { number: this.#number, partitioner, n, vnodes, versions, ...placed, members };
  }
}

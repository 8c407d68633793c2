// Every decision of the configuration service: which servers the ring has, and up to which
// timestamp tombstones may be collected. Synchronous.
import type { Life, NodeId } from '../../kernel/ids.ts';
import { canGrow, describeRing, type RingSettings, type RingSpec } from './ring.ts';

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

/** More than a run has rings. */
const NUMBERS_OF_A_RUN = 1_000_000;

export class Roster {
  ring: RingSpec | undefined;
  floor = 0;
  readonly #settings: RingSettings;
  readonly #earlier: readonly NodeId[];
  readonly #generation: number;
  readonly #incarnations = new Map<NodeId, number>();
  readonly #ended = new Map<NodeId, number>();
  readonly #strangers = new Set<NodeId>();
  #isCompared = false;

  /** `earlier` and `generation` are those of ServiceEnv. */
  constructor(settings: RingSettings, earlier: readonly NodeId[], generation: number) {
    this.#settings = settings;
    this.#earlier = earlier;
    this.#generation = generation;
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
    this.#admit({ id, incarnation });
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

  /**
   * The newcomer has copied its ranges from all their replicas, which have taken over the ring of
   * that number: so the next step of the ring's growth may begin. Whether the server is a member
   * from now on.
   */
  advance({ id, incarnation }: Life, number: number): boolean {
    const { ring } = this;
    const { newcomer, ...rest } = ring ?? {};
    if (ring === undefined || newcomer === undefined || ring.number !== number) return false;
    if (newcomer.life[0] !== id || this.#incarnations.get(id) !== incarnation) return false;
    if (!newcomer.hasCopied) {
      this.ring = { ...ring, number: this.#nextNumber, newcomer: { ...newcomer, hasCopied: true } };
      return false;
    }
    const members = [...ring.members, newcomer.life].sort(([a], [b]) => a - b);
    this.ring = { ...(rest as RingSpec), number: this.#nextNumber, members };
    return true;
  }

  /**
   * A life has ended. A newcomer that dies before it has copied does not become a member: reads did
   * not count it, so the ring may go back. Later it keeps its place, as a dead member does.
   */
  ended({ id, incarnation }: Life): void {
    this.#ended.set(id, Math.max(incarnation, this.#ended.get(id) ?? 0));
    this.#giveUp();
  }

  /** True once for each server that gets no place on the ring. */
  isNewStranger(id: NodeId): boolean {
    if (this.ring === undefined || this.#strangers.has(id)) return false;
    if (canGrow(this.ring) || this.ring.members.some(([member]) => member === id)) return false;
    this.#strangers.add(id);
    return true;
  }

  /** A server without a place becomes the newcomer, if the ring can grow and there is no other. */
  #admit({ id, incarnation }: Life): void {
    if (this.ring === undefined || !canGrow(this.ring)) return;
    if (this.ring.members.some(([member]) => member === id)) return;
    this.#giveUp();
    if (this.ring.newcomer !== undefined) return;
    const newcomer = { life: [id, incarnation] as const, hasCopied: false };
    this.ring = { ...this.ring, number: this.#nextNumber, newcomer };
  }

  /** Ends the growth by a newcomer that is not here and has not copied. */
  #giveUp(): void {
    const { newcomer, ...rest } = this.ring ?? {};
    if (newcomer === undefined || newcomer.hasCopied || this.#isHere(newcomer.life[0])) return;
    this.ring = { ...(rest as RingSpec), number: this.#nextNumber };
  }

  #isHere(id: NodeId): boolean {
    return (this.#incarnations.get(id) ?? 0) > (this.#ended.get(id) ?? 0);
  }

  /** Rings of a later run have greater numbers than all that this one may have sent. */
  get #nextNumber(): number {
    return Math.max(this.ring?.number ?? 0, this.#generation * NUMBERS_OF_A_RUN) + 1;
  }

  /**
   * All these lives have the same data, and no earlier write is under way. Whether they may forget
   * tombstones up to the floor: only if they are all members, the latest life of each, and the ring
   * does not grow. A life that joins later begins above the floor.
   */
  forget(floor: number, lives: readonly (readonly [NodeId, number])[]): boolean {
    const incarnations = new Map(lives);
    const isWhole = this.ring?.members.every(
      ([id]) => incarnations.get(id) === this.#incarnations.get(id) && incarnations.has(id),
    );
    if (isWhole !== true || this.ring?.newcomer !== undefined) return false;
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
    return { number: this.#nextNumber, partitioner, n, vnodes, versions, ...placed, members };
  }
}

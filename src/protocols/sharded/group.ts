// A replica group as the shard master knows it: which lives have all that the group has
// acknowledged, and which one is the primary. Pure.
//
//   M1 a life that serves had, when it began to, all that the primary had acknowledged
//   M2 if all that served have died, only one of these may serve again, with its disk
//   M3 a living server is never removed as the last that serves
//   M4 an epoch has one primary, and only a life that serves is appointed
//   M5 a life joins once in an epoch: one that was removed comes back in a new one
import { assert } from '../../kernel/errors.ts';
import { type Life, lifeKey, type NodeId } from '../../kernel/ids.ts';
import type { Group } from './configuration.ts';
import type { GroupId } from './placement.ts';

/** How long the log of a candidate is. */
export interface Candidate {
  readonly id: NodeId;
  readonly lastEpoch: number;
  readonly last: number;
}

export class GroupRoll {
  readonly id: GroupId;
  /**
   * The number of the configuration in which the primary was appointed, or was lost, or in which a
   * life came back that had been removed.
   */
  epoch: number;
  primary: NodeId | null = null;
  /** In the order of joining. */
  members: NodeId[] = [];
  /** The last that served, while none does. */
  holders: NodeId[] = [];
  #serving: Life[] = [];
  #joiners: Life[] = [];
  /** The lives that were removed in this epoch. */
  readonly #removed = new Set<number>();

  constructor(id: GroupId, epoch: number) {
    this.id = id;
    this.epoch = epoch;
  }

  /**
   * A new run on old disks: `holders` served last, and `best` has the longest log of them, if any
   * has all.
   */
  static restore(
    { id, members }: Group,
    holders: readonly NodeId[],
    best: Life | undefined,
    number: number,
  ): GroupRoll {
    const roll = new GroupRoll(id, number);
    roll.members = [...members];
    roll.holders = [...holders];
    if (best !== undefined) roll.revive(best, number);
    return roll;
  }

  get serving(): readonly Life[] {
    return this.#serving;
  }

  get joiners(): readonly Life[] {
    return this.#joiners;
  }

  /** Whether a primary has to be appointed, and can be. */
  get isElecting(): boolean {
    return this.primary === null && this.#serving.length > 0;
  }

  has(life: Life): boolean {
    return [...this.#serving, ...this.#joiners].some((one) => lifeKey(one) === lifeKey(life));
  }

  /** Its first server, which has all that there is: nothing. */
  found(life: Life): void {
    this.place(life.id);
    this.#serving = [life];
    this.primary = life.id;
  }

  place(id: NodeId): void {
    if (!this.members.includes(id)) this.members.push(id);
  }

  /**
   * The primary is to bring that life up to date. What it and the primary have sent each other when
   * it was here before, and what the primary has said of it, may still be on its way. A new epoch
   * makes that void, so a life joins once in an epoch (M5). `number` is that of the next
   * configuration.
   */
  beginJoin(life: Life, number: number): void {
    assert(this.members.includes(life.id), 'M1: only a member joins');
    if (this.has(life)) return;
    if (this.#removed.has(lifeKey(life))) this.#begin(number);
    this.#joiners.push(life);
  }

  /** The primary has counted that joiner, which had all then. False if it is none. */
  serve(life: Life): boolean {
    const rest = this.#joiners.filter((one) => lifeKey(one) !== lifeKey(life));
    if (rest.length === this.#joiners.length) return false;
    this.#joiners = rest;
    this.#serving.push(life);
    return true;
  }

  /** One of the last that served is back with its disk: it serves alone (M2). */
  revive(life: Life, number: number): void {
    assert(this.#serving.length === 0 && this.holders.includes(life.id), 'M2');
    this.#serving = [life];
    this.#joiners = [];
    this.holders = [];
    this.primary = life.id;
    this.#begin(number);
  }

  /** A life has ended, or is removed. `number` is that of the next configuration. */
  remove(life: Life, number: number): void {
    const others = this.#serving.filter((one) => lifeKey(one) !== lifeKey(life));
    if (others.length === 0 && this.#serving.length > 0) this.holders = [life.id];
    const wasPrimary = others.length < this.#serving.length && this.primary === life.id;
    this.#serving = others;
    this.#joiners = this.#joiners.filter((one) => lifeKey(one) !== lifeKey(life));
    this.#removed.add(lifeKey(life));
    if (!wasPrimary) return;
    this.primary = null;
    this.#begin(number);
  }

  /** Which of these lives may be removed: never the last that serves (M3). */
  removable(ids: readonly NodeId[]): Life[] {
    const stay = this.#serving.filter(({ id }) => !ids.includes(id));
    const joiners = this.#joiners.filter(({ id }) => ids.includes(id));
    const serving = this.#serving.filter(({ id }) => ids.includes(id));
    if (stay.length > 0) return [...joiners, ...serving];
    const last = serving.find(({ id }) => id === this.primary) ?? serving[0];
    return [...joiners, ...serving.filter((life) => life !== last)];
  }

  /**
   * Appoints the candidate with the longest log, of those the one with the lowest id. Those that
   * serve and are no candidates did not answer: they are removed (M3). False without a candidate.
   */
  appoint(candidates: readonly Candidate[], number: number): boolean {
    const isIn = ({ id }: Candidate): boolean => this.#serving.some((life) => life.id === id);
    const [best] = candidates
      .filter(isIn)
      .sort((a, b) => b.lastEpoch - a.lastEpoch || b.last - a.last || a.id - b.id);
    if (best === undefined || this.primary !== null) return false;
    const answered = new Set(candidates.map(({ id }) => id));
    this.#serving = this.#serving.filter(({ id }) => answered.has(id));
    this.primary = best.id;
    this.#begin(number);
    return true;
  }

  /** Whether no other server of the group has its data. */
  isLastCopy(id: NodeId): boolean {
    if (this.#serving.length > 0) return this.#serving.every((life) => life.id === id);
    return this.holders.length === 1 && this.holders[0] === id;
  }

  /** The server gives up its place. */
  leave(id: NodeId, number: number): void {
    const life = [...this.#serving, ...this.#joiners].find((one) => one.id === id);
    if (life !== undefined) this.remove(life, number);
    this.members = this.members.filter((member) => member !== id);
    this.holders = this.holders.filter((holder) => holder !== id);
  }

  #begin(epoch: number): void {
    this.epoch = epoch;
    this.#removed.clear();
  }

  toGroup(): Group {
    const { id, epoch, primary, members, holders } = this;
    const tuples = (lives: readonly Life[]) =>
      lives.map((life): [NodeId, number] => [life.id, life.incarnation]);
    return {
      ...{ id, epoch, primary, members: [...members] },
      serving: tuples(this.#serving),
      joiners: tuples(this.#joiners),
      holders: this.#serving.length > 0 ? [] : [...holders],
    };
  }
}

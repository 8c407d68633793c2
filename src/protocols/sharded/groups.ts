// The groups that the shard master has, in the order of their creation. Pure.
import { type Life, lifeKey, type NodeId } from '../../kernel/ids.ts';
import type { Group } from './configuration.ts';
import { GroupRoll } from './group.ts';
import type { Lives } from './lives.ts';
import type { GroupId } from './placement.ts';
import type { RecoveredRun } from './recovery.ts';

export class Groups {
  readonly #lives: Lives;
  #all: readonly GroupRoll[] = [];
  /** No group has, or had, a greater number. */
  #lastId = 0;

  constructor(lives: Lives) {
    this.#lives = lives;
  }

  get all(): readonly GroupRoll[] {
    return this.#all;
  }

  get ids(): GroupId[] {
    return this.#all.map(({ id }) => id);
  }

  /** The groups in which a server serves. */
  get live(): GroupId[] {
    return this.#all.flatMap(({ id, serving }) => (serving.length > 0 ? [id] : []));
  }

  find(id: GroupId): GroupRoll | undefined {
    return this.#all.find((group) => group.id === id);
  }

  /** The group in which a server has its place. */
  ofMember(id: NodeId): GroupRoll | undefined {
    return this.#all.find(({ members }) => members.includes(id));
  }

  /** The group that a life serves in, or is brought up to date for. */
  ofLife(life: Life): GroupRoll | undefined {
    return this.#all.find((group) => group.has(life));
  }

  isServing(life: Life): boolean {
    return this.#all.some(({ serving }) => serving.some((one) => lifeKey(one) === lifeKey(life)));
  }

  /** The servers that serve in some group. */
  get serving(): NodeId[] {
    const ids = this.#all.flatMap(({ serving }) => serving.map(({ id }) => id));
    return ids.sort((a, b) => a - b);
  }

  /**
   * The servers without which this one gets no shards: the last that served in its own group if
   * none serves there, or for a server without a place in any group.
   */
  awaitedBy(server: NodeId): NodeId[] {
    const own = this.ofMember(server);
    const dead = (own ? [own] : this.#all).filter(({ serving }) => serving.length === 0);
    const holders = new Set(dead.flatMap((group) => group.holders));
    return [...holders].filter((id) => this.#lives.of(id) === undefined);
  }

  /** The group of a server, if it is dead for good: all that served last are back without data. */
  lostWith(server: NodeId): GroupRoll | undefined {
    const own = this.ofMember(server);
    return own?.serving.length === 0 && this.awaitedBy(server).length === 0 ? own : undefined;
  }

  /** Whether every group serves with all its live members. */
  get isWhole(): boolean {
    return this.#all.every(({ primary, members, serving }) => {
      const live = members.filter((id) => this.#lives.of(id) !== undefined);
      return primary !== null && live.every((id) => serving.some((life) => life.id === id));
    });
  }

  /** Takes over the groups of an earlier run, in the configuration of that number. */
  restore({ groups, lastGroup }: RecoveredRun, number: number): void {
    this.#all = groups.map(({ group, holders, best }) => {
      const life = best === undefined ? undefined : this.#lives.of(best);
      return GroupRoll.restore(group, holders, life, number);
    });
    this.#lastId = lastGroup;
  }

  /** A group of one server, which is not among `all` yet. */
  create(life: Life, number: number): GroupRoll {
    const group = new GroupRoll(this.#lastId + 1, number);
    group.found(life);
    return group;
  }

  add(group: GroupRoll): void {
    this.#lastId = group.id;
    this.#all = [...this.#all, group];
  }

  remove(id: GroupId): void {
    this.#all = this.#all.filter((group) => group.id !== id);
  }

  /**
   * The other servers of a group without shards get places in the smallest groups. `number` is that
   * of the next configuration.
   */
  dissolve({ id, members }: GroupRoll, leaver: NodeId, number: number): void {
    this.remove(id);
    for (const member of members) if (member !== leaver) this.place(member, number);
  }

  without(id: GroupId): GroupRoll[] {
    return this.#all.filter((group) => group.id !== id);
  }

  /** A server gets a place in the smallest group, and is brought up to date there if it lives. */
  place(id: NodeId, number: number): void {
    const [group] = [...this.#all].sort(
      (a, b) => a.members.length - b.members.length || a.id - b.id,
    );
    if (group === undefined) return;
    group.place(id);
    const life = this.#lives.of(id);
    if (life !== undefined && group.primary !== null) group.beginJoin(life, number);
  }

  toGroups(): Group[] {
    return this.#all.map((group) => group.toGroup());
  }
}

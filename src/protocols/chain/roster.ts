// Every decision of the configuration service: which server is in which chain. Synchronous. Each
// method that changes the chains gives a new epoch.
//
// The invariants of each epoch:
//   R1 each member of a chain had, when it became one, all that the tail had acknowledged
//   R2 if all members of a chain have died, only its last members may serve again, with their disks
//   R3 one server joins at a time, and becomes a member only when it is counted and in sync
//   R4 a living server is never removed as the last member of a chain
import { assert } from '../../kernel/errors.ts';
import { type Life, lifeKey, type NodeId } from '../../kernel/ids.ts';
import { Ring, tokenOfServer } from '../../replication/ring.ts';
import { type Configuration, firstEpochOf } from './configuration.ts';
import type { DiskReport } from './diskReport.ts';
import { endOf, listAwaited, type RecoveredRun, remember } from './recovery.ts';

interface ArcRoll {
  members: NodeId[];
  joiner: NodeId | null;
  /** The members of the chain when it last had any: the servers that may have all of its data. */
  holders: NodeId[];
}

export class Roster {
  epoch = 0;
  ring = new Ring([]);
  readonly #live = new Map<NodeId, Life>();
  readonly #earlier: readonly NodeId[];
  /** After all epochs of earlier runs, also of runs whose disks are not here. */
  readonly #firstEpoch: number;
  /** The reports on disks. Used until the first configuration. */
  readonly #disks = new Map<NodeId, DiskReport | null>();
  readonly #endedUpTo = new Map<NodeId, number>();
  #rollByOwner = new Map<NodeId, ArcRoll>();
  #synced = new Set<number>();
  /** After the start from old disks: the servers whose disks lack acknowledged writes. */
  incomplete: readonly NodeId[] = [];
  /** After the start from old disks: the owners of the arcs that no server could serve. */
  refused: readonly NodeId[] = [];

  /** As in ServiceEnv: the servers of earlier runs, and the number of this run. */
  constructor(earlier: readonly NodeId[], generation = 0) {
    this.#earlier = earlier;
    this.#firstEpoch = firstEpochOf(generation);
  }

  /** The servers that are known to live. */
  get live(): NodeId[] {
    return [...this.#live.keys()].sort((a, b) => a - b);
  }

  /** The servers that are members of some chain. The joiner is not. */
  get serving(): NodeId[] {
    const members = Array.from(this.#rollByOwner.values(), (roll) => roll.members).flat();
    return [...new Set(members)].sort((a, b) => a - b);
  }

  get joiner(): NodeId | undefined {
    for (const { joiner } of this.#rollByOwner.values()) if (joiner !== null) return joiner;
    return undefined;
  }

  /** Whether this life is a member or the joiner of some chain. */
  isInService(life: Life): boolean {
    const isLive = this.#live.get(life.id)?.incarnation === life.incarnation;
    return isLive && (this.serving.includes(life.id) || this.joiner === life.id);
  }

  /** Whether there is a chain that this server should be in, is not in, and can join. */
  canJoin(id: NodeId): boolean {
    return this.joiner !== id && this.#live.has(id) && this.#toJoin(id).length > 0;
  }

  /**
   * The servers that have to join before this one can be in any chain. In a new run: those whose
   * reports are missing. Later, if it cannot join any chain: the last members of dead chains.
   */
  awaitedBy(id: NodeId): NodeId[] {
    if (this.ring.ids.length === 0) return listAwaited(this.#disks, this.#earlier);
    if (this.joiner === id || this.serving.includes(id) || this.canJoin(id)) return [];
    const dead = [...this.#rollByOwner.values()].filter(({ members }) => members.length === 0);
    const holders = new Set(dead.flatMap((roll) => roll.holders));
    return [...holders].filter((holder) => !this.#live.has(holder)).sort((a, b) => a - b);
  }

  /** Whether no server joins, all members are in sync, and every chain has a member. */
  get isWhole(): boolean {
    if (this.joiner !== undefined || this.#rollByOwner.size === 0) return false;
    const rolls = [...this.#rollByOwner.values()];
    if (rolls.some(({ members }) => members.length === 0)) return false;
    return this.serving.every((id) => this.#synced.has(id));
  }

  configuration(): Configuration {
    const chains = this.ring.ids.map((owner) => {
      const { members, holders, joiner } = this.#roll(owner);
      return { owner, members: [...members], holders: members.length > 0 ? [] : holders, joiner };
    });
    const { joiner } = this;
    const ids = joiner === undefined || this.serving.includes(joiner) ? [] : [joiner];
    const lives = [...this.serving, ...ids].map((id): [NodeId, number] => [
      id,
      this.#live.get(id)?.incarnation ?? 0,
    ]);
    return { epoch: this.epoch, lives, chains };
  }

  /**
   * The current configuration for a server in another epoch; null if its epoch is the current one.
   */
  correctionOf(epoch: number): Configuration | null {
    return epoch === this.epoch || this.epoch === 0 ? null : this.configuration();
  }

  /**
   * Registers a life; an earlier life of the same server ends. False for a life that is known to
   * have ended. The first server of all serves at once. A last member of a dead chain serves again
   * at once if it comes back with its disk (R2). In a new run on old disks no server serves before
   * every server of the earlier runs has reported, with its disk or without: only then is it known
   * which configuration was the last.
   */
  register(life: Life, recovered: DiskReport | null): boolean {
    if (life.incarnation <= (this.#endedUpTo.get(life.id) ?? 0)) return false;
    const known = this.#live.get(life.id);
    if (known !== undefined && known.incarnation > life.incarnation) return false;
    if (known?.incarnation === life.incarnation) return true;
    if (known !== undefined) this.end(known);
    this.#live.set(life.id, life);
    if (this.ring.ids.length === 0) this.#report(life.id, recovered);
    else if (recovered !== null) this.#revive(life.id, recovered);
    return true;
  }

  /** A life has ended. */
  end(life: Life): void {
    const ended = this.#endedUpTo.get(life.id) ?? 0;
    this.#endedUpTo.set(life.id, Math.max(ended, life.incarnation));
    const known = this.#live.get(life.id);
    if (known === undefined || lifeKey(known) !== lifeKey(life)) return;
    const wasIn = this.isInService(life);
    this.#live.delete(life.id);
    if (wasIn) this.#change(() => this.#leave(life.id, () => true));
  }

  /**
   * Removes living servers from every chain that has another member (R4). Gives the servers that
   * were removed from some chain. No new epoch if there is none.
   */
  leaveOut(ids: readonly NodeId[]): NodeId[] {
    const left = ids.filter((id) => this.#canLeave(id));
    if (left.length === 0) return [];
    this.#change(() => {
      for (const id of left)
        this.#leave(id, ({ members }) => members.some((other) => other !== id));
    });
    return left;
  }

  /** Makes a server the joiner. False, with nothing changed, if it cannot join now. */
  beginJoin(id: NodeId): boolean {
    if (this.joiner !== undefined || !this.canJoin(id)) return false;
    this.#change(() => {
      for (const roll of this.#toJoin(id)) roll.joiner = id;
    });
    return true;
  }

  /** A server is in sync in that epoch. If it is the joiner, it takes its positions (R3). */
  sync(id: NodeId, epoch: number): void {
    if (epoch !== this.epoch) return;
    this.#synced.add(id);
    if (this.joiner === id) this.#change(() => this.#position(id));
  }

  /** Without earlier runs no other report is awaited, so the first server founds the ring. */
  #report(id: NodeId, recovered: DiskReport | null): void {
    this.#disks.set(id, recovered);
    if (listAwaited(this.#disks, this.#earlier).length > 0) return;
    const remembered = remember(this.#disks);
    if (remembered === undefined) this.#found(id);
    else this.#resume(remembered);
    this.#disks.clear();
    this.#change(() => undefined);
  }

  #found(id: NodeId): void {
    this.epoch = this.#firstEpoch;
    this.ring = new Ring([id]);
    this.#rollByOwner.set(id, { members: [id], joiner: null, holders: [id] });
  }

  #resume({ configuration, holdersByOwner, incomplete }: RecoveredRun): void {
    this.ring = new Ring(holdersByOwner.keys());
    this.epoch = Math.max(configuration.epoch, this.#firstEpoch);
    this.incomplete = incomplete;
    this.refused = [...holdersByOwner].flatMap(([owner, ids]) => (ids.length > 0 ? [] : [owner]));
    for (const owner of this.ring.ids) {
      const holders = holdersByOwner.get(owner) ?? [];
      const members = holders.filter((holder) => this.#live.has(holder));
      this.#rollByOwner.set(owner, { members, joiner: null, holders });
    }
  }

  /**
   * Makes a server the only member of the dead chains that it was a last member of. Its disk must
   * have a log of the arc: a disk that was lost and replaced meanwhile has none.
   */
  #revive(id: NodeId, recovered: DiskReport): void {
    const own = [...this.#rollByOwner].flatMap(([owner, roll]) => {
      const isDead = roll.members.length === 0 && roll.holders.includes(id);
      return isDead && endOf(recovered, owner) !== undefined ? [roll] : [];
    });
    if (own.length === 0) return;
    this.#change(() => {
      for (const roll of own) roll.members = [id];
    });
  }

  /**
   * The chains of the current ring that a server has to join: the chains of its arcs, or of the
   * arcs that it will have when its token is on the ring. A dead chain cannot be joined. While
   * there is one the ring does not grow, because its last members have the data of the current
   * arcs.
   */
  #toJoin(id: NodeId): ArcRoll[] {
    if (this.ring.ids.length === 0) return [];
    const rolls = [...this.#rollByOwner.values()];
    const hasDead = rolls.some(({ members }) => members.length === 0);
    if (hasDead && !this.ring.ids.includes(id)) return [];
    const next = this.ring.with(id);
    const owners = next.ids.filter((owner) => next.holdersOf(owner).includes(id));
    const today = new Set(owners.map((owner) => this.ring.ownerAt(tokenOfServer(owner))));
    return Array.from(today, (owner) => this.#roll(owner)).filter(
      ({ members }) => members.length > 0 && !members.includes(id),
    );
  }

  /**
   * Puts the joiner's token on the ring. The members of each arc's chain are the servers that
   * belong there and are in sync. If there are none, all that are in sync stay until one that
   * belongs there has joined (R4). That happens if the last member of a chain came back after the
   * ring had grown.
   */
  #position(id: NodeId): void {
    const former = this.ring;
    this.ring = former.with(id);
    const rolls = new Map<NodeId, ArcRoll>();
    for (const owner of this.ring.ids) {
      const roll = this.#roll(former.ownerAt(tokenOfServer(owner)));
      const inSync = roll.joiner === null ? roll.members : [...roll.members, roll.joiner];
      const own = this.ring.holdersOf(owner).filter((holder) => inSync.includes(holder));
      const members = own.length > 0 ? own : inSync;
      rolls.set(owner, { members, joiner: null, holders: roll.holders });
    }
    this.#rollByOwner = rolls;
  }

  #canLeave(id: NodeId): boolean {
    if (this.joiner === id) return true;
    const rolls = [...this.#rollByOwner.values()];
    return rolls.some(({ members }) => members.includes(id) && members.length > 1);
  }

  #leave(id: NodeId, mayLeave: (roll: ArcRoll) => boolean): void {
    for (const roll of this.#rollByOwner.values()) {
      if (roll.joiner === id) roll.joiner = null;
      if (mayLeave(roll)) roll.members = roll.members.filter((member) => member !== id);
    }
  }

  #change(how: () => void): void {
    how();
    this.epoch += 1;
    this.#synced = new Set();
    for (const [owner, roll] of this.#rollByOwner) {
      assert(new Set(roll.members).size === roll.members.length, `R1: arc ${owner} has one twice`);
      if (roll.members.length > 0) roll.holders = [...roll.members];
      else roll.joiner = null;
    }
  }

  #roll(owner: NodeId): ArcRoll {
    const roll = this.#rollByOwner.get(owner);
    assert(roll !== undefined, `the ring has an arc of ${owner}`);
    return roll;
  }
}

// Every decision of the configuration service: who is in which chain. Synchronous. Each method that
// changes the chains gives a new epoch.
//
// The promises that hold in each:
//   R1 all who are in a chain held, when they came in, whatever its tail has acknowledged
//   R2 of an arc whose chain has died out only those who were in it last may serve, with their disk
//   R3 one server joins at a time, and takes its place only when it is counted and in sync
//   R4 nobody who lives is left out where nobody else would be left
import { assert } from '../../kernel/errors.ts';
import { type Life, lifeKey, type NodeId } from '../../kernel/ids.ts';
import { Ring, tokenOfServer } from '../../replication/ring.ts';
import { type Configuration, firstEpochOf } from './configuration.ts';
import type { DiskReport } from './diskReport.ts';
import { endOf, listAwaited, type RecoveredRun, remember } from './recovery.ts';

interface ArcRoll {
  members: NodeId[];
  joiner: NodeId | null;
  /** Who was in the chain when it last had somebody: who may have all of its data. */
  holders: NodeId[];
}

export class Roster {
  epoch = 0;
  ring = new Ring([]);
  readonly #live = new Map<NodeId, Life>();
  readonly #earlier: readonly NodeId[];
  /** Behind all epochs of earlier runs, those included of which no disk is here. */
  readonly #firstEpoch: number;
  /** Until the first configuration: what each disk remembers. */
  readonly #disks = new Map<NodeId, DiskReport | null>();
  readonly #endedUpTo = new Map<NodeId, number>();
  #rollByOwner = new Map<NodeId, ArcRoll>();
  #synced = new Set<number>();
  /** Whose disks turned out to lack what others had from them, when a new run went on from them. */
  incomplete: readonly NodeId[] = [];
  /** The owners of the arcs that nobody could go on with then. */
  refused: readonly NodeId[] = [];

  /** As ServiceEnv has them: who was there in earlier runs, and which run this is. */
  constructor(earlier: readonly NodeId[], generation = 0) {
    this.#earlier = earlier;
    this.#firstEpoch = firstEpochOf(generation);
  }

  /** The servers that live as far as is known. */
  get live(): NodeId[] {
    return [...this.#live.keys()].sort((a, b) => a - b);
  }

  /** Those that are in some chain, the joiner apart. */
  get serving(): NodeId[] {
    const members = Array.from(this.#rollByOwner.values(), (roll) => roll.members).flat();
    return [...new Set(members)].sort((a, b) => a - b);
  }

  get joiner(): NodeId | undefined {
    for (const { joiner } of this.#rollByOwner.values()) if (joiner !== null) return joiner;
    return undefined;
  }

  /** Whether that very life is in some chain. */
  isInService(life: Life): boolean {
    const isLive = this.#live.get(life.id)?.incarnation === life.incarnation;
    return isLive && (this.serving.includes(life.id) || this.joiner === life.id);
  }

  /** Whether there is a chain that this server should be in, is not, and can join. */
  canJoin(id: NodeId): boolean {
    return this.joiner !== id && this.#live.has(id) && this.#toJoin(id).length > 0;
  }

  /**
   * For whom a server has to wait before it can be in any chain: in a new run for those who have
   * not spoken; later, where there is nothing left to join, for the last of chains that died out.
   */
  awaitedBy(id: NodeId): NodeId[] {
    if (this.ring.ids.length === 0) return listAwaited(this.#disks, this.#earlier);
    if (this.joiner === id || this.serving.includes(id) || this.canJoin(id)) return [];
    const dead = [...this.#rollByOwner.values()].filter(({ members }) => members.length === 0);
    const holders = new Set(dead.flatMap((roll) => roll.holders));
    return [...holders].filter((holder) => !this.#live.has(holder)).sort((a, b) => a - b);
  }

  /** Nobody waits to join, all who serve are in sync, and every arc has somebody. */
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

  /** The current configuration for a server that knows another epoch; null if it is this one. */
  correctionOf(epoch: number): Configuration | null {
    return epoch === this.epoch || this.epoch === 0 ? null : this.configuration();
  }

  /**
   * A server has said that it lives; what was known of an earlier life under its id ends. False for
   * a life that is known to have ended. The first server of all serves at once, and so does one
   * that comes back with its disk to a chain that it was the last of (R2). In a new run on old
   * disks nobody serves before every server that was there has spoken, with its disk or without:
   * only then is it known which configuration was the last.
   */
  greet(life: Life, recovered: DiskReport | null): boolean {
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
   * Leaves living servers out, each wherever somebody else is left (R4). Gives those for whom that
   * was so somewhere; nothing changes if it was nowhere.
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

  /** Begins to take in a server. False, with nothing changed, where that cannot be done now. */
  beginJoin(id: NodeId): boolean {
    if (this.joiner !== undefined || !this.canJoin(id)) return false;
    this.#change(() => {
      for (const roll of this.#toJoin(id)) roll.joiner = id;
    });
    return true;
  }

  /** A server is in sync in that epoch. If it is the joiner, it takes its place (R3). */
  sync(id: NodeId, epoch: number): void {
    if (epoch !== this.epoch) return;
    this.#synced.add(id);
    if (this.joiner === id) this.#change(() => this.#position(id));
  }

  /** In a run without earlier ones nobody else has to speak, so the first of all begins. */
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

  /** A disk that was lost and begun anew has no log of an arc in whose chain nobody was since. */
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
   * The chains that a server has to join, on today's ring: those of its arcs, or of what will be
   * its arcs once it has a place. A chain that has died out cannot be joined; and while there is
   * one the ring stays as it is, because its last holders have the data of today's arcs.
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
   * The ring with the joiner in it: each arc's chain is made of those who are in sync there. Where
   * none of them belongs on this ring, as when the last of a chain came back to a ring that had
   * grown, they stay until one who does has joined behind them (R4).
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

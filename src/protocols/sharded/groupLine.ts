// For the invariants: the entries that the primaries of a group have applied, in order, and the
// data that they make. The shards that another group gives are those that this one had (S2).
import { assert } from '../../kernel/errors.ts';
import type { Configuration } from './configuration.ts';
import type { Entry, InstallEntry, Piece } from './entry.ts';
import { type EntryTree, epochAt, has, type TreeEntry } from './entryTree.ts';
import { SlotLine } from './line.ts';
import type { GroupLog } from './log.ts';
import type { GroupId } from './placement.ts';
import { Shards } from './shards.ts';

/** What a line knows of the rest of the run. */
export interface Surroundings {
  readonly tree: EntryTree;
  lineOf(group: GroupId): GroupLine;
  /** The configuration with which that move began. */
  moveOf(id: number): Configuration | undefined;
  /** Whether a node knows that the move has ended. */
  isOver(id: number): boolean;
}

/** An entry of the group's log, and with it all before it. */
export interface Place {
  readonly epoch: number;
  readonly index: number;
}

export class GroupLine {
  readonly group: GroupId;
  /** The last epoch whose primary is followed. */
  epoch = 0;
  /** The last entry. */
  index = 0;
  entryEpoch = 0;
  /** The last epoch whose primary lacked entries that an earlier one had applied. */
  lostIn = 0;
  readonly slots = new Map<number, SlotLine>();
  readonly #world: Surroundings;
  /** Parts of shards, by the group that gives them. */
  readonly #incoming = new Map<GroupId, { readonly move: number; pieces: Piece[] }>();
  /** The last entry of each move, by the move and the group that gave. */
  readonly #received = new Map<string, Place>();
  readonly #marks = new Map<number, Place>();
  /** By giving group, move and slot: what came. The giving group goes on without it. */
  readonly #taken = new Map<string, SlotLine>();

  constructor(group: GroupId, world: Surroundings) {
    this.group = group;
    this.#world = world;
  }

  slot(slot: number): SlotLine {
    const line = this.slots.get(slot) ?? new SlotLine();
    this.slots.set(slot, line);
    return line;
  }

  /** Where the log has all of a move, if it has. */
  receivedAt(from: GroupId, move: number): Place | undefined {
    return this.#received.get(`${from} ${move}`);
  }

  /** The last request that the primary of an epoch has applied. */
  mark(leader: number, epoch: number, index: number): void {
    this.#marks.set(leader, { epoch, index });
  }

  /** The group is dissolved; a later run may use its number again. */
  dissolve(): void {
    this.#marks.clear();
  }

  /** The last requests that the primaries of earlier epochs have applied. */
  marksBefore(leader: number): Place[] {
    return [...this.#marks].flatMap(([epoch, place]) => (epoch < leader ? [place] : []));
  }

  /** Whether the log has all that the line has. */
  isIn(log: GroupLog): boolean {
    return has(log, this.entryEpoch, this.index);
  }

  /** Follows the primary of a later epoch, whose log may lack entries. */
  follow(epoch: number, log: GroupLog): void {
    this.epoch = epoch;
    if (this.isIn(log)) return;
    this.lostIn = epoch;
    this.index = 0;
    this.entryEpoch = 0;
    this.slots.clear();
    this.#incoming.clear();
    this.#received.clear();
  }

  /** The entries of the log up to an index, as far as they are new. */
  extend(log: GroupLog, upTo: number): void {
    const { history } = log.extent;
    while (this.index < upTo) {
      const index = this.index + 1;
      this.apply(this.#world.tree.find(this.group, epochAt(history, index), index));
    }
  }

  /** Its next entry. */
  apply({ index, entry, reply }: TreeEntry): void {
    this.index = index;
    this.entryEpoch = entry.epoch;
    if (entry.kind === 'request') this.slot(entry.slot).apply(entry, reply);
    else if (entry.kind === 'install') this.#install(entry, index);
    else for (const slot of entry.slots) this.slots.delete(slot);
  }

  /** The keys that an entry may have changed, with their slots. */
  *keysOf(entry: Entry): Generator<readonly [slot: number, key: string]> {
    if (entry.kind === 'request') yield [entry.slot, entry.request.key];
    if (entry.kind !== 'install' || !entry.isLast) return;
    for (const { slot, values } of entry.pieces) for (const [key] of values) yield [slot, key];
  }

  #install({ from, move, isLast, pieces, epoch }: InstallEntry, index: number): void {
    const known = this.#incoming.get(from);
    const incoming = known?.move === move ? known : { move, pieces: [] };
    this.#incoming.set(from, incoming);
    const anew = new Set(pieces.flatMap(({ slot, isFirst }) => (isFirst ? [slot] : [])));
    incoming.pieces = incoming.pieces.filter(({ slot }) => !anew.has(slot));
    incoming.pieces.push(...pieces);
    if (!isLast) return;
    this.#incoming.delete(from);
    this.#received.set(`${from} ${move}`, { epoch, index });
    const shards = new Shards();
    shards.install({ pieces: incoming.pieces });
    for (const slot of this.#due(from, move)) {
      const name = `${from} ${move} ${slot}`;
      const taken = this.#taken.get(name) ?? this.#take(slot, from, move, shards);
      this.#taken.set(name, taken);
      this.slots.set(slot, taken.copy());
    }
  }

  /** The slots that one group gives the other in the move. */
  #due(from: GroupId, id: number): number[] {
    const { owners, move } = this.#world.moveOf(id) ?? { owners: [], move: null };
    return owners.flatMap((owner, slot) =>
      owner === from && move?.owners[slot] === this.group ? [slot] : [],
    );
  }

  /** S2 */
  #take(slot: number, from: GroupId, move: number, shards: Shards): SlotLine {
    const giver = this.#world.lineOf(from);
    const shard = shards.shard(slot);
    assert(shard !== undefined, () => `S2: group ${this.group} got nothing of slot ${slot}`);
    const line = giver.slots.get(slot)?.copy() ?? new SlotLine();
    const differs = line.differsFrom(shard.values, shard.requests.sessions());
    // The primary that gave had more than the one after it; or the move was undone, and its owner
    // has changed the slot since. A group that gets a slot has taken it before the switch.
    const isOther = giver.lostIn > move || this.#world.isOver(move);
    if (differs !== undefined && isOther) {
      const taken = new SlotLine();
      taken.take(shard);
      return taken;
    }
    assert(
      differs === undefined,
      () => `S2: slot ${slot} comes to group ${this.group} without ${differs} of group ${from}`,
    );
    return line;
  }
}

// The log of a group at one server: entries in the order that the group's primary gave them, and
// the data that the applied ones make. Pure.
//
//   applied            pending
//   ...----------------|--e5--e6--e7        entries are counted from 1
//      ^ `start`       ^           ^
//                 `applied`     `last`      up to `durable` the disk has everything
//
// Two logs with an entry of the same epoch at the same index are equal up to there: an epoch has
// one primary, which only adds at the end.
import { assert } from '../../kernel/errors.ts';
import { lifeKey } from '../../kernel/ids.ts';
import type { Entry, Piece } from './entry.ts';
import type { Reply, Request } from './operations.ts';
import type { GroupId } from './placement.ts';
import { Shards } from './shards.ts';
import { piecesOf } from './wire.ts';

/** The first entry of an epoch. */
export type EpochStart = readonly [epoch: number, first: number];

/** What a server has of a log: enough to find where another one agrees with it. */
export interface Extent {
  /** By ascending epoch and index. */
  readonly history: readonly EpochStart[];
  readonly last: number;
  readonly applied: number;
}

/** The whole data up to an entry. */
export interface Snapshot {
  readonly upTo: number;
  readonly history: readonly EpochStart[];
  /** The last move that the group has received whole, by the group that gave. */
  readonly received: readonly (readonly [from: GroupId, move: number])[];
  readonly pieces: readonly Piece[];
}

/** An entry that has been applied, with its reply if it was a request. */
export interface Applied {
  readonly index: number;
  readonly entry: Entry;
  readonly reply: Reply | undefined;
}

export class GroupLog {
  readonly group: GroupId;
  shards = new Shards();
  /** Later entries may not leave the server: the disk may not have them yet. */
  durable = 0;
  /** Counts how often entries were replaced: a late confirmation of the disk is void then. */
  generation = 0;
  /** Entries up to this one are not kept singly any more. */
  #start = 0;
  #applied = 0;
  #entries: Entry[] = [];
  #history: EpochStart[] = [];
  #received = new Map<GroupId, number>();
  /** The pending requests, by session and number. */
  #pending = new Map<string, number>();

  constructor(group: GroupId) {
    this.group = group;
  }

  get last(): number {
    return this.#start + this.#entries.length;
  }

  get applied(): number {
    return this.#applied;
  }

  get start(): number {
    return this.#start;
  }

  get extent(): Extent {
    return { history: this.#history, last: this.last, applied: this.#applied };
  }

  /** The epoch of the last entry; 0 for an empty log. */
  get lastEpoch(): number {
    return this.#history.at(-1)?.[0] ?? 0;
  }

  /** The number of keys and entries that it keeps. */
  get size(): number {
    return this.shards.size + this.#entries.length;
  }

  /** The entries after an index, which must not be before `start`. */
  after(index: number): readonly Entry[] {
    assert(index >= this.#start, 'entries that are kept no longer');
    return this.#entries.slice(index - this.#start);
  }

  at(index: number): Entry | undefined {
    return this.#entries[index - this.#start - 1];
  }

  /** The entries that are not applied yet. */
  get pending(): readonly Entry[] {
    return this.after(this.#applied);
  }

  /**
   * The outcome of a request: its reply; its index while it is pending; `late` if its session has
   * given it up; undefined if it is new.
   */
  find(
    slot: number,
    request: Pick<Request, 'session' | 'seq'>,
  ): Reply | number | 'late' | undefined {
    return this.#pending.get(nameOf(request)) ?? this.shards.shard(slot)?.requests.find(request);
  }

  /** Whether a key has entries on their way, or its whole slot has. */
  isDirty(slot: number, key: string): boolean {
    return this.pending.some((entry) => {
      if (entry.kind === 'request') return entry.request.key === key;
      if (entry.kind === 'drop') return entry.slots.includes(slot);
      return entry.pieces.some((piece) => piece.slot === slot);
    });
  }

  /** Whether the group has received all of that move that the other group gives. */
  hasReceived(from: GroupId, move: number): boolean {
    if (this.#received.get(from) === move) return true;
    return this.pending.some(
      (entry) =>
        entry.kind === 'install' && entry.isLast && entry.from === from && entry.move === move,
    );
  }

  /** Adds an entry at the end; gives its index. */
  push(entry: Entry): number {
    assert(entry.epoch >= this.lastEpoch, 'S3: a log only grows in the latest epoch');
    this.#entries.push(entry);
    const { last } = this;
    if (entry.epoch > this.lastEpoch) this.#history = [...this.#history, [entry.epoch, last]];
    if (entry.kind === 'request') this.#pending.set(nameOf(entry.request), last);
    return last;
  }

  /**
   * Takes entries that follow on `base` in the primary's log. Other entries after `base` are of an
   * earlier primary, and are replaced. Gives the entries that are new here; `gap` if some before
   * them are missing, or if an applied one would have to go.
   */
  append(base: number, entries: readonly Entry[]): readonly Entry[] | 'gap' {
    if (base > this.last || base < this.#start) return 'gap';
    let index = base;
    let known = 0;
    for (const entry of entries) {
      const here = this.at(index + 1);
      if (here === undefined || here.epoch !== entry.epoch) break;
      index += 1;
      known += 1;
    }
    const fresh = entries.slice(known);
    if (index < this.last && fresh.length > 0) {
      if (index < this.#applied) return 'gap';
      this.truncate(index);
    }
    for (const entry of fresh) this.push(entry);
    return fresh;
  }

  /** Removes the pending entries after an index. */
  truncate(index: number): void {
    assert(index >= this.#applied, 'S5: what is applied stays');
    if (index >= this.last) return;
    for (const entry of this.after(index)) {
      if (entry.kind === 'request') this.#pending.delete(nameOf(entry.request));
    }
    this.#entries.length = index - this.#start;
    this.#history = this.#history.filter(([, first]) => first <= index);
    this.durable = Math.min(this.durable, index);
    this.generation += 1;
  }

  /** The disk has everything up to `upTo`, if `generation` is still the current one. */
  keep(generation: number, upTo: number): void {
    if (generation === this.generation && upTo > this.durable) this.durable = upTo;
  }

  /** Applies the entries up to an index, in order. */
  apply(upTo: number): Applied[] {
    const applied: Applied[] = [];
    while (this.#applied < Math.min(upTo, this.last)) {
      const index = this.#applied + 1;
      const entry = this.at(index) as Entry;
      applied.push({ index, entry, reply: this.#apply(entry) });
      this.#applied = index;
    }
    return applied;
  }

  /** Keeps no single entries up to an index, as far as they are applied. */
  trim(upTo: number): void {
    const index = Math.min(upTo, this.#applied);
    if (index <= this.#start) return;
    this.#entries = this.#entries.slice(index - this.#start);
    this.#start = index;
  }

  /** The greatest index up to which a log of that extent is equal to this one. */
  agreesUpTo({ history, last }: Pick<Extent, 'history' | 'last'>): number {
    const ends = endsOf(this.#history, this.last);
    const theirs = endsOf(history, last);
    for (const [epoch, end] of [...theirs].reverse()) {
      const here = ends.get(epoch);
      if (here !== undefined) return Math.min(end, here);
    }
    return 0;
  }

  /** The data up to `applied`. */
  snapshot(): Snapshot {
    const upTo = this.#applied;
    const pieces = this.shards.slots.flatMap((slot) => piecesOf(slot, this.shards.shard(slot)));
    const history = this.#history.filter(([, first]) => first <= upTo);
    return { upTo, history, received: [...this.#received], pieces };
  }

  /** Becomes a log that has these data, and nothing more. */
  install({ upTo, history, received, pieces }: Snapshot): void {
    this.shards = new Shards();
    this.shards.install({ pieces });
    this.#entries = [];
    this.#pending.clear();
    this.#start = upTo;
    this.#applied = upTo;
    this.#history = [...history];
    this.#received = new Map(received);
    this.generation += 1;
    this.durable = -1;
  }

  #apply(entry: Entry): Reply | undefined {
    if (entry.kind === 'drop') this.shards.drop(entry.slots);
    else if (entry.kind === 'install') {
      this.shards.install(entry);
      if (entry.isLast) this.#received.set(entry.from, entry.move);
    } else {
      this.#pending.delete(nameOf(entry.request));
      return this.shards.apply(entry);
    }
    return undefined;
  }
}

function nameOf({ session, seq }: Pick<Request, 'session' | 'seq'>): string {
  return `${lifeKey(session)} ${seq}`;
}

/** By epoch: the index of its last entry. */
function endsOf(history: readonly EpochStart[], last: number): Map<number, number> {
  return new Map(
    history.map(([epoch], at) => [
      epoch,
      at + 1 < history.length ? (history[at + 1] as EpochStart)[1] - 1 : last,
    ]),
  );
}

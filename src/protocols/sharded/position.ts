// The position of a server in its group, in one epoch of the group: what has been confirmed to it,
// and up to where it may apply. Pure.
import { type Life, lifeKey, type NodeId } from '../../kernel/ids.ts';
import { PartIntake } from '../../replication/parts.ts';
import { type Group, isServing } from './configuration.ts';
import { Downstream } from './downstream.ts';
import type { Piece } from './entry.ts';
import type { Applied, GroupLog } from './log.ts';
import type { Settings } from './options.ts';
import { Sample } from './sample.ts';

/** A primary keeps so many entries for servers that lag, which else get a snapshot. */
const MOST_KEPT = 10_000;

export class Position {
  readonly epoch: number;
  readonly log: GroupLog;
  readonly primary: NodeId | null;
  readonly isPrimary: boolean;
  /** Of a secondary: whether its log agrees with the primary's. */
  isSynced = false;
  /** Of a primary: the epoch before may have acknowledged entries up to here. */
  readonly settlesAt: number;
  /** Whether this server has all that the group has acknowledged, by its configuration. */
  isServing = false;
  /** Of a secondary: the parts of the primary's snapshots. */
  readonly intake = new PartIntake<readonly Piece[]>();
  readonly #sync: Settings['sync'];
  readonly #self: Life;
  readonly #downs = new Map<number, Downstream>();
  /** Joiners for which acknowledgements wait, and up to where they did not. */
  readonly #counted = new Map<number, number>();
  /** Those of them that have all of that. */
  readonly #whole = new Set<number>();
  #servingDowns: readonly Downstream[] = [];
  readonly #sample: Sample;

  constructor(self: Life, group: Group, log: GroupLog, sync: Settings['sync']) {
    this.epoch = group.epoch;
    this.log = log;
    this.primary = group.primary;
    this.isPrimary = group.primary === self.id && isServing(group, self);
    this.settlesAt = log.last;
    this.#self = self;
    this.#sync = sync;
    this.#sample = new Sample(sync === 'all' ? 0 : sync);
    this.update(group);
  }

  /** A later configuration of the same epoch. */
  update(group: Group): void {
    this.isServing = isServing(group, this.#self);
    if (!this.isPrimary) return;
    const serving = livesOf(group.serving).filter(({ id }) => id !== this.#self.id);
    const lives = [...serving, ...livesOf(group.joiners)];
    const names = new Set(lives.map(lifeKey));
    for (const name of this.#downs.keys()) if (!names.has(name)) this.#downs.delete(name);
    for (const life of lives) {
      const down = this.#downs.get(lifeKey(life));
      const isTold = this.#sync === 'all';
      if (down === undefined)
        this.#downs.set(lifeKey(life), new Downstream(this.log, life, isTold));
    }
    this.#servingDowns = serving.map((life) => this.#downs.get(lifeKey(life)) as Downstream);
    const ids = serving.map(({ id }) => id);
    this.#sample.serve(group.members.filter((id) => ids.includes(id)));
    this.hurry();
  }

  get downs(): readonly Downstream[] {
    return [...this.#downs.values()];
  }

  /** Of a primary: whether what the epoch before may have acknowledged is applied. */
  get isSettled(): boolean {
    return this.log.applied >= this.settlesAt;
  }

  /** Whether reads may be answered here, apart from their keys. */
  get isReadable(): boolean {
    return this.isServing && (this.isPrimary ? this.isSettled : this.isSynced);
  }

  /** Whether the shard master knows that this life has all. */
  isServed(peer: Life): boolean {
    return this.#servingDowns.some((down) => lifeKey(down.peer) === lifeKey(peer));
  }

  /**
   * A joiner that keeps up counts from now on: acknowledgements wait for it. True once, when it
   * has all that was acknowledged without it.
   */
  count(down: Downstream): boolean {
    const name = lifeKey(down.peer);
    if (this.#servingDowns.includes(down) || this.#whole.has(name)) return false;
    if (!this.#counted.has(name) && down.keepsUp) this.#counted.set(name, this.log.durable);
    const upTo = this.#counted.get(name);
    if (upTo === undefined || !down.has(upTo)) return false;
    this.#whole.add(name);
    return true;
  }

  /** Applies what may be applied. */
  advance(committed = 0): Applied[] {
    const { log } = this;
    if (this.isPrimary) {
      const applied = log.apply(this.#acknowledgeable());
      this.#trim();
      return applied;
    }
    if (!this.isSynced) return [];
    const applied = log.apply(
      this.#sync === 'all' ? Math.min(committed, log.durable) : log.durable,
    );
    log.trim(log.applied - MOST_KEPT / 2);
    return applied;
  }

  /** The interval is over: all are sent what they lack, and a new sample is drawn. */
  tick(random: () => number): void {
    if (!this.isPrimary) return;
    this.#sample.draw(random, this.log.last);
    this.flush();
    this.hurry();
  }

  /** All are sent what they lack. */
  flush(): void {
    for (const down of this.#downs.values()) down.due = Math.max(down.due, this.log.last);
  }

  /** Those that acknowledgements wait for, and joiners, are sent every entry. */
  hurry(): void {
    const { urgent } = this.#sample;
    for (const down of this.#downs.values()) {
      const isServing = this.#servingDowns.includes(down);
      const isUrgent = this.#sync === 'all' || !isServing || urgent.includes(down.peer.id);
      if (isUrgent) down.due = Number.POSITIVE_INFINITY;
      else if (down.due === Number.POSITIVE_INFINITY) down.due = this.log.last;
    }
    const isMoving = this.log.pending.some(({ kind }) => kind === 'install');
    if (isMoving) this.flush();
  }

  /** Shards that another group gives are at the whole group before they count (S2). */
  #acknowledgeable(): number {
    const { log } = this;
    const counted = [...this.#downs.values()].filter(
      (down) => this.#servingDowns.includes(down) || this.#counted.has(lifeKey(down.peer)),
    );
    const all = Math.min(log.durable, ...counted.map(({ confirmed }) => confirmed ?? 0));
    if (this.#sync === 'all') return all;
    const confirmedBy = (id: NodeId): number =>
      this.#servingDowns.find(({ peer }) => peer.id === id)?.confirmed ?? 0;
    const some = Math.min(log.durable, this.#sample.least(confirmedBy));
    const from = Math.max(log.applied, all);
    const at = log.after(from).slice(0, Math.max(0, some - from));
    const install = at.findIndex(({ kind }) => kind === 'install');
    return install === -1 ? some : from + install;
  }

  #trim(): void {
    const least = Math.min(...this.downs.map(({ confirmed }) => confirmed ?? 0));
    this.log.trim(Math.max(least, this.log.last - MOST_KEPT));
  }
}

function livesOf(tuples: Group['serving']): Life[] {
  return tuples.map(([id, incarnation]) => ({ id, incarnation }));
}

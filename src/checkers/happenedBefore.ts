// The relation HB of one session (Bouajjani et al., POPL 2017, section 5.3): the least one that
// contains what the session knows, is transitive, and puts W1 before W2 where both write one key
// and a read of the session has read W2 with W1 before it. Kept as vector clocks that grow until
// nothing changes.

import { isBefore, join, previous } from './causalPast.ts';
import { addEdge, createEdges, findPath } from './cycles.ts';
import { at, type Model } from './model.ts';
import { INITIAL } from './readsFrom.ts';
import { type Judgement, violated } from './verdict.ts';
import { content, tell, where } from './words.ts';
import { latestBelow, type WritesByKey } from './writesByKey.ts';

export interface Known {
  /** What comes before what, to begin with; grows. */
  readonly clocks: Int32Array;
  /** By chain: how many of its operations there are at all. */
  readonly members: Int32Array;
  /** The one session whose reads count; undefined if all do. */
  readonly heardBy: number | undefined;
}

type Operation = Model['operations'][number];

/** A pair that a read of the session has put into order. */
interface Forced {
  readonly earlier: number;
  readonly later: number;
  readonly read: number;
}

export class HappenedBefore {
  readonly #model: Model;
  readonly #index: WritesByKey;
  readonly #session: number;
  readonly #known: Known;
  readonly #forced: Forced[] = [];
  /** By operation: what else comes directly after it, beyond the next of its chain. */
  readonly #followers = new Map<number, number[]>();
  /** Reads of the session that may have something new before them. */
  readonly #dirty: number[] = [];
  readonly #isDirty: Uint8Array;

  constructor(model: Model, index: WritesByKey, session: number, known: Known) {
    this.#model = model;
    this.#index = index;
    this.#session = session;
    this.#known = known;
    this.#isDirty = new Uint8Array(model.from.length);
    const { starts, from, isWrite, chain, sessionCount, chainCount, parent } = model;
    for (let op = 0; op < from.length; op += 1) {
      const source = at(from, op);
      const isHeard = known.heardBy === undefined || at(chain, op) === known.heardBy;
      if (source >= 0 && source !== op && isHeard && this.#isMember(op)) this.#follow(source, op);
    }
    for (let c = sessionCount; c < chainCount; c += 1) {
      if (at(parent, c) >= 0 && at(known.members, c) > 0)
        this.#follow(at(parent, c), at(starts, c));
    }
    for (let op = at(starts, session + 1) - 1; op >= at(starts, session); op -= 1) {
      if (at(isWrite, op) === 0) this.#markDirty(op);
    }
  }

  /** Lets HB grow until nothing changes. Gives what is wrong with it, if anything is. */
  saturate(): Judgement | undefined {
    for (let read = this.#dirty.pop(); read !== undefined; read = this.#dirty.pop()) {
      this.#isDirty[read] = 0;
      const broken = this.#consider(read);
      if (broken !== undefined) return broken;
    }
    return undefined;
  }

  #consider(read: number): Judgement | undefined {
    const { key, from, starts, chainCount } = this.#model;
    const { groupsOf, groupChain } = this.#index;
    const { clocks } = this.#known;
    const source = at(from, read);
    const last = at(groupsOf, at(key, read) + 1);
    for (let group = at(groupsOf, at(key, read)); group < last; group += 1) {
      const chain = at(groupChain, group);
      const count = at(clocks, read * chainCount + chain);
      const write = count === 0 ? -1 : latestBelow(this.#index, group, at(starts, chain) + count);
      if (write < 0 || write === source) continue;
      if (source === INITIAL) return this.#readOfInitial(write, read);
      if (isBefore(this.#model, clocks, write, source)) continue;
      const forced = { earlier: write, later: source, read };
      if (isBefore(this.#model, clocks, source, write)) return this.#circle(forced);
      this.#forced.push(forced);
      this.#follow(write, source);
      this.#spread(write, source);
    }
    return undefined;
  }

  /** Tells `later`, and whatever comes after it, of all that `earlier` has before it. */
  #spread(earlier: number, later: number): void {
    const { chain, chainCount: width, starts } = this.#model;
    const { clocks, members } = this.#known;
    const waiting = [earlier, later];
    while (waiting.length > 0) {
      const target = waiting.pop() as number;
      const source = waiting.pop() as number;
      if (!join(clocks, target * width, source * width, width)) continue;
      const c = at(chain, target);
      this.#markDirty(target);
      for (const next of this.#followers.get(target) ?? []) waiting.push(target, next);
      if (target + 1 < at(starts, c) + at(members, c)) waiting.push(target, target + 1);
    }
  }

  #follow(op: number, next: number): void {
    const followers = this.#followers.get(op);
    if (followers === undefined) this.#followers.set(op, [next]);
    else followers.push(next);
  }

  #markDirty(op: number): void {
    const { chain, isWrite } = this.#model;
    const isOwnRead = at(chain, op) === this.#session && at(isWrite, op) === 0;
    if (!isOwnRead || at(this.#isDirty, op) === 1) return;
    this.#isDirty[op] = 1;
    this.#dirty.push(op);
  }

  #isMember(op: number): boolean {
    const chain = at(this.#model.chain, op);
    return op - at(this.#model.starts, chain) < at(this.#known.members, chain);
  }

  #readOfInitial(write: number, read: number): Judgement {
    const [w, r] = [this.#operation(write), this.#operation(read)];
    const why = this.#explain(write, read);
    return violated(
      'WriteHBInitRead',
      [w, ...(why === undefined ? [] : [this.#operation(why.later), this.#operation(why.read)]), r],
      `${tell(r)}, but for client ${r.session} ${tell(w)} came before that` +
        `${why === undefined ? '' : `, since ${this.#tellForced(why)}`}.`,
    );
  }

  #circle(forced: Forced): Judgement {
    const why = this.#explain(forced.later, forced.earlier);
    const operations = [forced.earlier, forced.later, why?.read, forced.read];
    const other = why === undefined ? 'the causal order says the opposite' : this.#tellForced(why);
    return violated(
      'CyclicHB',
      [...new Set(operations.filter((op) => op !== undefined))].map((op) => this.#operation(op)),
      `No order of the writes suits client ${this.#operation(forced.read).session}: ` +
        `${this.#tellForced(forced)}; but ${other}.`,
    );
  }

  #tellForced({ earlier, later, read }: Forced): string {
    const [before, after] = [this.#operation(earlier), this.#operation(later)];
    return (
      `${tell(this.#operation(read))} after ${content(before)} ${where(before)}, ` +
      `so ${content(after)} ${where(after)} is the later one`
    );
  }

  /** The first pair that the session's reads have put into order on the way from `a` to `b`. */
  #explain(a: number, b: number): Forced | undefined {
    const { from, chain } = this.#model;
    const { heardBy } = this.#known;
    const edges = createEdges();
    for (const { earlier, later } of this.#forced) addEdge(edges, earlier, later, true);
    for (let op = 0; op < from.length; op += 1) {
      if (!this.#isMember(op)) continue;
      const [before, source] = [previous(this.#model, op), at(from, op)];
      if (before >= 0) addEdge(edges, before, op, false);
      const isHeard = heardBy === undefined || at(chain, op) === heardBy;
      if (source >= 0 && source !== op && isHeard) addEdge(edges, source, op, false);
    }
    const path = findPath(from.length, edges, a, b) ?? [];
    return this.#forced[path.find((edge) => edges.isHeavy[edge]) ?? -1];
  }

  #operation(op: number): Operation {
    return this.#model.operations[op] as Operation;
  }
}

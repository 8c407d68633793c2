// The relation HB of one session (Bouajjani et al., POPL 2017, section 5.3): the least transitive
// relation that contains what the session knows, and orders W1 before W2 if both write one key and
// a read of the session has returned W2 while W1 was before the read. It is stored as vector clocks
// and computed as a fixpoint.

import { isBefore, join, previous } from './causalPast.ts';
import { isOneSession, tellKnowledge, tellOrder } from './causalWitness.ts';
import { addEdge, createEdges, type Edges, findPath } from './cycles.ts';
import { at, type HistoryTable } from './historyTable.ts';
import { INITIAL } from './readsFrom.ts';
import { broken, type Judgement } from './verdict.ts';
import { tell, where, written } from './words.ts';
import { latestBelow, type WritesByKey } from './writesByKey.ts';

export interface Known {
  /** The order to start from; grows to HB. */
  readonly clocks: Int32Array;
  /** By session order: its number of operations. */
  readonly members: Int32Array;
  /** The session whose reads count; undefined if all reads count. */
  readonly heardBy: number | undefined;
}

type Operation = HistoryTable['operations'][number];

/** Two writes that a read of the session puts into order. */
interface Forced {
  readonly earlier: number;
  readonly later: number;
  readonly read: number;
}

export class HappenedBefore {
  readonly #table: HistoryTable;
  readonly #index: WritesByKey;
  readonly #session: number;
  readonly #known: Known;
  readonly #forced: Forced[] = [];
  /** By operation: its direct successors other than the next operation of its session order. */
  readonly #followers = new Map<number, number[]>();
  /** Reads of the session whose past has changed since they were last checked. */
  readonly #dirty: number[] = [];
  readonly #isDirty: Uint8Array;

  constructor(table: HistoryTable, index: WritesByKey, session: number, known: Known) {
    this.#table = table;
    this.#index = index;
    this.#session = session;
    this.#known = known;
    this.#isDirty = new Uint8Array(table.from.length);
    const { starts, from, isWrite, sessionOrder, sessionCount, sessionOrderCount, parent } = table;
    for (let op = 0; op < from.length; op += 1) {
      const source = at(from, op);
      const isHeard = known.heardBy === undefined || at(sessionOrder, op) === known.heardBy;
      if (source >= 0 && source !== op && isHeard && this.#isMember(op)) this.#follow(source, op);
    }
    for (let c = sessionCount; c < sessionOrderCount; c += 1) {
      if (at(parent, c) >= 0 && at(known.members, c) > 0)
        this.#follow(at(parent, c), at(starts, c));
    }
    for (let op = at(starts, session + 1) - 1; op >= at(starts, session); op -= 1) {
      if (at(isWrite, op) === 0) this.#markDirty(op);
    }
  }

  /** Extends HB until nothing changes. Returns the violation, if there is one. */
  saturate(): Judgement | undefined {
    for (let read = this.#dirty.pop(); read !== undefined; read = this.#dirty.pop()) {
      this.#isDirty[read] = 0;
      const broken = this.#consider(read);
      if (broken !== undefined) return broken;
    }
    return undefined;
  }

  #consider(read: number): Judgement | undefined {
    const { key, from, starts, sessionOrderCount } = this.#table;
    const { groupsOf, groupSessionOrder } = this.#index;
    const { clocks } = this.#known;
    const source = at(from, read);
    const last = at(groupsOf, at(key, read) + 1);
    for (let group = at(groupsOf, at(key, read)); group < last; group += 1) {
      const sessionOrder = at(groupSessionOrder, group);
      const count = at(clocks, read * sessionOrderCount + sessionOrder);
      const write =
        count === 0 ? -1 : latestBelow(this.#index, group, at(starts, sessionOrder) + count);
      if (write < 0 || write === source) continue;
      if (source === INITIAL) return this.#readOfInitial(write, read);
      if (isBefore(this.#table, clocks, write, source)) continue;
      const forced = { earlier: write, later: source, read };
      if (isBefore(this.#table, clocks, source, write)) return this.#circle(forced);
      this.#forced.push(forced);
      this.#follow(write, source);
      this.#spread(write, source);
    }
    return undefined;
  }

  /** Adds the past of `earlier` to `later` and to all operations after `later`. */
  #spread(earlier: number, later: number): void {
    const { sessionOrder, sessionOrderCount: width, starts } = this.#table;
    const { clocks, members } = this.#known;
    const waiting = [earlier, later];
    while (waiting.length > 0) {
      const target = waiting.pop() as number;
      const source = waiting.pop() as number;
      if (!join(clocks, target * width, source * width, width)) continue;
      const c = at(sessionOrder, target);
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
    const { sessionOrder, isWrite } = this.#table;
    const isOwnRead = at(sessionOrder, op) === this.#session && at(isWrite, op) === 0;
    if (!isOwnRead || at(this.#isDirty, op) === 1) return;
    this.#isDirty[op] = 1;
    this.#dirty.push(op);
  }

  #isMember(op: number): boolean {
    const sessionOrder = at(this.#table.sessionOrder, op);
    return op - at(this.#table.starts, sessionOrder) < at(this.#known.members, sessionOrder);
  }

  #readOfInitial(write: number, read: number): Judgement {
    const r = this.#operation(read);
    const { forced, heard } = this.#explain(write, read);
    const operations = this.#reasons(write, read);
    if (forced === undefined) {
      const knowledge = tellKnowledge(this.#table, write, read, heard);
      return broken('WriteHBInitRead', operations, `${tell(r)} when it ${knowledge}.`);
    }
    const than = `than ${written(this.#operation(forced.earlier))}`;
    const all = forced.earlier === write ? than : `${than}, and than all that came before that`;
    return broken(
      'WriteHBInitRead',
      operations,
      `${tell(r)}, but ${tell(this.#operation(write))}, and that comes first: ` +
        `${this.#tellForced(forced)} ${all}.`,
    );
  }

  #circle(forced: Forced): Judgement {
    const { earlier, later, read } = forced;
    const { forced: why } = this.#explain(later, earlier);
    return broken(
      'CyclicHB',
      [...this.#reasons(later, earlier), ...this.#reasons(earlier, read)],
      `No order of the writes suits client ${this.#operation(read).session}: ` +
        `${this.#tellForced(forced)}; but ${this.#tellOpposite(forced, why)}.`,
    );
  }

  /** Explains why `later` also comes before `earlier`. */
  #tellOpposite({ earlier, later }: Forced, why: Forced | undefined): string {
    const [first, second] = [this.#operation(later), this.#operation(earlier)];
    const [one, two] = [first, second].map((write) => `${written(write)} ${where(write)}`);
    if (why === undefined) {
      return isOneSession(first, second)
        ? `client ${first.session} wrote ${one} before ${two}`
        : `client ${second.session} wrote ${two} in knowledge of ${one}`;
    }
    const told = this.#tellForced(why);
    if (why.earlier === later && why.later === earlier) return told;
    const than = written(this.#operation(why.earlier));
    return `${told} than ${than}, and with that ${two} than ${one}`;
  }

  #tellForced({ earlier, later, read }: Forced): string {
    const { heard } = this.#explain(earlier, read);
    const knowledge = tellKnowledge(this.#table, earlier, read, heard);
    return tellOrder(this.#operation(read), knowledge, this.#operation(later));
  }

  /**
   * The operations on the path from `a` to `b`, and those on the paths that force the pairs on it.
   * Together they prove that `a` comes before `b`.
   */
  #reasons(a: number, b: number): Operation[] {
    const shown = new Set<number>();
    const known = new Set<number>();
    const waiting = [{ from: a, to: b, count: this.#forced.length }];
    for (let way = waiting.pop(); way !== undefined; way = waiting.pop()) {
      const { edges, reads, path } = this.#findWay(way.from, way.to, way.count);
      shown.add(way.from).add(way.to);
      for (const edge of path) {
        if (reads.has(edge)) shown.add(edges.from[edge] as number).add(edges.to[edge] as number);
        if (!edges.isHeavy[edge] || known.has(edge)) continue;
        known.add(edge);
        const { earlier, later, read } = this.#forced[edge] as Forced;
        shown.add(later);
        waiting.push({ from: earlier, to: read, count: edge });
      }
    }
    return [...shown].map((op) => this.#operation(op));
  }

  /**
   * Explains how `a` comes before `b`: the first forced pair on the path, and the last read on it
   * before `b`, in which the session learned of it.
   */
  #explain(a: number, b: number): { forced: Forced | undefined; heard: number | undefined } {
    const { edges, reads, path } = this.#findWay(a, b, this.#forced.length);
    const last = path.findLast((edge) => reads.has(edge) && edges.to[edge] !== b);
    return {
      forced: this.#forced[path.find((edge) => edges.isHeavy[edge]) ?? -1],
      heard: last === undefined ? undefined : edges.to[last],
    };
  }

  /** Uses only the first `count` forced pairs; a heavy edge carries the number of its pair. */
  #findWay(
    a: number,
    b: number,
    count: number,
  ): { edges: Edges; reads: ReadonlySet<number>; path: readonly number[] } {
    const { from, sessionOrder } = this.#table;
    const { heardBy } = this.#known;
    const edges = createEdges();
    for (const { earlier, later } of this.#forced.slice(0, count)) {
      addEdge(edges, earlier, later, true);
    }
    const reads = new Set<number>();
    for (let op = 0; op < from.length; op += 1) {
      if (!this.#isMember(op)) continue;
      const [before, source] = [previous(this.#table, op), at(from, op)];
      if (before >= 0) addEdge(edges, before, op, false);
      const isHeard = heardBy === undefined || at(sessionOrder, op) === heardBy;
      if (source >= 0 && source !== op && isHeard) reads.add(addEdge(edges, source, op, false));
    }
    return { edges, reads, path: findPath(from.length, edges, a, b) ?? [] };
  }

  #operation(op: number): Operation {
    return this.#table.operations[op] as Operation;
  }
}

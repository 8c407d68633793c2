// The relation HB of one session (Bouajjani et al., POPL 2017, section 5.3): the least transitive
// relation that contains what the session knows, and orders W1 before W2 if both write one key and
// a read of the session has returned W2 while W1 was before the read. It is computed as a fixpoint.

import { isBefore, previous } from './causalPast.ts';
import { isOneSession, tellKnowledge, tellOrder } from './causalWitness.ts';
import { addEdge, createEdges, type Edges, findPath } from './cycles.ts';
import { at, type HistoryTable } from './historyTable.ts';
import { INITIAL } from './readsFrom.ts';
import { SessionPast, type Shared } from './sessionPast.ts';
import { broken, type Judgement } from './verdict.ts';
import { tell, where, written } from './words.ts';
import { latestBelow, type WritesByKey } from './writesByKey.ts';

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
  readonly #past: SessionPast;
  readonly #forced: Forced[] = [];
  /** Reads of the session whose past has changed since they were last checked. */
  readonly #dirty: number[] = [];
  readonly #isDirty: Uint8Array;

  /** `heardBy` is the session whose reads count; undefined if all reads count. */
  constructor(shared: Shared, session: number, heardBy: number | undefined) {
    const { table, index } = shared;
    this.#table = table;
    this.#index = index;
    this.#session = session;
    this.#past = new SessionPast(shared, heardBy);
    this.#isDirty = new Uint8Array(at(table.starts, session + 1) - at(table.starts, session));
  }

  /** Extends HB until nothing changes. Returns the violation, if there is one. */
  saturate(): Judgement | undefined {
    const { starts } = this.#table;
    for (let op = at(starts, this.#session); op < at(starts, this.#session + 1); op += 1) {
      this.#past.admit(op);
      this.#markDirty(op);
      for (let read = this.#dirty.pop(); read !== undefined; read = this.#dirty.pop()) {
        this.#isDirty[read - at(starts, this.#session)] = 0;
        const broken = this.#consider(read);
        if (broken !== undefined) return broken;
      }
    }
    return undefined;
  }

  #consider(read: number): Judgement | undefined {
    const { key, from, starts, sessionOrderCount } = this.#table;
    const { groupsOf, groupSessionOrder } = this.#index;
    const { clocks } = this.#past;
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
      this.#past.force(write, source, (op) => this.#markDirty(op));
    }
    return undefined;
  }

  #markDirty(op: number): void {
    const { sessionOrder, isWrite, starts } = this.#table;
    if (at(sessionOrder, op) !== this.#session || at(isWrite, op) === 1) return;
    const place = op - at(starts, this.#session);
    if (at(this.#isDirty, place) === 1) return;
    this.#isDirty[place] = 1;
    this.#dirty.push(op);
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
    const size = this.#table.from.length;
    const edges = createEdges();
    for (const { earlier, later } of this.#forced.slice(0, count)) {
      addEdge(edges, earlier, later, true);
    }
    const reads = new Set<number>();
    for (let op = 0; op < size; op += 1) {
      if (!this.#past.isMember(op)) continue;
      const [before, source] = [previous(this.#table, op), this.#past.sourceOf(op)];
      if (before >= 0) addEdge(edges, before, op, false);
      if (source >= 0) reads.add(addEdge(edges, source, op, false));
    }
    return { edges, reads, path: findPath(size, edges, a, b) ?? [] };
  }

  #operation(op: number): Operation {
    return this.#table.operations[op] as Operation;
  }
}

// The definitions, followed literally: every order of the operations is tried. Slow and plain on
// purpose, and without code of the checkers, so that the checkers can be compared with it.
// Definitions: Bouajjani et al., POPL 2017, section 3; Herlihy & Wing, TOPLAS 1990, section 2.
import type { Sessions, Step } from './notation.ts';

interface Item extends Step {
  readonly session: number;
  readonly place: number;
}

/** `relation[a]` holds the bits of what must come before `a`. */
type Relation = readonly number[];

export type BruteLevel =
  | 'causal'
  | 'causal-memory'
  | 'causal-convergence'
  | 'pram'
  | 'sequential'
  | 'linearizable';

/**
 * A write without an answer happened, or did not: one way in which the history is fine suffices.
 */
export function holds(level: BruteLevel, sessions: Sessions): boolean {
  const all = sessions.flatMap((steps, session) =>
    steps.map((step, place): Item => ({ ...step, session, place })),
  );
  const pending = all.filter((item) => item.isPending);
  for (let chosen = 0; chosen < 1 << pending.length; chosen += 1) {
    const items = all.filter((i) => !i.isPending || (chosen >> pending.indexOf(i)) & 1);
    if (JUDGES[level](items)) return true;
  }
  return false;
}

/** As `holds`, where writes may be alike: in some way to say which write each read has read. */
export function holdsInSomeReading(level: BruteLevel, sessions: Sessions): boolean {
  const steps = sessions.flat();
  const reads = steps.filter(({ kind }) => kind === 'r');
  const writes = steps.filter(({ kind }) => kind !== 'r');
  const sources = new Map<Step, Step | undefined>();
  const choose = (index: number): boolean => {
    const read = reads[index];
    if (read === undefined) return holds(level, tellApart(sessions, writes, sources));
    return candidates(read, writes).some((source) => {
      if (!agrees(read, source, sources)) return false;
      sources.set(read, source);
      const isFine = choose(index + 1);
      sources.delete(read);
      return isFine;
    });
  };
  return choose(0);
}

/** The writes that a read may have read; undefined for the initial value. */
function candidates(read: Step, writes: readonly Step[]): (Step | undefined)[] {
  const { key, version } = read;
  const text = read.value || null;
  const alike = writes.filter((write) => write.key === key && write.value === text);
  if (version === undefined) return text === null ? [...alike, undefined] : alike;
  const isNamed = writes.some((write) => write.key === key && write.version === version);
  return alike.filter((write) => write.version === (isNamed ? version : undefined));
}

/** A version is one write, and a write has one version. */
function agrees(
  read: Step,
  source: Step | undefined,
  sources: ReadonlyMap<Step, Step | undefined>,
): boolean {
  if (read.version === undefined) return true;
  return [...sources].every(([other, write]) => {
    if (other.version === undefined || other.key !== read.key) return true;
    return (other.version === read.version) === (write === source);
  });
}

/** The same history with a value of its own for each write. */
function tellApart(
  sessions: Sessions,
  writes: readonly Step[],
  sources: ReadonlyMap<Step, Step | undefined>,
): Sessions {
  const numberOf = (write: Step | undefined): number =>
    write === undefined ? 0 : writes.indexOf(write) + 1;
  return sessions.map((steps) =>
    steps.map((step): Step => {
      const isGet = step.kind === 'r';
      const value = numberOf(isGet ? sources.get(step) : step);
      return { ...step, kind: isGet ? 'r' : 'w', value };
    }),
  );
}

const JUDGES: Record<BruteLevel, (items: readonly Item[]) => boolean> = {
  causal: isCausal,
  'causal-memory': isCausalMemory,
  'causal-convergence': isConvergent,
  pram: isPram,
  sequential: (items) => canOrder(items, bits(items), bits(items), sessionOrder(items)),
  linearizable: (items) => canOrder(items, bits(items), bits(items), realTime(items)),
};

function bits(items: readonly unknown[]): number {
  return (1 << items.length) - 1;
}

/** An unanswered write comes after what its session did before it, and before nothing of it. */
function sessionOrder(items: readonly Item[]): number[] {
  return relate(items, (a, b) => a.session === b.session && a.place < b.place && !a.isPending);
}

function realTime(items: readonly Item[]): number[] {
  return relate(
    items,
    (a, b) => a.to < b.from || (a.session === b.session && a.place < b.place && !a.isPending),
  );
}

function relate(items: readonly Item[], isBefore: (a: Item, b: Item) => boolean): number[] {
  return items.map((b) =>
    items.reduce((mask, a, index) => (isBefore(a, b) ? mask | (1 << index) : mask), 0),
  );
}

function isRead(item: Item): boolean {
  return item.kind === 'r';
}

function writes(write: Item, read: Item): boolean {
  return !isRead(write) && write.key === read.key && write.value === read.value;
}

/** Undefined if it has a cycle. */
function close(relation: Relation): number[] | undefined {
  const closed = [...relation];
  for (let middle = 0; middle < closed.length; middle += 1) {
    for (let op = 0; op < closed.length; op += 1) {
      if (((closed[op] as number) >> middle) & 1) {
        closed[op] = (closed[op] as number) | (closed[middle] as number);
      }
    }
  }
  return closed.some((mask, op) => (mask >> op) & 1) ? undefined : closed;
}

/** Session order and reads-from, closed; undefined for a cycle or a thin-air read. */
export function causalOrder(items: readonly Item[]): number[] | undefined {
  const relation = sessionOrder(items);
  for (const [op, item] of items.entries()) {
    if (!isRead(item) || item.value === 0) continue;
    const write = items.findIndex((other) => writes(other, item));
    if (write < 0) return undefined;
    relation[op] = (relation[op] as number) | (1 << write);
  }
  return close(relation);
}

/**
 * Whether the operations in `members` have an order that keeps `relation` and in which every read
 * in `legal` gives the last value written to its key.
 */
function canOrder(
  items: readonly Item[],
  members: number,
  legal: number,
  relation: Relation,
): boolean {
  const store = new Map<string, number | null>();
  const place = (done: number): boolean => {
    if (done === members) return true;
    for (const [op, item] of items.entries()) {
      const bit = 1 << op;
      if (!(members & bit) || done & bit) continue;
      if (((relation[op] as number) & members & ~done) !== 0) continue;
      if (isRead(item)) {
        const isRight = (store.get(item.key) ?? 0) === (item.value ?? 0);
        if (!(legal & bit) || isRight) if (place(done | bit)) return true;
        continue;
      }
      const former = store.get(item.key);
      store.set(item.key, item.value);
      const isPossible = place(done | bit);
      if (former === undefined) store.delete(item.key);
      else store.set(item.key, former);
      if (isPossible) return true;
    }
    return false;
  };
  return place(0);
}

/** CC: each operation by itself is legal after some order of its past. */
function isCausal(items: readonly Item[]): boolean {
  const co = causalOrder(items);
  return co !== undefined && isCausalIn(items, co);
}

export function isCausalIn(items: readonly Item[], co: Relation): boolean {
  return items.every((_item, op) => canOrder(items, (co[op] as number) | (1 << op), 1 << op, co));
}

/** CM: for each operation one order of its past makes all of its session up to it legal. */
function isCausalMemory(items: readonly Item[]): boolean {
  const co = causalOrder(items);
  return co !== undefined && isCausalMemoryIn(items, co);
}

export function isCausalMemoryIn(items: readonly Item[], co: Relation): boolean {
  return items.every((item, op) => {
    const own = items.reduce((mask, other, index) => {
      const isOwn = other.session === item.session && other.place <= item.place;
      return isOwn ? mask | (1 << index) : mask;
    }, 0);
    const past = (co[op] as number) | (1 << op);
    return canOrder(items, past, own & past, co);
  });
}

/** CCv: one order of everything; each read gives the last write in that order within its past. */
function isConvergent(items: readonly Item[]): boolean {
  const co = causalOrder(items);
  return co !== undefined && isConvergentIn(items, co);
}

export function isConvergentIn(items: readonly Item[], co: Relation): boolean {
  const rank = items.map(() => -1);
  const place = (count: number): boolean => {
    if (count === items.length) return items.every((item, op) => isLatest(item, op));
    for (let op = 0; op < items.length; op += 1) {
      const isFree = items.every(
        (_i, other) => !(((co[op] as number) >> other) & 1) || rank[other] !== -1,
      );
      if (rank[op] !== -1 || !isFree) continue;
      rank[op] = count;
      if (place(count + 1)) return true;
      rank[op] = -1;
    }
    return false;
  };
  const isLatest = (item: Item, op: number): boolean => {
    if (!isRead(item)) return true;
    let latest = -1;
    for (const [other, write] of items.entries()) {
      if (isRead(write) || write.key !== item.key || !(((co[op] as number) >> other) & 1)) continue;
      if (latest < 0 || (rank[other] as number) > (rank[latest] as number)) latest = other;
    }
    return (items[latest]?.value ?? 0) === (item.value ?? 0);
  };
  return place(0);
}

/**
 * PRAM: for each session one order of its operations and all writes, with all of its reads legal.
 */
function isPram(items: readonly Item[]): boolean {
  const order = close(sessionOrder(items)) as number[];
  return items.every(({ session }) => {
    const own = items.reduce((m, i, op) => (i.session === session ? m | (1 << op) : m), 0);
    const members = items.reduce((m, i, op) => (isRead(i) ? m : m | (1 << op)), own);
    return canOrder(items, members, own, order);
  });
}

/**
 * The same three levels with no shortcut at all: some co, whichever, that contains session order.
 */
export function holdsForSomeOrder(level: BruteLevel, sessions: Sessions): boolean {
  const items = sessions.flatMap((steps, session) =>
    steps.map((step, place): Item => ({ ...step, session, place })),
  );
  const isIn = { causal: isCausalIn, 'causal-memory': isCausalMemoryIn }[level as 'causal'];
  const judge = isIn ?? isConvergentIn;
  const pairs = items.flatMap((_a, a) => items.map((_b, b) => [a, b] as const));
  const po = close(sessionOrder(items)) as number[];
  const free = pairs.filter(([a, b]) => a !== b && !(((po[b] as number) >> a) & 1));
  for (let chosen = 0; chosen < 2 ** free.length; chosen += 1) {
    const co = [...po];
    for (const [index, [a, b]] of free.entries()) {
      if (Math.floor(chosen / 2 ** index) % 2 === 1) co[b] = (co[b] as number) | (1 << a);
    }
    const closed = close(co);
    if (closed?.every((mask, op) => mask === co[op]) && judge(items, co)) return true;
  }
  return false;
}

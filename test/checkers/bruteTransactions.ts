// The definitions for transactions, followed literally: every source of each read, every order of
// the transactions. Slow and plain on purpose, and without code of the checkers. Definitions:
// Biswas and Enea, OOPSLA 2019, figure 2, for the isolation levels; Bouajjani et al., POPL 2017,
// section 3, for the causal levels, where an operation is a transaction.
import type { Operation } from '../../src/kernel/history.ts';

export interface Access {
  readonly isWrite: boolean;
  readonly key: string;
  /** 0 is the initial value, and what a deletion leaves. */
  readonly value: number;
}

export interface Transaction {
  readonly session: number;
  readonly outcome: 'ok' | 'fail' | 'unknown';
  readonly accesses: readonly Access[];
}

export type BruteLevel = 'causal' | 'causal-convergence' | 'read-atomic' | 'read-committed';

/** A read of another transaction's write; `source` is undefined for the initial value. */
interface Read {
  readonly reader: Transaction;
  readonly key: string;
  readonly source: Transaction | undefined;
}

/** What is common to all levels: the transactions that happened, in file order, and their reads. */
interface World {
  readonly all: readonly Transaction[];
  readonly reads: readonly Read[];
  /** Session order and reads. */
  readonly isDirect: (a: Transaction, b: Transaction) => boolean;
  /** The transitive closure of that. */
  readonly isBefore: (a: Transaction, b: Transaction) => boolean;
}

export function holds(level: BruteLevel, history: readonly Transaction[]): boolean {
  const open = history.filter(({ outcome }) => outcome === 'unknown');
  for (let chosen = 0; chosen < 1 << open.length; chosen += 1) {
    const all = history.filter(
      (one) =>
        one.outcome === 'ok' ||
        ((chosen >> open.indexOf(one)) % 2 === 1 && one.outcome === 'unknown'),
    );
    if (all.some((one) => one.outcome === 'ok' && !isInternallyConsistent(one))) continue;
    if (someReading(all, (world) => JUDGES[level](world))) return true;
  }
  return false;
}

function isInternallyConsistent({ accesses }: Transaction): boolean {
  return accesses.every(({ isWrite, key, value }, place) => {
    const own = accesses.slice(0, place).findLast((one) => one.isWrite && one.key === key);
    return isWrite || own === undefined || own.value === value;
  });
}

function externalReads({ outcome, accesses }: Transaction): Access[] {
  if (outcome !== 'ok') return [];
  return accesses.filter(({ isWrite, key }, place) => {
    return !isWrite && !accesses.slice(0, place).some((one) => one.isWrite && one.key === key);
  });
}

/** The value that a transaction leaves of a key, if it writes it. */
function leaves({ accesses }: Transaction, key: string): number | undefined {
  return accesses.findLast((one) => one.isWrite && one.key === key)?.value;
}

function someReading(all: readonly Transaction[], isFine: (world: World) => boolean): boolean {
  const wanted = all.flatMap((reader) =>
    externalReads(reader).map((read) => ({ reader, ...read })),
  );
  const choose = (reads: readonly Read[]): boolean => {
    const next = wanted[reads.length];
    if (next === undefined) return isFine(worldOf(all, reads));
    const { reader, key, value } = next;
    const sources: (Transaction | undefined)[] = all.filter(
      (one) => one !== reader && leaves(one, key) === value,
    );
    if (value === 0) sources.push(undefined);
    return sources.some((source) => choose([...reads, { reader, key, source }]));
  };
  return choose([]);
}

function worldOf(all: readonly Transaction[], reads: readonly Read[]): World {
  // An unanswered transaction comes before nothing of its session.
  const isInSession = (a: Transaction, b: Transaction): boolean =>
    a.session === b.session && a.outcome === 'ok' && all.indexOf(a) < all.indexOf(b);
  const isDirect = (a: Transaction, b: Transaction): boolean =>
    isInSession(a, b) || reads.some(({ reader, source }) => reader === b && source === a);
  const reach = all.map((a) => all.map((b) => isDirect(a, b)));
  for (const through of all.keys()) {
    for (const from of all.keys()) {
      for (const to of all.keys()) {
        if (reach[from]?.[through] && reach[through]?.[to]) (reach[from] as boolean[])[to] = true;
      }
    }
  }
  const isBefore = (a: Transaction, b: Transaction): boolean =>
    reach[all.indexOf(a)]?.[all.indexOf(b)] === true;
  return { all, reads, isDirect, isBefore };
}

const JUDGES: Record<BruteLevel, (world: World) => boolean> = {
  // Each transaction by itself is explained by some order of its causal past.
  causal: (world) =>
    isAcyclic(world) &&
    world.all.every((reader) =>
      someOrder(past(world, reader), world.isBefore, (order) => explains(world, order, reader)),
    ),
  // One order of all explains each transaction by its causal past.
  'causal-convergence': (world) =>
    isAcyclic(world) &&
    someOrder(world.all, world.isBefore, (order) =>
      world.all.every((reader) => {
        const known = new Set(past(world, reader));
        return explains(
          world,
          order.filter((one) => known.has(one)),
          reader,
        );
      }),
    ),
  'read-atomic': (world) =>
    isIsolated(world, (_place, other, { reader }) => world.isDirect(other, reader)),
  'read-committed': (world) =>
    isIsolated(world, (place, other, { reader }) =>
      world.reads.slice(0, place).some((read) => read.reader === reader && read.source === other),
    ),
};

function isAcyclic({ all, isBefore }: World): boolean {
  return all.every((one) => !isBefore(one, one));
}

function past({ all, isBefore }: World, reader: Transaction): Transaction[] {
  return all.filter((one) => isBefore(one, reader));
}

/** Whether each read of the transaction finds the last write of its key in this order. */
function explains({ reads }: World, order: readonly Transaction[], reader: Transaction): boolean {
  return reads
    .filter((read) => read.reader === reader)
    .every(({ key, source }) => order.findLast((one) => leaves(one, key) !== undefined) === source);
}

type HasSeen = (place: number, other: Transaction, read: Read) => boolean;

/** The axiom of figure 2: what was seen comes before what was read. */
function isIsolated(world: World, hasSeen: HasSeen): boolean {
  const { all, reads, isBefore } = world;
  return (
    isAcyclic(world) &&
    someOrder(all, isBefore, (order) =>
      reads.every((read, place) =>
        all
          .filter((other) => other !== read.source && other !== read.reader)
          .filter((other) => leaves(other, read.key) !== undefined && hasSeen(place, other, read))
          .every(
            (other) =>
              read.source !== undefined && order.indexOf(other) < order.indexOf(read.source),
          ),
      ),
    )
  );
}

/** Whether some total order that contains the partial one is fine. */
function someOrder(
  all: readonly Transaction[],
  isBefore: World['isBefore'],
  isFine: (order: readonly Transaction[]) => boolean,
): boolean {
  const extend = (order: readonly Transaction[], left: readonly Transaction[]): boolean =>
    left.length === 0
      ? isFine(order)
      : left
          .filter((one) => !left.some((other) => isBefore(other, one)))
          .some((one) =>
            extend(
              [...order, one],
              left.filter((other) => other !== one),
            ),
          );
  return extend([], all);
}

/** As a reader of a file would give it. `isNamed` also names transactions of one operation. */
export function toOperations(history: readonly Transaction[], isNamed = false): Operation[] {
  const counts = new Map<number, number>();
  let line = 0;
  return history.flatMap(({ session, outcome, accesses }, number) =>
    accesses.map(({ isWrite, key, value }): Operation => {
      const seq = counts.get(session) ?? 0;
      counts.set(session, seq + 1);
      line += 1;
      const isAbsent = !isWrite && value === 0;
      const isAnswered = outcome === 'ok';
      return {
        session,
        incarnation: 1,
        seq,
        kind: isWrite ? (value === 0 ? 'delete' : 'put') : 'get',
        key,
        value: value === 0 || (!isWrite && !isAnswered) ? null : String(value),
        outcome: isAnswered && isAbsent ? 'absent' : outcome,
        invokedAt: 2 * number,
        returnedAt: outcome === 'unknown' ? null : 2 * number + 1,
        server: null,
        version: null,
        applied: null,
        line,
        ...((isNamed || accesses.length > 1) && { transaction: String(number) }),
      };
    }),
  );
}

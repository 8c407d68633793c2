// The session guarantees, literally as in Terry et al., "Session Guarantees for Weakly Consistent
// Replicated Data" (PDIS 1994), section 3, without code of the checkers. A history leaves open
// which version a write has and which write a get has returned: every assignment of these, a world,
// is tried. A guarantee holds if each session has it in all worlds, and is broken if one session
// has it in none.
import type { SessionGuarantee } from '../../src/checkers/index.ts';
import type { Operation, VectorTuples, VersionTuple } from '../../src/kernel/history.ts';

export type Outcome = 'holds' | 'broken' | 'undecided';

export const GUARANTEES: readonly SessionGuarantee[] = [
  'read-your-writes-all-keys',
  'monotonic-reads-all-keys',
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
];

/** Undefined if no world explains the history. */
export function decide(history: readonly Operation[]): Map<SessionGuarantee, Outcome> | undefined {
  const sessions = [...new Set(history.map(({ session }) => session))];
  const seen = GUARANTEES.map(() => sessions.map(() => new Set<boolean>()));
  let hasWorld = false;
  for (const world of everyWorld(history)) {
    hasWorld = true;
    for (const [g, guarantee] of GUARANTEES.entries()) {
      for (const [s, session] of sessions.entries()) {
        const truths = seen[g]?.[s] as Set<boolean>;
        if (truths.size < 2) {
          for (const truth of TRUTHS[guarantee](world, session)) truths.add(truth);
        }
      }
    }
  }
  if (!hasWorld) return undefined;
  return new Map(GUARANTEES.map((guarantee, g) => [guarantee, summarize(seen[g] ?? [])]));
}

function summarize(found: readonly ReadonlySet<boolean>[]): Outcome {
  if (found.some((truths) => !truths.has(true))) return 'broken';
  return found.some((truths) => truths.has(false)) ? 'undecided' : 'holds';
}

interface World {
  readonly history: readonly Operation[];
  /** Of the writes that took effect. */
  readonly versions: ReadonlyMap<Operation, VersionTuple>;
  /** By get: the version that it returned; undefined for the initial value. */
  readonly returned: ReadonlyMap<Operation, VersionTuple | undefined>;
}

const isWrite = ({ kind }: Operation): boolean => kind !== 'get';
const isAnswered = ({ outcome }: Operation): boolean => outcome === 'ok' || outcome === 'absent';
const isPending = ({ outcome }: Operation): boolean => outcome === 'unknown';
const isNothing = ({ kind, value, version }: Operation): boolean =>
  kind === 'get' && value === null && version === null;

function* everyWorld(history: readonly Operation[]): Generator<World> {
  const writes = history.filter((op) => isWrite(op) && (isAnswered(op) || isPending(op)));
  const gets = history.filter((op) => !isWrite(op) && isAnswered(op));
  // Values alone are judged as if there were no time.
  const isTimed = history.some(({ version, applied }) => version !== null || applied !== null);
  for (const versions of everyOrder(history, writes)) {
    for (const returned of everyReturn(gets, versions, isTimed)) {
      // A write without an answer took effect if a get has returned it; otherwise it need not have.
      const isSeen = ([write, version]: [Operation, VersionTuple]): boolean =>
        !isPending(write) || gets.some((get) => isEqual(returned.get(get), version));
      if (![...versions].every(isSeen)) continue;
      yield { history, versions, returned };
    }
  }
}

function* everyOrder(
  history: readonly Operation[],
  writes: readonly Operation[],
): Generator<Map<Operation, VersionTuple>> {
  const known = writes.filter(({ version }) => version !== null);
  const open = writes.filter(({ version }) => version === null);
  const slots = listSlots(history, open.length);
  const choose = function* (
    place: number,
    chosen: Map<Operation, VersionTuple>,
  ): Generator<Map<Operation, VersionTuple>> {
    const write = open[place];
    if (write === undefined) {
      yield new Map(chosen);
      return;
    }
    if (isPending(write)) yield* choose(place + 1, chosen);
    for (const slot of slots) {
      if ([...chosen.values()].some((version) => isEqual(version, slot))) continue;
      chosen.set(write, slot);
      yield* choose(place + 1, chosen);
      chosen.delete(write);
    }
  };
  yield* choose(0, new Map(known.map((write) => [write, write.version as VersionTuple])));
}

/**
 * Possible versions of the writes whose version is unknown: any position in the order or, if
 * servers report what they had applied, a timestamp of one of them.
 */
function listSlots(history: readonly Operation[], count: number): VersionTuple[] {
  if (count === 0) return [];
  const told = history.flatMap(({ version }) => (version === null ? [] : [version]));
  const vectors = history.flatMap(({ applied }) => applied ?? []);
  const slots = [...told];
  if (history.some(({ applied }) => applied !== null)) {
    const lives = [...told.map(([t, id, life]) => [id, life, t] as const), ...vectors];
    for (const [id, life, upTo] of lives) {
      for (let t = 1; t <= upTo + 1; t += 1) slots.push([t, id, life]);
    }
  } else {
    for (const before of [0, ...told.map(([t]) => t)]) {
      for (let step = 1; step <= count; step += 1) slots.push([before + step / 10, 9, 1]);
    }
  }
  return [...new Map(slots.map((slot) => [String(slot), slot])).values()];
}

function* everyReturn(
  gets: readonly Operation[],
  versions: ReadonlyMap<Operation, VersionTuple>,
  isTimed: boolean,
): Generator<Map<Operation, VersionTuple | undefined>> {
  const choose = function* (
    place: number,
    chosen: Map<Operation, VersionTuple | undefined>,
  ): Generator<Map<Operation, VersionTuple | undefined>> {
    const get = gets[place];
    if (get === undefined) {
      yield new Map(chosen);
      return;
    }
    for (const version of listReturns(get, versions, isTimed)) {
      chosen.set(get, version);
      yield* choose(place + 1, chosen);
    }
  };
  yield* choose(0, new Map());
}

/** What a get may have returned in a world with these writes. */
function listReturns(
  get: Operation,
  versions: ReadonlyMap<Operation, VersionTuple>,
  isTimed: boolean,
): (VersionTuple | undefined)[] {
  const isTooLate = (write: Operation): boolean =>
    (write.session === get.session && write.seq > get.seq) ||
    (isTimed && write.invokedAt > (get.returnedAt as number));
  const alike = [...versions].filter(([write]) => {
    return write.key === get.key && write.value === get.value && !isTooLate(write);
  });
  const named = alike.map(([, version]) => version);
  if (get.version !== null) return named.filter((version) => isEqual(version, get.version));
  if (get.value !== null) return named;
  const { applied } = get;
  if (applied === null) return [undefined, ...named];
  // The latest deletion that its server had applied.
  return [named.filter((version) => has(applied, version)).reduce(later, undefined)];
}

type Truth = (world: World, session: number) => readonly boolean[];

const TRUTHS: Record<SessionGuarantee, Truth> = {
  'read-your-writes': (world, session) => [isReadBack(world, session)],
  'monotonic-reads': (world, session) => [isMonotonic(world, session)],
  'read-your-writes-all-keys': (world, session) =>
    both(isReadBack(world, session), hasAll(world, session, true)),
  'monotonic-reads-all-keys': (world, session) =>
    both(isMonotonic(world, session), hasAll(world, session, false)),
  'monotonic-writes': (world, session) => isClosed(world, session, true),
  'writes-follow-reads': (world, session) => isClosed(world, session, false),
};

function both(isKept: boolean, truths: readonly boolean[]): boolean[] {
  return truths.map((truth) => truth && isKept);
}

function ofSession({ history }: World, session: number): Operation[] {
  return history.filter((op) => op.session === session && isAnswered(op));
}

/** What an operation had to do with: the write that it was, or that it returned. */
function versionOf(world: World, op: Operation): VersionTuple | undefined {
  return isWrite(op) ? world.versions.get(op) : world.returned.get(op);
}

/** W before R of one key: R returns no older write than W. */
function isReadBack(world: World, session: number): boolean {
  const own = ofSession(world, session);
  return own.every((get, place) => {
    if (isWrite(get)) return true;
    const before = own.slice(0, place).filter(({ key }) => key === get.key);
    const isRight = before
      .filter(isWrite)
      .every((write) => isUpTo(world.versions.get(write), world.returned.get(get)));
    return isRight && knowsLatest(world, before, get, isWrite);
  });
}

/** R1 before R2 of one key: R2 returns no older write than R1. To find nothing twice is no less. */
function isMonotonic(world: World, session: number): boolean {
  const own = ofSession(world, session);
  return own.every((get, place) => {
    if (isWrite(get)) return true;
    const before = own.slice(0, place).filter(({ key }) => key === get.key);
    const isRight = before
      .filter((op) => !isWrite(op) && !(isNothing(op) && isNothing(get)))
      .every((former) => isUpTo(world.returned.get(former), world.returned.get(get)));
    return isRight && knowsLatest(world, before, get, (op) => !isWrite(op));
  });
}

/** If the latest write of the key that the session knows is one of those, its server has it. */
function knowsLatest(
  world: World,
  before: readonly Operation[],
  get: Operation,
  isOfKind: (op: Operation) => boolean,
): boolean {
  const latest = before.map((op) => versionOf(world, op)).reduce(later, undefined);
  if (latest === undefined || get.applied === null || has(get.applied, latest)) return true;
  const told = before.filter((op) => isEqual(versionOf(world, op), latest));
  const isNamed = told.some((op) => !isNothing(op));
  return !told.some(isOfKind) || (isNothing(get) && !isNamed);
}

/**
 * W, or what determined R1, of any key, before R: the server of R has applied it. Where the answer
 * does not tell, it has what it returned, and may have all or nothing else.
 */
function hasAll(world: World, session: number, isOfWrites: boolean): boolean[] {
  const own = ofSession(world, session);
  const truths = [true, false].map((isFull) =>
    own.every((get, place) => {
      if (isWrite(get)) return true;
      const asked = own.slice(0, place).filter((op) => isWrite(op) === isOfWrites);
      return asked.every((op) => {
        const version = versionOf(world, op);
        if (version === undefined) return true;
        if (get.applied !== null) return has(get.applied, version);
        return isFull || isEqual(version, world.returned.get(get));
      });
    }),
  );
  return [...new Set(truths)];
}

/**
 * W1, or what determined R1, before W2: each server that has applied W2 has applied it, and the
 * servers order it first.
 */
function isClosed(world: World, session: number, isOfWrites: boolean): boolean[] {
  const own = world.history.filter((op) => op.session === session);
  const looks = world.history.flatMap(({ applied }) => (applied === null ? [] : [applied]));
  let isOpen = false;
  for (const [place, write] of own.entries()) {
    const later = isWrite(write) ? world.versions.get(write) : undefined;
    if (later === undefined) continue;
    for (const op of own.slice(0, place)) {
      const earlier = versionOf(world, op);
      if (!isAnswered(op) || isWrite(op) !== isOfWrites || earlier === undefined) continue;
      if (op.key === write.key && !isBefore(earlier, later)) return [false];
      if (looks.some((applied) => has(applied, later) && !has(applied, earlier))) return [false];
      isOpen = true;
    }
  }
  // No answer reports what a server had applied.
  return isOpen && looks.length === 0 ? [true, false] : [true];
}

function has(applied: VectorTuples, [t, id, life]: VersionTuple): boolean {
  return applied.some(([server, lived, upTo]) => server === id && lived === life && upTo >= t);
}

function isEqual(a: VersionTuple | undefined | null, b: VersionTuple | undefined | null): boolean {
  return a != null && b != null && a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
}

function isBefore(a: VersionTuple, b: VersionTuple): boolean {
  return a[0] !== b[0] ? a[0] < b[0] : a[1] !== b[1] ? a[1] < b[1] : a[2] < b[2];
}

/** Undefined is the initial value. */
function isUpTo(a: VersionTuple | undefined, b: VersionTuple | undefined): boolean {
  return a === undefined || (b !== undefined && !isBefore(b, a));
}

function later(a: VersionTuple | undefined, b: VersionTuple | undefined): VersionTuple | undefined {
  return isUpTo(a, b) ? b : a;
}

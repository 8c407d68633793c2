// Which writes each get may have returned, as far as a history says so: from versions exactly, from
// values as far as they were written once, and for a get that found nothing from the deletions that
// its server had applied.
import type { Operation, VersionTuple } from '../kernel/history.ts';
import { isWrite, type Normalized } from './normalize.ts';
import { compareVersions, isCovered } from './readsFrom.ts';
import { writtenValue } from './valueIndex.ts';
import { type Alike, type Deletion, WriteVersions } from './writeVersions.ts';

/** A place in the servers' order of a key's writes: a version, before all of them, after all. */
export type Place = VersionTuple | 'first' | 'last';

/** The writes that a get may have returned; `first` stands for the initial value among them. */
export interface Answer {
  readonly least: Place;
  readonly greatest: Place;
  /** The greatest one whose place is known; undefined if none is. */
  readonly latestKnown: Place | undefined;
  /** Deletions between the least and that one, the latest first. */
  readonly known: readonly Deletion[];
  /** How many of them have a version that nobody has told. */
  readonly openCount: number;
  /** Gets of one group may have returned one write under an untold version; -1 for none. */
  readonly group: number;
  /** The one write that it can have returned, if nobody has told its version; else -1. */
  readonly only: number;
  /** Found nothing, and named no deletion. */
  readonly isNothing: boolean;
}

/** What nobody wrote may have been written any number of times. */
const ANYTHING: Answer = {
  least: 'first',
  greatest: 'last',
  latestKnown: undefined,
  known: [],
  openCount: 2 ** 30,
  group: -1,
  only: -1,
  isNothing: false,
};

/** The initial value of a key. */
const AT_FIRST: Answer = {
  least: 'first',
  greatest: 'first',
  latestKnown: 'first',
  known: [],
  openCount: 0,
  group: -1,
  only: -1,
  isNothing: true,
};

export class Answers {
  readonly writes: WriteVersions;
  readonly #normalized: Normalized;
  readonly #initial: ReadonlySet<number>;
  /** Made when asked for. */
  #groupsRead: ReadonlySet<number> | undefined;

  /** The gets in `initial` found what their key has for initial value. */
  constructor(normalized: Normalized, initial: ReadonlySet<number>) {
    this.writes = new WriteVersions(normalized);
    this.#normalized = normalized;
    this.#initial = initial;
  }

  /** What a get returned. */
  answerOf(op: number): Answer {
    if (this.#initial.has(op)) return AT_FIRST;
    const { value, version } = this.#operation(op);
    const alike = this.writes.alikeOf(op, value);
    if (version !== null) return exactly(version, alike?.openCount ? alike.head : -1);
    return value === null ? this.#nothing(op, alike) : valued(alike);
  }

  /** Whether some get may have returned a write whose version nobody has told. */
  mayBeRead(op: number): boolean {
    this.#groupsRead ??= this.#findGroupsRead();
    const head = this.writes.alikeOf(op, writtenValue(this.#operation(op)))?.head ?? -1;
    return this.#groupsRead.has(head);
  }

  /** The deletion behind a get that found nothing and named none, as its server's vector says. */
  deletionFound(op: number): number | undefined {
    const { kind, value, version } = this.#operation(op);
    const isNothing = kind === 'get' && value === null && version === null;
    const found = isNothing ? this.#latestApplied(op)?.op : undefined;
    return found === -1 ? undefined : found;
  }

  #findGroupsRead(): Set<number> {
    const groups = new Set<number>();
    for (const [op, operation] of this.#normalized.operations.entries()) {
      if (isWrite(operation)) continue;
      const { openCount, group } = this.answerOf(op);
      if (openCount > 0 || operation.version !== null) groups.add(group);
    }
    return groups;
  }

  #operation(op: number): Operation {
    return this.#normalized.operations[op] as Operation;
  }

  #deletions(read: number): readonly Deletion[] {
    return this.writes.deletionsOf(this.#normalized.key[read] as number);
  }

  #nothing(read: number, alike: Alike | undefined): Answer {
    const openCount = alike?.openCount ?? 0;
    const hasOpen = (isLater: boolean): boolean =>
      alike !== undefined &&
      openCount > 0 &&
      this.writes.someAlike(alike, (op) => {
        return this.writes.versionOf(op) === null && this.writes.isOwnLater(op, read) === isLater;
      });
    // A deletion that may be any of several may be one of those that the session had yet to write.
    return alike !== undefined && this.writes.isUnclear(alike) && hasOpen(true)
      ? nothing('first', 'last', 'last', ANYTHING)
      : this.#nothingOf(read, alike?.head ?? -1, hasOpen(false) ? openCount : 0);
  }

  #nothingOf(read: number, group: number, openCount: number): Answer {
    const { applied } = this.#operation(read);
    if (applied === null) {
      // Nothing is known of the server: the key may be as it was at first, or deleted.
      const known = this.#deletions(read);
      const isPossible = ({ op }: Deletion): boolean => op < 0 || !this.writes.isOwnLater(op, read);
      const latest = known.find(isPossible)?.version ?? 'first';
      const greatest = openCount > 0 ? 'last' : latest;
      return nothing('first', greatest, latest, { known, openCount, group });
    }
    const latest = this.#latestApplied(read)?.version ?? 'first';
    const untold = openCount === 0 ? undefined : this.writes.latestUntold(applied);
    const isOpen = untold !== undefined && comparePlaces(untold, latest) > 0;
    return isOpen
      ? nothing(latest, untold, latest, { known: [], openCount, group })
      : nothing(latest, latest, latest, { known: [], openCount: 0, group });
  }

  #latestApplied(read: number): Deletion | undefined {
    const { applied } = this.#operation(read);
    if (applied === null) return undefined;
    const deletions = this.#deletions(read);
    // Most of those that the server had yet to apply are later than all that it had.
    const greatest = Math.max(0, ...applied.map(([, , upTo]) => upTo));
    let [low, high] = [0, deletions.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((deletions[middle] as Deletion).version[0] > greatest) low = middle + 1;
      else high = middle;
    }
    for (let index = low; index < deletions.length; index += 1) {
      const { op, version } = deletions[index] as Deletion;
      const isPossible = op < 0 || !this.writes.isOwnLater(op, read);
      if (isPossible && isCovered(applied, version)) return deletions[index];
    }
    return undefined;
  }
}

// Written out field by field: spreads would cost more than all the rest.

function nothing(
  least: Place,
  greatest: Place,
  latestKnown: Place,
  { known, openCount, group }: Pick<Answer, 'known' | 'openCount' | 'group'>,
): Answer {
  return { least, greatest, latestKnown, known, openCount, group, only: -1, isNothing: true };
}

function valued(alike: Alike | undefined): Answer {
  if (alike === undefined) return ANYTHING;
  const { openCount, open, least, greatest, head: group } = alike;
  const isTold = openCount === 0 && least !== undefined && greatest !== undefined;
  return {
    least: isTold ? least : 'first',
    greatest: isTold ? greatest : 'last',
    latestKnown: greatest,
    known: [],
    openCount,
    group,
    only: openCount === 1 && greatest === undefined ? open : -1,
    isNothing: false,
  };
}

function exactly(version: VersionTuple, group: number): Answer {
  return {
    least: version,
    greatest: version,
    latestKnown: version,
    known: [],
    openCount: 0,
    group,
    only: -1,
    isNothing: false,
  };
}

/** Negative if `a` comes first. */
export function comparePlaces(a: Place, b: Place): number {
  if (a === b) return 0;
  if (a === 'first' || b === 'last') return -1;
  if (a === 'last' || b === 'first') return 1;
  return compareVersions(a, b);
}

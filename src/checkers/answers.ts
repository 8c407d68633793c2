// Finds the writes that each get may have returned. A version decides it exactly. A value decides
// it if it was written once. For a get that found nothing, the deletions that its server had
// applied decide it.
import type { Operation, VersionTuple } from '../kernel/history.ts';
import { isWrite, type Normalized } from './normalize.ts';
import { compareVersions, isCovered } from './readsFrom.ts';
import { writtenValue } from './valueIndex.ts';
import { type Alike, type Deletion, WriteVersions } from './writeVersions.ts';

/**
 * A position in the servers' order of a key's writes: a version, before all of them, or after all.
 */
export type Place = VersionTuple | 'first' | 'last';

/** The range of writes that a get may have returned; `first` also stands for the initial value. */
export interface Answer {
  readonly least: Place;
  readonly greatest: Place;
  /** The greatest of these writes whose position is known; undefined if there is none. */
  readonly latestKnown: Place | undefined;
  /** Deletions between `least` and `latestKnown`, the latest first. */
  readonly known: readonly Deletion[];
  /** How many of these writes have an unknown version. */
  readonly openCount: number;
  /** Gets with the same group may have returned the same write of unknown version; -1 for none. */
  readonly group: number;
  /** The write, if only one is possible and its version is unknown; else -1. */
  readonly only: number;
  /** The get found nothing, and its answer names no deletion. */
  readonly isNothing: boolean;
}

/** The answer of a thin-air read: nothing bounds it. */
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

export interface AnswersSetup {
  /** The gets that returned the initial value of their key. */
  readonly initial: ReadonlySet<number>;
  /** Whether times tell which operation began after which had ended. */
  readonly isTimed: boolean;
}

export class Answers {
  readonly writes: WriteVersions;
  readonly #normalized: Normalized;
  readonly #initial: ReadonlySet<number>;
  /** Computed on first use. */
  #groupsRead: ReadonlySet<number> | undefined;

  constructor(normalized: Normalized, { initial, isTimed }: AnswersSetup) {
    this.writes = new WriteVersions(normalized, isTimed);
    this.#normalized = normalized;
    this.#initial = initial;
  }

  /** The writes that this get may have returned. */
  answerOf(op: number): Answer {
    if (this.#initial.has(op)) return AT_FIRST;
    const { value, version } = this.#operation(op);
    const alike = this.writes.alikeOf(op, value);
    if (version !== null) return exactly(version, alike?.openCount ? alike.head : -1);
    if (value === null) return this.#nothing(op, alike);
    return valued(alike && this.writes.inTime(alike, op));
  }

  /** Whether some get may have returned this write, whose version is unknown. */
  mayBeRead(op: number): boolean {
    this.#groupsRead ??= this.#findGroupsRead();
    const head = this.writes.alikeOf(op, writtenValue(this.#operation(op)))?.head ?? -1;
    return this.#groupsRead.has(head);
  }

  /**
   * The deletion that explains a get which found nothing and named no deletion, according to the
   * vector of its server.
   */
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
        return this.writes.versionOf(op) === null && this.writes.isTooLate(op, read) === isLater;
      });
    // If the gets do not tell which deletion has which version, the one found may be any of them,
    // also one that began later.
    return alike !== undefined && this.writes.isUnclear(alike) && hasOpen(true)
      ? nothing('first', 'last', 'last', ANYTHING)
      : this.#nothingOf(read, alike?.head ?? -1, hasOpen(false) ? openCount : 0);
  }

  #nothingOf(read: number, group: number, openCount: number): Answer {
    const { applied } = this.#operation(read);
    if (applied === null) {
      // The state of the server is unknown: the key may have its initial value, or be deleted.
      const known = this.#possible(this.#deletions(read), read);
      const latest = known[0]?.version ?? 'first';
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

  /** Without those that began too late. */
  #possible(deletions: readonly Deletion[], read: number): readonly Deletion[] {
    const isPossible = ({ op }: Deletion): boolean => op < 0 || !this.writes.isTooLate(op, read);
    return deletions.every(isPossible) ? deletions : deletions.filter(isPossible);
  }

  #latestApplied(read: number): Deletion | undefined {
    const { applied } = this.#operation(read);
    if (applied === null) return undefined;
    const deletions = this.#deletions(read);
    // Skips by binary search the deletions with greater timestamps than any that the server had
    // applied.
    const greatest = Math.max(0, ...applied.map(([, , upTo]) => upTo));
    let [low, high] = [0, deletions.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((deletions[middle] as Deletion).version[0] > greatest) low = middle + 1;
      else high = middle;
    }
    for (let index = low; index < deletions.length; index += 1) {
      const { op, version } = deletions[index] as Deletion;
      const isPossible = op < 0 || !this.writes.isTooLate(op, read);
      if (isPossible && isCovered(applied, version)) return deletions[index];
    }
    return undefined;
  }
}

// All fields are written out: object spread dominated the run time of this check.

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

// For the invariants: every entry that any log of a group has held. An entry is named by its epoch
// and index, and names all entries before it, so that the logs of a group are a tree (S3).
import { assert } from '../../kernel/errors.ts';
import type { Entry } from './entry.ts';
import type { EpochStart, GroupLog } from './log.ts';
import type { Reply } from './operations.ts';
import type { GroupId } from './placement.ts';
import { packEntry } from './wire.ts';

export interface TreeEntry {
  readonly index: number;
  readonly entry: Entry;
  /** The epoch of the entry before it; 0 for the first. */
  readonly before: number;
  /** That of the first server that has applied it, if it is a request. */
  reply: Reply | undefined;
}

export class EntryTree {
  readonly #byGroup = new Map<GroupId, Map<number, Map<number, TreeEntry>>>();

  /** S3: logs that have an entry of the same epoch at the same index are equal up to there. */
  learn(group: GroupId, index: number, entry: Entry, before: number): TreeEntry {
    const { epoch } = entry;
    const byIndex = this.#byIndex(group, epoch);
    const known = byIndex.get(index);
    if (known === undefined) {
      const first: TreeEntry = { index, entry, before, reply: undefined };
      byIndex.set(index, first);
      return first;
    }
    const isSame =
      known.before === before && (known.entry === entry || textOf(known.entry) === textOf(entry));
    assert(isSame, () => `S3: group ${group} has two entries ${index} of epoch ${epoch}`);
    return known;
  }

  find(group: GroupId, epoch: number, index: number): TreeEntry {
    const found = this.#byIndex(group, epoch).get(index);
    assert(found !== undefined, () => `S3: group ${group} has no entry ${index} of epoch ${epoch}`);
    return found;
  }

  #byIndex(group: GroupId, epoch: number): Map<number, TreeEntry> {
    const byEpoch = this.#byGroup.get(group) ?? new Map<number, Map<number, TreeEntry>>();
    this.#byGroup.set(group, byEpoch);
    const byIndex = byEpoch.get(epoch) ?? new Map<number, TreeEntry>();
    byEpoch.set(epoch, byIndex);
    return byIndex;
  }
}

function textOf(entry: Entry): string {
  return JSON.stringify(packEntry(entry));
}

/** The epoch of the entry at that index; 0 before the first. */
export function epochAt(history: readonly EpochStart[], index: number): number {
  let epoch = 0;
  for (const [next, first] of history) {
    if (first > index) break;
    epoch = next;
  }
  return epoch;
}

/** Whether a log has that entry, and with it all before it. */
export function has(
  { extent: { history, last } }: Pick<GroupLog, 'extent'>,
  epoch: number,
  index: number,
) {
  return index === 0 || (index <= last && epochAt(history, index) === epoch);
}

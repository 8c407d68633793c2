// What a new run makes of the disks of an earlier one: which configuration was the last that can
// matter, and who has everything that was acknowledged in it.
//
// A chain can only have acknowledged in a configuration that all its members had on their disks. So
// when every disk has spoken, the latest configuration on any of them is the last that did, and
// any member of a chain in it has what the chain acknowledged, unless its disk has lost something
// since. A damaged last record looks like a torn tail, and a folder that was copied back from an
// earlier time like the folder. So of the members only those go on whose disks have the latest
// configuration that any of theirs has and, of these, the longest log: the configuration first,
// because an old copy may be longer by what was on its way then. The others join again behind them.
import type { NodeId } from '../../kernel/ids.ts';
import { Ring, tokenOfServer } from '../../replication/ring.ts';
import type { Configuration } from './configuration.ts';
import type { DiskReport } from './diskReport.ts';

/** Null for a disk that had nothing. */
export type DiskReports = ReadonlyMap<NodeId, DiskReport | null>;

export interface RecoveredRun {
  readonly configuration: Configuration;
  /**
   * By the owner of each arc: those who were in its chain last and surely have all of it. Nobody
   * where somebody knows more to be acknowledged than any of them has.
   */
  readonly holdersByOwner: ReadonlyMap<NodeId, NodeId[]>;
  /** Those who lack what a chain is known to have acknowledged when they were in it. */
  readonly incomplete: readonly NodeId[];
}

/**
 * Those who have to speak before anything is known: all that were there in earlier runs, and the
 * ring of the latest configuration that is known so far.
 */
export function listAwaited(disks: DiskReports, earlier: readonly NodeId[]): NodeId[] {
  const owners = newestFirst(disks)[0]?.configuration.chains.map(({ owner }) => owner) ?? [];
  return [...new Set([...earlier, ...owners])].filter((id) => !disks.has(id));
}

/** Undefined if no disk remembers a configuration: then nothing was ever acknowledged. */
export function remember(disks: DiskReports): RecoveredRun | undefined {
  const known = newestFirst(disks);
  const configuration = known[0]?.configuration;
  if (configuration === undefined) return undefined;
  const incomplete = new Set<NodeId>();
  const holdersByOwner = new Map<NodeId, NodeId[]>();
  for (const { owner, members: alive, holders: former } of configuration.chains) {
    const members = alive.length > 0 ? alive : former;
    const acked = Math.max(...known.map((disk) => endOf(disk, owner)?.committed ?? 0));
    const ends = new Map(members.map((id) => [id, endOf(disks.get(id), owner)]));
    const there = members.filter((id) => ends.get(id) !== undefined);
    const newest = Math.max(...there.map((id) => epochOf(disks.get(id))));
    const current = there.filter((id) => epochOf(disks.get(id)) === newest);
    const longest = Math.max(...current.map((id) => ends.get(id)?.last ?? 0));
    const holders = current.filter((id) => ends.get(id)?.last === longest);
    holdersByOwner.set(owner, longest < acked ? [] : holders);
    const lacking = members.filter((id) => (ends.get(id)?.last ?? -1) < acked);
    for (const id of lacking) incomplete.add(id);
  }
  return { configuration, holdersByOwner, incomplete: [...incomplete].sort((a, b) => a - b) };
}

function epochOf(disk: DiskReport | null | undefined): number {
  return disk?.configuration.epoch ?? 0;
}

function newestFirst(disks: DiskReports): DiskReport[] {
  const known = [...disks.values()].filter((disk) => disk !== null);
  return known.sort((a, b) => b.configuration.epoch - a.configuration.epoch);
}

/** Where a disk's log of the arc ends, or of the larger arc that this one was cut out of since. */
export function endOf(
  disk: DiskReport | null | undefined,
  owner: NodeId,
): DiskReport['logs'][number] | undefined {
  if (disk == null) return undefined;
  const ring = new Ring(disk.configuration.chains.map((chain) => chain.owner));
  const former = ring.ownerAt(tokenOfServer(owner));
  return disk.logs.find((log) => log.owner === former);
}

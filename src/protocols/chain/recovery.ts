// Recovery of a new run from the disks of an earlier one: which configuration was the last in which
// a chain can have acknowledged, and which servers have everything that was acknowledged.
//
// A chain acknowledges only in a configuration that all its members have on their disks. So when
// all disks are reported, the latest configuration on any of them is the last in which a chain can
// have acknowledged. Each member of a chain in it has what the chain acknowledged, unless its disk
// has lost something since. Which member has more than that is a matter of chance: the disks of a
// chain take a write at the same time. Such a loss cannot be seen on the disk alone: a damaged last
// record looks like a torn tail, and an old copy of a folder looks like the folder. Therefore only
// these members serve: those whose disks have the latest configuration among the members, and of
// these the ones with the longest log. The configuration is compared first, because an old copy may
// have a longer log, with writes that were pending then. The other members join again after them.
import type { NodeId } from '../../kernel/ids.ts';
import { Ring, tokenOfServer } from '../../replication/ring.ts';
import type { Configuration } from './configuration.ts';
import type { DiskReport } from './diskReport.ts';

/** By server; null for an empty disk. */
export type DiskReports = ReadonlyMap<NodeId, DiskReport | null>;

export interface RecoveredRun {
  readonly configuration: Configuration;
  /**
   * By the owner of each arc: the last members of its chain that certainly have all of it. None if
   * some disk knows of more acknowledged writes than any of them has.
   */
  readonly holdersByOwner: ReadonlyMap<NodeId, NodeId[]>;
  /** The servers that lack what a chain acknowledged while they were members of it. */
  readonly incomplete: readonly NodeId[];
}

/**
 * The servers whose reports are still missing: of all servers of earlier runs, and of the ring of
 * the latest configuration that is reported so far.
 */
export function listAwaited(disks: DiskReports, earlier: readonly NodeId[]): NodeId[] {
  const owners = newestFirst(disks)[0]?.configuration.chains.map(({ owner }) => owner) ?? [];
  return [...new Set([...earlier, ...owners])].filter((id) => !disks.has(id));
}

/** Undefined if no disk has a configuration: then nothing was ever acknowledged. */
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

/** The end of a disk's log of the arc, or of the larger arc from which it was split since. */
export function endOf(
  disk: DiskReport | null | undefined,
  owner: NodeId,
): DiskReport['logs'][number] | undefined {
  if (disk == null) return undefined;
  const ring = new Ring(disk.configuration.chains.map((chain) => chain.owner));
  const former = ring.ownerAt(tokenOfServer(owner));
  return disk.logs.find((log) => log.owner === former);
}

// Recovery of a new run from the disks of an earlier one: which configuration was the last, and
// which server of each group has all that the group has acknowledged. Pure.
//
// A secondary takes entries only when its disk has the configuration by which they were made. So
// the latest configuration on any disk is the last by which a group can have acknowledged, if one
// disk of each group is left. Every server that serves in it has what its group has acknowledged
// with sync=all; the one with the longest log serves first, and the others join it.
import type { NodeId } from '../../kernel/ids.ts';
import { type Configuration, type Group, groupOf } from './configuration.ts';
import type { DiskReport } from './messages.ts';
import type { GroupId } from './placement.ts';

export interface RecoveredGroup {
  readonly group: Group;
  readonly holders: readonly NodeId[];
  /** The server that serves first; undefined if no disk has all. */
  readonly best: NodeId | undefined;
}

export interface RecoveredRun extends Pick<Configuration, 'number' | 'partition' | 'owners'> {
  readonly groups: readonly RecoveredGroup[];
  /** The groups of which no disk has all that was acknowledged. */
  readonly refused: readonly GroupId[];
  /** No disk knows of a group with a greater number. */
  readonly lastGroup: GroupId;
}

/** By server; null for an empty disk. Undefined if no disk has a configuration. */
export function resumeFrom(
  disks: ReadonlyMap<NodeId, DiskReport | null>,
): RecoveredRun | undefined {
  const reports = [...disks].flatMap(([id, disk]) => (disk === null ? [] : [{ id, disk }]));
  const [latest] = reports.sort(
    (a, b) => b.disk.configuration.number - a.disk.configuration.number,
  );
  if (latest === undefined) return undefined;
  const { configuration } = latest.disk;
  const { number, partition, owners } = configuration;
  // A group that has just joined owns nothing before the switch: its move is undone.
  const isOwner = ({ id }: Group): boolean => owners.includes(id) || configuration.move === null;
  const groups = configuration.groups.filter(isOwner).map((group): RecoveredGroup => {
    const served = group.serving.length > 0 ? group.serving.map(([id]) => id) : group.holders;
    const own = reports.filter(({ disk }) => disk.group === group.id);
    const acked = Math.max(0, ...own.map(({ id, disk }) => ackedBy(id, disk, group)));
    const [best] = own
      .filter(({ id, disk }) => served.includes(id) && disk.last >= acked)
      .sort(
        (a, b) => b.disk.lastEpoch - a.disk.lastEpoch || b.disk.last - a.disk.last || a.id - b.id,
      );
    return { group, holders: served, best: best?.id };
  });
  const refused = groups.flatMap(({ group, best }) => (best === undefined ? [group.id] : []));
  const known = reports.flatMap(({ disk }) => [
    disk.group ?? 0,
    ...disk.configuration.groups.map(({ id }) => id),
  ]);
  return { number, partition, owners, groups, refused, lastGroup: Math.max(0, ...known) };
}

/**
 * Up to where the disk of a server knows the log of that epoch's primary. What it has applied in an
 * earlier epoch counts only if it served in this one too: the primary of an epoch has all that its
 * servers have, but a server that came back later may have more.
 */
function ackedBy(id: NodeId, { configuration, lastEpoch, applied }: DiskReport, of: Group): number {
  const own = groupOf(configuration, of.id);
  if (own?.epoch !== of.epoch) return 0;
  const hasServed = own.primary !== null && own.serving.some(([server]) => server === id);
  return hasServed || lastEpoch === of.epoch ? applied : 0;
}

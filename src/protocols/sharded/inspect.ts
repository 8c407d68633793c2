// What `inspect` shows of a server.
import { toVersionTuple } from '../../clocks/version.ts';
import type { InspectedGroup, Inspection } from '../../kernel/inspection.ts';
import { type Configuration, serversOf } from './configuration.ts';
import type { ShardedState } from './state.ts';

export function inspect(state: ShardedState): Inspection {
  const { number, configuration, position, log, clock } = state;
  const store = [...(log?.shards.entriesOf((slot) => state.isOwned(slot)) ?? [])]
    .map(([key, { value, version }]) => ({ key, value, version: toVersionTuple(version) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const role = position === undefined ? 'none' : position.isPrimary ? 'primary' : 'secondary';
  return {
    configuration: number,
    group: log?.group ?? null,
    role,
    epoch: position?.epoch ?? 0,
    clock: clock.time,
    log: { last: log?.last ?? 0, applied: log?.applied ?? 0 },
    groups: configuration === undefined ? [] : groupsOf(configuration),
    shards: configuration?.owners.filter((owner) => owner === log?.group).length ?? 0,
    store,
  };
}

export function groupsOf({ groups }: Configuration): InspectedGroup[] {
  return groups.map((group) => {
    const secondaries = serversOf(group).filter((id) => id !== group.primary);
    return { group: group.id, primary: group.primary, secondaries };
  });
}

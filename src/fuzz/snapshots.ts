// The state of all servers at one moment, read directly from the simulation.
import * as v from 'valibot';
import { SERVER_CONTROL } from '../kernel/control.ts';
import { type StoreSnapshot, toSnapshot } from '../kernel/snapshot.ts';
import type { SimCluster } from '../sim/world.ts';

/** All live servers, sorted by id. */
export function takeSnapshots(cluster: SimCluster): StoreSnapshot[] {
  const servers = cluster.living().filter(({ role }) => role === 'server');
  const snapshots = servers.map(({ life }): StoreSnapshot => {
    const answer = cluster.look(life.id, 'snapshot', { withStore: true });
    return toSnapshot(life, v.parse(SERVER_CONTROL.snapshot.result, answer));
  });
  return snapshots.sort((a, b) => a.server.id - b.server.id);
}

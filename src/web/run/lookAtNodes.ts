// The states of a simulated run's servers and service, without an event: a look changes nothing.
import type { Inspection } from '../../kernel/inspection.ts';
import type { SimCluster } from '../../sim/simCluster.ts';
import type { Look, ServerLook } from '../view.ts';

export type States = Omit<Look, 'cursor'>;

/** Those of all live servers, by id. They are read before this returns. */
export async function lookAtNodes(cluster: SimCluster): Promise<States> {
  const servers = cluster
    .living()
    .filter(({ role }) => role === 'server')
    .map(({ life: { id } }): ServerLook => {
      const { state } = cluster.look(id, 'inspect', {}) as { state: Inspection };
      return { id, state };
    })
    .sort((a, b) => a.id - b.id);
  return { servers, service: (await cluster.service.look()) as Inspection | null };
}

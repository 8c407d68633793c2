// Which server has which role for a key, as the servers' own `inspect` has it. No store is known by
// its name here, so that a new one needs no change.
import type { ServerState } from '../src/kernel/engine.ts';
import type { NodeId } from '../src/kernel/ids.ts';
import type { InspectedChain, Inspection } from '../src/kernel/inspection.ts';
import { Ring, tokenOfKey } from '../src/replication/ring.ts';

/** The role of servers that all do the same. */
const ANY = 'any server';

/** In this order, after them all others. */
const ORDER: readonly string[] = ['leader', 'primary', 'head', 'middle', 'tail'];

/**
 * One server for each role. A chain has a head, a middle and a tail; otherwise a server has the
 * role that it names, or is a follower of the leader that it names, or is like all others.
 */
export function rolesOf(servers: readonly ServerState[], key: string): Map<string, NodeId> {
  const roles = new Map<string, NodeId>();
  for (const { id, state } of servers) {
    const role = state === null ? undefined : roleIn(state, id, key);
    if (role !== undefined && !roles.has(role)) roles.set(role, id);
  }
  const [first] = servers;
  if (roles.size === 0 && first !== undefined) roles.set(ANY, first.id);
  return new Map([...roles].sort(([a], [b]) => rank(a) - rank(b)));
}

function roleIn(state: Inspection, id: NodeId, key: string): string | undefined {
  const { role, leader, chains, ring = [] } = state;
  if (chains !== undefined) {
    const arc = new Ring(ring.map(({ server }) => server)).ownerAt(tokenOfKey(key));
    return positionIn(
      chains.find((chain) => chain.arc === arc),
      id,
    );
  }
  if (typeof role === 'string') return role;
  if (typeof leader !== 'number') return undefined;
  return leader === id ? 'leader' : 'follower';
}

function positionIn(chain: InspectedChain | undefined, id: NodeId): string | undefined {
  const at = chain?.members.indexOf(id) ?? -1;
  if (chain === undefined || at < 0) return undefined;
  if (at === 0) return 'head';
  return at === chain.members.length - 1 ? 'tail' : 'middle';
}

function rank(role: string): number {
  const at = ORDER.indexOf(role);
  return at < 0 ? ORDER.length : at;
}

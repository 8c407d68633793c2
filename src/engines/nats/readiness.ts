// What to do until a server of the cluster is ready, and its changes are known. Synchronous.
import type { NodeId } from '../../kernel/ids.ts';
import type { Status } from './status.ts';

/** A stream has five replicas at most (docs.nats.io, "JetStream clustering"). */
export const MOST_REPLICAS = 5;

export interface Sight {
  /** The server that has to be ready. */
  readonly server: NodeId;
  /** The members of the cluster, running or not; none before it has begun. */
  readonly voters: readonly NodeId[];
  /** The server and all that run and that it reaches, over other servers too. */
  readonly reached: readonly NodeId[];
  /** The statuses of those that answer. */
  readonly statuses: ReadonlyMap<NodeId, Status>;
  /** Whether that server's own replica answers direct reads. */
  isServing(server: NodeId): boolean;
  /** Whether two servers have a link that works both ways. */
  areLinked(a: NodeId, b: NodeId): boolean;
}

export type NextStep =
  /** It cannot be ready without one of these; none are missing if it is ready. */
  | { readonly kind: 'end'; readonly awaited: NodeId[] }
  /** The bucket has to be made, or to get more replicas. */
  | { readonly kind: 'create' | 'grow'; readonly replicas: number }
  | { readonly kind: 'wait' };

const READY: NextStep = { kind: 'end', awaited: [] };
const WAIT: NextStep = { kind: 'wait' };

export function nextStep(sight: Sight): NextStep {
  const { server, voters, reached, statuses } = sight;
  // NATS has no cluster of one: the first server waits for a second one.
  if (isAlone(sight)) return READY;
  if (voters.length > 0 && !hasMajority(sight)) {
    return { kind: 'end', awaited: voters.filter((id) => !reached.includes(id)) };
  }
  const meta = metaLeaderOf(sight);
  const members = meta === undefined ? [] : (statuses.get(meta)?.members ?? []);
  if (!members.includes(server)) return WAIT;
  const existing = [...statuses.values()].flatMap(({ bucket }) => bucket ?? []);
  const most = Math.max(0, ...existing.map((bucket) => bucket.replicas));
  // No replica is placed at a server that is down, but it keeps the one that it has.
  const able = reached.filter((id) => members.includes(id));
  const holders = new Set([...able, ...existing.flatMap((bucket) => bucket.holders)]);
  const replicas = Math.min(holders.size, MOST_REPLICAS);
  if (most === 0) return { kind: 'create', replicas };
  if (most < replicas) return { kind: 'grow', replicas };
  return isEquallyFar(sight) ? READY : WAIT;
}

/** Whether this server has no cluster, and meets no server to begin one with. */
export function isAlone({ voters, reached }: Sight): boolean {
  return voters.length === 0 && reached.length < 2;
}

/** Whether the cluster, as this server sees it, can take another server. */
export function canGrow(sight: Sight): boolean {
  return hasMajority(sight) && metaLeaderOf(sight) !== undefined;
}

function hasMajority({ voters, reached }: Sight): boolean {
  return voters.filter((id) => reached.includes(id)).length > voters.length / 2;
}

/** The server that leads the cluster, and takes itself for it, if this server reaches it. */
export function metaLeaderOf({ reached, statuses }: Sight): NodeId | undefined {
  return reached.find((id) => statuses.get(id)?.metaLeader === id);
}

/** Whether this server has a leader, and all that the leader reaches are as far as it is. */
function isEquallyFar({ server, reached, statuses, isServing, areLinked }: Sight): boolean {
  const own = statuses.get(server)?.bucket;
  const leader = own?.leader;
  if (own === undefined || leader === undefined || !reached.includes(leader)) return false;
  // A server that reaches the leader only over others gets nothing from it.
  const followers = reached.filter((id) => id === leader || areLinked(id, leader));
  if (!followers.includes(server)) return true;
  return followers.every((id) => {
    const seen = statuses.get(id)?.bucket;
    const isEqual = seen?.sequence === own.sequence && seen.replicas === own.replicas;
    return isEqual && seen.leader === leader && isServing(id);
  });
}

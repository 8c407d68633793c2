// What to do until a server of the cluster is ready, and its changes are known. Synchronous.
import type { NodeId } from '../../kernel/ids.ts';
import type { Status } from './gateway.ts';

export interface Sight {
  /** The server that has to be ready. */
  readonly server: NodeId;
  /** The servers that vote, running or not. */
  readonly voters: readonly NodeId[];
  /** The server and all that run and that it reaches, over other servers too. */
  readonly reached: readonly NodeId[];
  /** The statuses of those that answer. */
  readonly statuses: ReadonlyMap<NodeId, Status>;
  /** The server with this id of a member. */
  serverOf(member: string): NodeId | undefined;
  /** Whether two servers have a link that works both ways. */
  areLinked(a: NodeId, b: NodeId): boolean;
}

export type NextStep =
  /** It cannot be ready without one of these; none are missing if it is ready. */
  | { readonly kind: 'end'; readonly awaited: NodeId[] }
  /** The leader has to make the server a member that votes. */
  | { readonly kind: 'promote'; readonly leader: NodeId }
  | { readonly kind: 'wait' };

const READY: NextStep = { kind: 'end', awaited: [] };
const WAIT: NextStep = { kind: 'wait' };

export function isMajority(some: readonly NodeId[], voters: readonly NodeId[]): boolean {
  return some.length > voters.length / 2;
}

export function nextStep(sight: Sight): NextStep {
  const { server, voters, reached, statuses, serverOf, areLinked } = sight;
  const votes = voters.filter((id) => reached.includes(id));
  if (!isMajority(votes, voters)) {
    return { kind: 'end', awaited: voters.filter((id) => !reached.includes(id)) };
  }
  const own = statuses.get(server);
  const leader = own?.leader === undefined ? undefined : serverOf(own.leader);
  if (own === undefined || leader === undefined || !reached.includes(leader)) return WAIT;
  if (!voters.includes(server)) return { kind: 'promote', leader };
  // A server that reaches the leader only over others gets nothing from it.
  const followers = reached.filter((id) => id === leader || areLinked(id, leader));
  if (!followers.includes(server)) return READY;
  const seen = followers.map((id) => statuses.get(id));
  const isKnown = seen.every(
    (status) => status?.revision === own.revision && status.leader === own.leader,
  );
  return isKnown ? READY : WAIT;
}

// The answer to `inspect`: the state of a chain server, for people.
import { toVersionTuple } from '../../clocks/version.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import { tokenOfServer } from '../../replication/ring.ts';
import type { ChainState, Position } from './state.ts';

export function inspect(state: ChainState): Inspection {
  const { epoch, arcs, clock } = state;
  const ring = arcs.map((owner) => ({ server: owner, token: tokenOfServer(owner).slice(0, 8) }));
  const store = [...state.logs.values()].flatMap((log) =>
    Array.from(log.entries(), ({ key, value, version }) => {
      return { key, value, version: toVersionTuple(version) };
    }),
  );
  store.sort((a, b) => (a.key < b.key ? -1 : 1));
  const chains = Array.from(state.positions(), (position) => ({
    arc: position.owner,
    members: [...position.chain.members],
    joiner: position.chain.joiner,
    role: roleIn(position),
    log: position.log.last,
    acknowledged: position.log.committed,
    unacknowledged: position.log.pending.length,
  }));
  return { epoch, clock: clock.time, ring, chains, store };
}

function roleIn({ predecessor, isTail, isJoiner }: Position): string {
  if (isJoiner) return 'joiner';
  if (predecessor === undefined) return isTail ? 'head and tail' : 'head';
  return isTail ? 'tail' : 'middle';
}

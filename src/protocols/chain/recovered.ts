// Which writes on a disk have taken effect. Of the latest writes a disk knows only that they came
// down the chain. That the chain has acknowledged them, a server records with the next write, and
// the tail soon after.
import { toVersionTuple } from '../../clocks/version.ts';
import type { RecoveredWrite } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Entry } from './log.ts';
import type { ChainState } from './state.ts';

/** The writes on the disk. To be called before this life adopts a configuration. */
export function* recoveredWrites(state: ChainState): Generator<RecoveredWrite> {
  for (const [owner, log] of state.logs) {
    const upTo = isChain(state, owner) ? log.last : log.committed;
    const latest = new Map(Array.from(log.entries(), (entry) => [entry.key, entry]));
    const open: Entry[] = [];
    for (const entry of log.pending) {
      if (entry.isNoop) continue;
      if (entry.version.timestamp <= upTo) latest.set(entry.key, entry);
      else open.push(entry);
    }
    for (const entry of latest.values()) yield toWrite(entry, 'ok');
    for (const entry of open) yield toWrite(entry, 'unknown');
  }
}

/**
 * Whether this server was the whole chain in the latest configuration on its disk: then all that
 * its disk has has taken effect. With other members, or with a joiner, for which acknowledgements
 * may have waited, another disk may lack some of it.
 */
function isChain({ configuration, self }: ChainState, owner: NodeId): boolean {
  const chain = configuration?.chains.find((one) => one.owner === owner);
  if (chain === undefined || chain.joiner !== null) return false;
  return chain.members.length === 1 && chain.members[0] === self.id;
}

function toWrite({ key, value, version }: Entry, outcome: 'ok' | 'unknown'): RecoveredWrite {
  return { key, value, version: toVersionTuple(version), outcome };
}

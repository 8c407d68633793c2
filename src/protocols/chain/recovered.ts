// Which writes on a disk have taken effect. A disk knows of the latest ones only that they came
// down the chain: that all members have them was known to the tail, and is told with the next one.
import { toVersionTuple } from '../../clocks/version.ts';
import type { RecoveredWrite } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ArcLog, Entry } from './log.ts';
import type { ChainState } from './state.ts';

/** What the disk has, asked before this life has heard of any configuration. */
export function* recoveredWrites(state: ChainState): Generator<RecoveredWrite> {
  for (const [owner, log] of state.logs) {
    const upTo = endsChain(state, owner, log) ? log.last : log.committed;
    const latest = new Map(Array.from(log.entries(), (entry) => [entry.key, entry]));
    const open: Entry[] = [];
    for (const entry of log.pending) {
      if (entry.version.timestamp <= upTo) latest.set(entry.key, entry);
      else open.push(entry);
    }
    for (const entry of latest.values()) yield toWrite(entry, 'ok');
    for (const entry of open) yield toWrite(entry, 'unknown');
  }
}

/**
 * Whether all that this log has was held by every member of its chain (H2): this server was the
 * last of them in the latest configuration that its disk has. Not with a joiner, for which
 * acknowledgements may have waited; nor before the log was in sync in that configuration, because
 * what it had before may be gone then.
 */
function endsChain({ configuration, self }: ChainState, owner: NodeId, log: ArcLog): boolean {
  const chain = configuration?.chains.find((one) => one.owner === owner);
  if (chain === undefined || chain.joiner !== null) return false;
  const { members } = chain;
  return members.at(-1) === self.id && (members.length === 1 || log.wasSynced);
}

function toWrite({ key, value, version }: Entry, outcome: 'ok' | 'unknown'): RecoveredWrite {
  return { key, value, version: toVersionTuple(version), outcome };
}

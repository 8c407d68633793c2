// Which writes on a disk have taken effect. Of the latest writes a disk knows only that they came
// down the chain: a server learns with the next write that all members have the one before.
import { toVersionTuple } from '../../clocks/version.ts';
import type { RecoveredWrite } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ArcLog, Entry } from './log.ts';
import type { ChainState } from './state.ts';

/** The writes on the disk. To be called before this life adopts a configuration. */
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
 * Whether every member of the chain had all that this log has (H2). So it is if this server was the
 * tail in the latest configuration on its disk, with two exceptions. With a joiner,
 * acknowledgements may have waited for that. And before the log was in sync in that configuration,
 * it may hold writes that were never acknowledged and are gone elsewhere.
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

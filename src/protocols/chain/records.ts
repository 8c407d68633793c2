// The records that a chain server keeps on its disk. Restoring them in their order gives the same
// logs of arcs.
import * as v from 'valibot';
import { nodeIdSchema } from '../../kernel/control.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import { countSchema } from '../../kernel/messages.ts';
import { createRecordReader } from '../../kernel/records.ts';
import { Ring } from '../../replication/ring.ts';
import { type Configuration, configurationSchema } from './configuration.ts';
import type { ArcLog, Catchup, Entry } from './log.ts';
import { appliedSchema, entriesSchema } from './messages.ts';
import type { ChainState } from './state.ts';
import { packApplied, packEntry, unpackApplied, unpackEntry } from './wire.ts';

const installedSchema = v.strictObject({
  base: countSchema,
  upTo: countSchema,
  end: countSchema,
  entries: entriesSchema,
  applied: appliedSchema,
  pending: entriesSchema,
});

const SHAPES = {
  /** The server adopted a configuration. */
  configuration: v.strictTuple([v.picklist(['configuration']), configurationSchema]),
  /** These writes were added to a log; the last number is its `committed` at that time. */
  push: v.strictTuple([v.picklist(['push']), nodeIdSchema, entriesSchema, countSchema]),
  /** A log became equal to its predecessor's; or, in a compaction, the whole log. */
  install: v.strictTuple([v.picklist(['install']), nodeIdSchema, installedSchema]),
  /** Everything in a log up to that timestamp is acknowledged. */
  committed: v.strictTuple([v.picklist(['committed']), nodeIdSchema, countSchema]),
};

type Kind = keyof typeof SHAPES;
export type ChainRecord = { readonly [K in Kind]: v.InferOutput<(typeof SHAPES)[K]> }[Kind];
type Installed = v.InferOutput<typeof installedSchema>;

/** Throws an Error on a malformed record. */
const readRecord = createRecordReader('chain', SHAPES, (input) =>
  Array.isArray(input) ? input[0] : undefined,
);

/** Restores a record into the state of the next life. Throws an Error on an inconsistent record. */
export function restoreRecord(state: ChainState, input: Json): void {
  const record = readRecord(input);
  if (record[0] === 'configuration') {
    restoreConfiguration(state, record[1]);
    return;
  }
  const log = logOf(state, record[1]);
  if (record[0] === 'install') restoreInstalled(state, log, record[2]);
  else if (record[0] === 'committed') log.commit(Math.min(record[2], log.last));
  else restorePushed(state, log, record[2].map(unpackEntry), record[3]);
}

function restoreConfiguration(state: ChainState, configuration: Configuration): void {
  const { epoch, chains } = configuration;
  demand(epoch > state.epoch, `configuration ${epoch} after ${state.epoch}`);
  const owners = chains.map(({ owner }) => owner);
  demand(owners.length > 0, 'a configuration without chains');
  const isRing = String(owners) === String(new Ring(new Set(owners)).ids);
  demand(isRing, 'a configuration whose chains make no ring');
  state.restore(configuration);
}

function logOf(state: ChainState, owner: NodeId): ArcLog {
  const isThere = state.configuration?.chains.some((chain) => chain.owner === owner);
  demand(isThere === true, `there is no arc of ${owner}`);
  return state.openLog(owner);
}

function restoreInstalled(state: ChainState, log: ArcLog, installed: Installed): void {
  // All up to `base` was committed when this was installed, although no earlier record says so.
  log.commit(Math.min(installed.base, log.last));
  demand(installed.base <= log.committed, 'a catch-up that does not begin where its log ends');
  const catchup = unpackInstalled(installed);
  assertAscending(catchup.pending, catchup.upTo);
  state.install(log, catchup);
  log.keep(log.generation, log.last);
}

function restorePushed(
  state: ChainState,
  log: ArcLog,
  entries: readonly Entry[],
  committed: number,
): void {
  assertAscending(entries, log.last);
  for (const entry of entries) {
    state.clock.witness(entry.version.timestamp);
    log.push(entry);
  }
  log.keep(log.generation, log.last);
  log.commit(Math.min(committed, log.last));
}

function assertAscending(entries: readonly Entry[], from: number): void {
  let last = from;
  for (const { version } of entries) {
    demand(version.timestamp > last, `a write of time ${version.timestamp} after time ${last}`);
    last = version.timestamp;
  }
}

/** Throws an Error: an inconsistent record is damage of the disk, not a bug. */
function demand(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Error(why);
}

/** For the invariants: the writes in one record. `store` has the committed ones of an `install`. */
export function writesIn(input: Json): { store: Entry[]; others: Entry[] } {
  const record = readRecord(input);
  if (record[0] === 'configuration' || record[0] === 'committed') return { store: [], others: [] };
  if (record[0] === 'push') return { store: [], others: record[2].map(unpackEntry) };
  const { entries, pending } = record[2];
  return { store: entries.map(unpackEntry), others: pending.map(unpackEntry) };
}

/** Records that restore the whole state, pending writes that are not durable yet included. */
export function wholeState(state: ChainState): ChainRecord[] {
  const { configuration } = state;
  if (configuration === undefined) return [];
  const logs = Array.from(state.logs, ([owner, log]): ChainRecord => {
    const catchup = { ...log.catchupFrom(0), end: log.last, pending: log.pending };
    return ['install', owner, packInstalled(catchup)];
  });
  return [['configuration', configuration], ...logs];
}

export function packInstalled({ base, upTo, end, entries, applied, pending }: Catchup): Installed {
  return {
    base,
    upTo,
    end,
    entries: entries.map(packEntry),
    applied: applied.map(packApplied),
    pending: pending.map(packEntry),
  };
}

function unpackInstalled({ base, upTo, end, entries, applied, pending }: Installed): Catchup {
  return {
    base,
    upTo,
    end,
    entries: entries.map(unpackEntry),
    applied: applied.map(unpackApplied),
    pending: pending.map(unpackEntry),
  };
}

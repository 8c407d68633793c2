// The records that a server keeps on its disk. Restoring them in their order gives the same log.
import * as v from 'valibot';
import { toVersionTuple } from '../../clocks/version.ts';
import type { RecoveredWrite } from '../../kernel/history.ts';
import type { Json } from '../../kernel/json.ts';
import { countSchema, isCount } from '../../kernel/messages.ts';
import { createRecordReader } from '../../kernel/records.ts';
import { cutParts } from '../../replication/parts.ts';
import { configurationSchema } from './configuration.ts';
import type { Kept, Piece } from './entry.ts';
import type { EpochStart, GroupLog, Snapshot } from './log.ts';
import type { GroupId } from './placement.ts';
import { Shards } from './shards.ts';
import type { ShardedState } from './state.ts';
import {
  entriesSchema,
  packEntry,
  packPiece,
  piecesSchema,
  sizeOf,
  sizeOfPiece,
  unpackEntry,
  unpackPiece,
} from './wire.ts';

const pairs = v.custom<readonly (readonly [number, number])[]>(
  (x) =>
    Array.isArray(x) &&
    x.every((one) => Array.isArray(one) && one.length === 2 && one.every(isCount)),
  'not a list of pairs',
);

const SHAPES = {
  /** The server adopted a configuration; then the group whose log it keeps, or null. */
  configuration: v.strictTuple([
    v.picklist(['configuration']),
    configurationSchema,
    v.nullable(countSchema),
  ]),
  /** These entries follow on `base`, which replaces what came after it; then `applied`. */
  entries: v.strictTuple([v.picklist(['entries']), countSchema, entriesSchema, countSchema]),
  /** A part of the whole data: `upTo`, whether it is the last, history, received moves, pieces. */
  install: v.strictTuple([
    v.picklist(['install']),
    countSchema,
    v.boolean(),
    pairs,
    pairs,
    piecesSchema,
  ]),
};

type Kind = keyof typeof SHAPES;
export type ShardedRecord = { readonly [K in Kind]: v.InferOutput<(typeof SHAPES)[K]> }[Kind];

/** Throws an Error on a malformed record. */
const readRecord = createRecordReader('sharded', SHAPES, (input) =>
  Array.isArray(input) ? input[0] : undefined,
);

/** Restores the records of a disk, one after the other, into the state of the next life. */
export class Restoring {
  readonly #state: ShardedState;
  #pieces: Piece[] = [];

  constructor(state: ShardedState) {
    this.#state = state;
  }

  /** Throws an Error on an inconsistent record. */
  restore(input: Json): void {
    const record = readRecord(input);
    if (record[0] === 'configuration') {
      const [, configuration, group] = record;
      demand(configuration.number >= this.#state.number, 'an earlier configuration');
      this.#state.restore(configuration, group);
      return;
    }
    const { log } = this.#state;
    demand(log !== undefined, 'data of no group');
    if (record[0] === 'entries') this.#entries(log, record);
    else this.#install(log, record);
    log.keep(log.generation, log.last);
  }

  #entries(
    log: GroupLog,
    [, base, packed, applied]: ShardedRecord & readonly ['entries', ...unknown[]],
  ): void {
    const entries = packed.map(unpackEntry);
    demand(base <= log.last && base >= log.applied, `entries after ${base} at ${log.last}`);
    log.truncate(base);
    for (const entry of entries) {
      demand(entry.epoch >= log.lastEpoch, `an entry of epoch ${entry.epoch}`);
      this.#state.witness(entry);
      log.push(entry);
    }
    log.apply(applied);
  }

  #install(log: GroupLog, record: ShardedRecord & readonly ['install', ...unknown[]]): void {
    const [, upTo, isLast, history, received, packed] = record;
    this.#pieces.push(...packed.map(unpackPiece));
    if (!isLast) return;
    const snapshot = { upTo, history, received, pieces: this.#pieces };
    this.#pieces = [];
    this.#state.take(log, snapshot);
  }
}

function demand(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Error(why);
}

/** The records of a snapshot; it takes effect with the last of them. */
export function recordsOf({ upTo, history, received, pieces }: Snapshot): ShardedRecord[] {
  const parts = cutParts(pieces, sizeOfPiece);
  const all = parts.length > 0 ? parts : [[]];
  return all.map((part, index) => [
    'install',
    upTo,
    index === all.length - 1,
    history as EpochStart[],
    received as [GroupId, number][],
    part.map(packPiece),
  ]);
}

/** Records that restore the whole state, with the entries up to an index. */
export function wholeState(state: ShardedState, upTo: number): ShardedRecord[] {
  const { configuration, log } = state;
  if (configuration === undefined) return [];
  const head: ShardedRecord = ['configuration', configuration, log?.group ?? null];
  if (log === undefined) return [head];
  const { applied } = log;
  const pending = cutParts(log.pending.slice(0, Math.max(0, upTo - applied)), sizeOf);
  let base = applied;
  const entries = pending.map((part): ShardedRecord => {
    const record: ShardedRecord = ['entries', base, part.map(packEntry), applied];
    base += part.length;
    return record;
  });
  return [head, ...recordsOf(log.snapshot()), ...entries];
}

/** The value of each key or its deletion, and what entries on their way may still give it. */
export function* recoveredWrites({ log }: Pick<ShardedState, 'log'>): Generator<RecoveredWrite> {
  if (log === undefined) return;
  const shards = new Shards();
  shards.install(log.snapshot());
  for (const [key, kept] of shards.entries()) yield toWrite(key, kept, 'ok');
  for (const entry of log.pending) {
    if (entry.kind === 'drop') shards.drop(entry.slots);
    else if (entry.kind === 'install') {
      shards.install(entry);
      const values = entry.pieces.flatMap((piece) => piece.values);
      for (const [key, held] of values) yield toWrite(key, held, 'unknown');
    } else {
      const { outcome } = shards.apply(entry);
      const { slot, request, version } = entry;
      const value = shards.read(slot, request.key)?.value ?? null;
      if (outcome === 'done') yield toWrite(request.key, { value, version }, 'unknown');
    }
  }
}

function toWrite(
  key: string,
  { value, version }: Kept,
  outcome: RecoveredWrite['outcome'],
): RecoveredWrite {
  return { key, value, version: toVersionTuple(version), outcome };
}

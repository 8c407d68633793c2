// The records in the log of a quorum server, in the order in which they took effect. Restoring them
// in that order gives the same state.
import * as v from 'valibot';
import { compareVersions } from '../../clocks/version.ts';
import { nodeIdSchema } from '../../kernel/control.ts';
import { CallError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { countSchema } from '../../kernel/messages.ts';
import { createRecordReader } from '../../kernel/records.ts';
import { cutParts } from '../../replication/parts.ts';
import { ringSchema } from './ring.ts';
import type { QuorumState } from './state.ts';
import {
  isWireWrite,
  packWrite,
  sizeOf,
  unpackVersion,
  unpackWrite,
  versionsSchema,
  type WireWrite,
  writesSchema,
} from './write.ts';

const SHAPES = {
  /** The ring was fixed, or this server has heard of it. */
  ring: v.strictObject({
    kind: v.picklist(['ring']),
    ring: ringSchema,
    /** Whether this member has all that it should have. */
    isComplete: v.boolean(),
  }),
  /** Writes for this replica, of any origin. */
  writes: v.strictObject({
    kind: v.picklist(['writes']),
    writes: writesSchema,
    /** Copied from another replica's store, which has refused what had to be refused. */
    isCopy: v.boolean(),
  }),
  /** This server coordinates the write, and owes it to these servers until they confirm it. */
  made: v.strictObject({
    kind: v.picklist(['made']),
    write: v.custom<WireWrite>(isWireWrite, 'not a write'),
    owners: v.array(nodeIdSchema),
  }),
  /** All calls for that write have ended: these servers need it no more, the others are owed it. */
  settled: v.strictObject({
    kind: v.picklist(['settled']),
    versions: versionsSchema,
    owners: v.array(nodeIdSchema),
  }),
  /** Each write is owed to all of these servers. */
  hints: v.strictObject({
    kind: v.picklist(['hints']),
    owners: v.array(nodeIdSchema),
    writes: writesSchema,
  }),
  /** The owner needs these of its hints no more. */
  delivered: v.strictObject({
    kind: v.picklist(['delivered']),
    owner: nodeIdSchema,
    versions: versionsSchema,
  }),
  /** This member has copied from all others. */
  complete: v.strictObject({ kind: v.picklist(['complete']) }),
  /** A message had a later clock, which must not be forgotten. */
  clock: v.strictObject({ kind: v.picklist(['clock']), clock: countSchema }),
  /** Tombstones up to there are collected. */
  collect: v.strictObject({ kind: v.picklist(['collect']), floor: countSchema }),
};

type Kind = keyof typeof SHAPES;
export type QuorumRecord = { [K in Kind]: v.InferOutput<(typeof SHAPES)[K]> }[Kind];

/** Throws an Error on a malformed record. */
const readRecord = createRecordReader('quorum', SHAPES, (input) => {
  return (input as { readonly kind?: Json } | null)?.kind;
});

/** Applies a record from a log. Throws an Error on a malformed one. */
export function restoreRecord(state: QuorumState, input: Json): void {
  const record = readRecord(input);
  try {
    applyRecord(state, record);
    // The calls of an earlier life have ended.
    if (record.kind === 'made') state.settle(unpackWrite(record.write), []);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw new Error(`no record of the quorum protocol: ${error.message}`);
  }
}

/** The effect of a record. It depends on the record and the state alone. */
export function applyRecord(state: QuorumState, record: QuorumRecord): void {
  EFFECTS[record.kind](state, record as never);
}

type Of<K extends Kind> = Extract<QuorumRecord, { kind: K }>;

const EFFECTS: { readonly [K in Kind]: (state: QuorumState, record: Of<K>) => void } = {
  ring: (state, { ring, isComplete }) => state.adopt(ring, isComplete),
  writes: (state, { writes, isCopy }) => {
    for (const write of writes) state.keep(unpackWrite(write), isCopy);
  },
  made: (state, { write: packed, owners }) => {
    const write = unpackWrite(packed);
    state.keep(write, false);
    state.debts.incur(write, owners);
  },
  settled: (state, { versions, owners }) => {
    for (const packed of versions) {
      state.settle({ key: packed[0], version: unpackVersion(packed) }, owners);
    }
  },
  hints: (state, { owners, writes }) => {
    for (const owner of owners) {
      for (const write of writes) state.keepHint({ owner, write: unpackWrite(write) });
    }
  },
  delivered: (state, { owner, versions }) => {
    for (const packed of versions) {
      const paid = unpackVersion(packed);
      state.hints.remove(owner, packed[0], ({ version }) => compareVersions(version, paid) === 0);
    }
  },
  complete: (state) => state.completed(),
  clock: (state, { clock }) => state.raise(clock),
  collect: (state, { floor }) => {
    state.collect(floor);
  },
};

/** Records that restore this state. Writes below the floor come before the floor. */
export function* snapshotOf(state: QuorumState): Generator<QuorumRecord> {
  const { ring, store, hints, clock, isComplete } = state;
  if (ring !== undefined) yield { kind: 'ring', ring: ring.spec, isComplete };
  for (const part of cutParts([...store.writes()], sizeOf)) {
    yield { kind: 'writes', writes: part.map(packWrite), isCopy: true };
  }
  for (const owner of hints.owners) {
    for (const part of cutParts(hints.of(owner), sizeOf)) {
      yield { kind: 'hints', owners: [owner], writes: part.map(packWrite) };
    }
  }
  for (const { write, owners } of state.debts.all()) {
    yield { kind: 'hints', owners: [...owners], writes: [packWrite(write)] };
  }
  if (store.floor > 0) yield { kind: 'collect', floor: store.floor };
  yield { kind: 'clock', clock: clock.time };
}

// The records in the log of a causal server: its inputs, in the order in which they took effect.
// Restoring them in that order gives the same state.
import * as v from 'valibot';
import { fromVersionTuple, toVersionTuple } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';
import { lifeSchema, vectorSchema, versionSchema } from '../../kernel/control.ts';
import { CallError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { countSchema } from '../../kernel/messages.ts';
import { createRecordReader } from '../../kernel/records.ts';
import { isWireEntry, type WireEntry } from './messages.ts';
import type { CausalState, WriteOutcome } from './state.ts';
import { packParts, unpackEntries } from './transfer.ts';

const entries = v.custom<readonly WireEntry[]>(
  (x) => Array.isArray(x) && x.every(isWireEntry),
  'not a list of entries',
);
const outcome = v.union([versionSchema, v.picklist(['stale', 'refused'])]);

const SHAPES = {
  /** A message had a later clock. */
  clock: v.strictObject({ kind: v.picklist(['clock']), clock: countSchema }),
  /** A session's write, received by that life of this server. `CausalState.write` decides on it. */
  write: v.strictObject({
    kind: v.picklist(['write']),
    incarnation: countSchema,
    session: lifeSchema,
    seq: countSchema,
    key: v.string(),
    value: v.nullable(v.string()),
    guard: v.nullable(vectorSchema),
    clock: countSchema,
  }),
  refuse: v.strictObject({ kind: v.picklist(['refuse']), session: lifeSchema, seq: countSchema }),
  /** A whole transfer of a peer. */
  merge: v.strictObject({
    kind: v.picklist(['merge']),
    since: vectorSchema,
    entries,
    applied: vectorSchema,
  }),
  /** A snapshot: some of the winning writes. The last record is `state`, with all the rest. */
  entries: v.strictObject({ kind: v.picklist(['entries']), entries }),
  state: v.strictObject({
    kind: v.picklist(['state']),
    clock: countSchema,
    applied: vectorSchema,
    sessions: v.array(v.strictTuple([lifeSchema, countSchema, outcome])),
  }),
};

type Kind = keyof typeof SHAPES;
export type CausalRecord = { [K in Kind]: v.InferOutput<(typeof SHAPES)[K]> }[Kind];
export type WriteRecord = Extract<CausalRecord, { kind: 'write' }>;
export type RefuseRecord = Extract<CausalRecord, { kind: 'refuse' }>;

/** Throws an Error on a malformed record. */
export const readRecord = createRecordReader('causal', SHAPES, (input) => {
  return (input as { readonly kind?: Json } | null)?.kind;
});

/** Applies a record from a log. One that the state refused before the crash is refused again. */
export function restoreRecord(state: CausalState, input: Json): void {
  const record = readRecord(input);
  try {
    APPLIED[record.kind](state, record as never);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}

type Of<K extends Kind> = Omit<Extract<CausalRecord, { kind: K }>, 'kind'>;

/** How each kind of record is applied. */
const APPLIED: {
  readonly [K in Kind]: (state: CausalState, restored: Of<K>) => unknown;
} = {
  clock: (state, { clock }) => state.clock.witness(clock),
  write: applyWrite,
  refuse: (state, { session, seq }) => state.refuse(toLife(session), seq),
  merge: applyMerge,
  entries: (state, restored) => state.adopt(unpackEntries(restored.entries)),
  state: adoptState,
};

export function applyWrite(state: CausalState, write: Of<'write'>): WriteOutcome | undefined {
  const { incarnation, session, seq, key, value, guard, clock } = write;
  state.clock.witness(clock);
  const demanded = guard === null ? null : VersionVector.fromTuples(guard);
  const origin = { id: state.self.id, incarnation };
  return state.write(toLife(session), seq, { key, value }, demanded, origin);
}

export function applyMerge(state: CausalState, merge: Of<'merge'>): boolean {
  return state.merge(
    VersionVector.fromTuples(merge.since),
    unpackEntries(merge.entries),
    VersionVector.fromTuples(merge.applied),
  );
}

function adoptState(state: CausalState, { clock, applied, sessions }: Of<'state'>): void {
  state.clock.witness(clock);
  state.applied.merge(VersionVector.fromTuples(applied));
  for (const [session, seq, last] of sessions) {
    const answered = typeof last === 'string' ? last : fromVersionTuple(last);
    state.adoptSession(toLife(session), seq, answered);
  }
}

/** Records that restore this state. */
export function* snapshotOf(state: CausalState): Iterable<CausalRecord> {
  for (const part of packParts(state.entriesBeyond(new VersionVector()))) {
    yield { kind: 'entries', entries: part };
  }
  const sessions = Array.from(
    state.sessions(),
    ({
      session,
      seq,
      outcome: last,
    }): [[number, number], number, v.InferOutput<typeof outcome>] => [
      [session.id, session.incarnation],
      seq,
      typeof last === 'string' ? last : toVersionTuple(last),
    ],
  );
  yield { kind: 'state', clock: state.clock.time, applied: state.applied.toTuples(), sessions };
}

function toLife([id, incarnation]: readonly [number, number]) {
  return { id, incarnation };
}

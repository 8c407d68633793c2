// The messages of the causal protocol. Every message carries its sender's Lamport clock. Entries
// and vectors travel as arrays, so that a key is never the name of a field.
import * as v from 'valibot';
import { isLife, nodeIdSchema, vectorSchema, versionSchema } from '../../kernel/control.ts';
import { MAX_INCARNATION } from '../../kernel/ids.ts';
import {
  countSchema,
  defineMessages,
  isCount,
  keySchema,
  millisecondsSchema,
  valueSchema,
} from '../../kernel/messages.ts';

/** `[key, value or null for a deletion, timestamp, server, incarnation]` */
export type WireEntry = readonly [string, string | null, number, number, number];

export function isWireEntry(x: unknown): x is WireEntry {
  if (!Array.isArray(x) || x.length !== 5 || typeof x[0] !== 'string') return false;
  if (typeof x[1] !== 'string' && x[1] !== null) return false;
  return isCount(x[2]) && isLife(x[3], x[4]);
}

/** One check for the whole list: a schema for each of 100,000 entries would be too slow. */
const entries = v.custom<readonly WireEntry[]>(
  (input) => Array.isArray(input) && input.every(isWireEntry),
  'not a list of entries',
);

const clock = countSchema;
const round = countSchema;
const servers = v.array(nodeIdSchema);
const life = v.strictTuple([nodeIdSchema, v.pipe(countSchema, v.maxValue(MAX_INCARNATION))]);
/** What the server must have applied to answer; null for a session without `causal`. */
const guard = v.nullable(vectorSchema);
/** Which part of which transfer of the sender a list of entries is. */
const part = { transfer: countSchema, part: countSchema, last: v.boolean() };
/** The writes that the sender has applied, and the deletions that it holds no tombstones of. */
const vectors = { applied: vectorSchema, collected: vectorSchema };

export const messages = defineMessages({
  write: {
    from: 'client',
    to: 'server',
    about: 'Puts a value, or deletes with null. Applies once for each `session` and `seq`.',
    params: v.strictObject({
      session: life,
      seq: countSchema,
      key: keySchema,
      value: v.nullable(valueSchema),
      guard,
      clock,
    }),
    result: v.strictObject({
      status: v.picklist(['ok', 'stale']),
      version: v.nullable(versionSchema),
      applied: vectorSchema,
      clock,
    }),
  },
  read: {
    from: 'client',
    to: 'server',
    about: 'Reads a key, unless the server has not seen what the session depends on.',
    params: v.strictObject({
      key: keySchema,
      dependsOn: v.nullable(versionSchema),
      guard,
      clock,
    }),
    result: v.strictObject({
      status: v.picklist(['ok', 'absent', 'stale']),
      value: v.nullable(v.string()),
      version: v.nullable(versionSchema),
      applied: vectorSchema,
      /** With no version: the deletions that may have decided this. Empty with a version. */
      collected: vectorSchema,
      clock,
    }),
  },
  join: {
    from: 'server',
    to: 'server',
    about: "A joining server asks for the receiver's clock, and whether it is bootstrapped.",
    params: v.strictObject({ clock }),
    result: v.strictObject({ isBootstrapped: v.boolean(), clock }),
  },
  push: {
    from: 'server',
    to: 'server',
    about:
      'Gossip: what the receiver lacks beyond `since`, in causal order, and its vector afterwards.',
    params: v.strictObject({ since: vectorSchema, entries, ...part, ...vectors, clock }),
    result: v.strictObject({ accepted: v.boolean(), applied: vectorSchema, clock }),
  },
  probe: {
    from: 'server',
    to: 'server',
    about:
      'Stabilize, outward: become my child in this round; answer after all your children have.',
    params: v.strictObject({
      round,
      avoid: servers,
      budgetMs: millisecondsSchema,
      stepMs: millisecondsSchema,
      clock,
    }),
    result: v.strictObject({
      joined: v.boolean(),
      applied: vectorSchema,
      reached: servers,
      missing: servers,
      clock,
    }),
  },
  pull: {
    from: 'server',
    to: 'server',
    about: 'Stabilize, upward: give me what I lack beyond my vector.',
    params: v.strictObject({ round, part: countSchema, applied: vectorSchema, clock }),
    result: v.strictObject({ entries, last: v.boolean(), ...vectors, clock }),
  },
  spread: {
    from: 'server',
    to: 'server',
    about: 'Stabilize, downward: what you lack beyond `since`; spread it to your children.',
    params: v.strictObject({
      round,
      since: vectorSchema,
      entries,
      ...part,
      ...vectors,
      budgetMs: millisecondsSchema,
      stepMs: millisecondsSchema,
      clock,
    }),
    result: v.strictObject({
      accepted: v.boolean(),
      /** `[server, incarnation]` */
      reached: v.array(life),
      missing: servers,
      clock,
    }),
  },
  collect: {
    from: 'server',
    to: 'server',
    about: 'Stabilize, at the end: every server has had the tombstones up to here, collect them.',
    params: v.strictObject({ round, upTo: vectorSchema, clock }),
    result: v.strictObject({ clock }),
  },
});

export type CausalMessages = typeof messages;

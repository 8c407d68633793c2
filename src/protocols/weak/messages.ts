// The messages of the weak protocol. A store travels whole, with the vector of what its server has
// applied.
import * as v from 'valibot';
import { isLife, vectorSchema, versionSchema } from '../../kernel/control.ts';
import { countSchema, defineMessages, keySchema, valueSchema } from '../../kernel/messages.ts';
import { roundMessages } from '../../replication/rounds.ts';

const key = keySchema;
const value = v.nullable(valueSchema);
/** What the server must have applied to answer. */
const guard = vectorSchema;
const applied = vectorSchema;
const entries = v.array(v.strictTuple([key, value, versionSchema]));
const store = v.strictObject({ entries, applied });
const session = v.custom<[number, number]>(
  (x) => Array.isArray(x) && x.length === 2 && isLife(x[0], x[1]),
  'not a life',
);
export const messages = defineMessages({
  write: {
    from: 'client',
    to: 'server',
    about: 'Puts a value, or deletes with null. Applies once for each `session` and `seq`.',
    params: v.strictObject({ session, seq: countSchema, key, value, guard }),
    result: v.strictObject({ version: v.nullable(versionSchema), applied }),
  },
  compare: {
    from: 'client',
    to: 'server',
    about: 'Puts a value if the server has the expected one. Applies once, as `write`.',
    params: v.strictObject({
      ...{ session, seq: countSchema, key, expected: valueSchema, value: valueSchema, guard },
    }),
    result: v.strictObject({
      status: v.picklist(['set', 'unequal', 'stale']),
      version: v.nullable(versionSchema),
      found: v.strictObject({ value, version: v.nullable(versionSchema) }),
      applied,
    }),
  },
  read: {
    from: 'client',
    to: 'server',
    about: 'Reads a key, unless the server lacks what the session has seen.',
    params: v.strictObject({ key, guard }),
    result: v.strictObject({
      status: v.picklist(['ok', 'absent', 'stale']),
      value: v.nullable(v.string()),
      version: v.nullable(versionSchema),
      applied,
    }),
  },
  push: {
    from: 'server',
    to: 'server',
    about: 'Gossip after a write: the whole store. With breaks=causal, that write only.',
    params: store,
    result: v.strictObject({}),
  },
  ...roundMessages(store),
});

export type WeakMessages = typeof messages;
export type Store = v.InferOutput<typeof store>;

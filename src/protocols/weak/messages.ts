// The messages of the weak protocol. A store travels whole, with the vector of what its server has
// applied.
import * as v from 'valibot';
import { vectorSchema, versionSchema } from '../../kernel/control.ts';
import {
  defineMessages,
  fromClient,
  fromServer,
  keySchema,
  valueSchema,
} from '../../kernel/messages.ts';
import { roundMessages } from '../../replication/rounds.ts';
import { requestFields } from '../../replication/sessionTable.ts';

const key = keySchema;
const value = v.nullable(valueSchema);
/** What the server must have applied to answer. */
const guard = vectorSchema;
const applied = vectorSchema;
const entries = v.array(v.strictTuple([key, value, versionSchema]));
const fields = { entries, applied };
const store = v.strictObject(fields);
const version = v.nullable(versionSchema);
const found = v.strictObject({ value, version });

export const messages = defineMessages({
  write: fromClient(
    'Puts a value, or deletes with null. Applies once for each `session` and `seq`.',
    { ...requestFields, key, value, guard },
    { version, applied },
  ),
  compare: fromClient(
    'Puts a value if the server has the expected one. Applies once, as `write`.',
    { ...requestFields, key, expected: valueSchema, value: valueSchema, guard },
    { status: v.picklist(['set', 'unequal', 'stale']), version, found, applied },
  ),
  read: fromClient(
    'Reads a key, unless the server lacks what the session has seen.',
    { key, guard },
    { status: v.picklist(['ok', 'absent', 'stale']), value, version, applied },
  ),
  push: fromServer(
    'Gossip after a write: the whole store. With breaks=causal, that write only.',
    fields,
    {},
  ),
  ...roundMessages(store),
});

export type WeakMessages = typeof messages;
export type Store = v.InferOutput<typeof store>;

// The messages of lease.
import * as v from 'valibot';
import {
  countSchema,
  defineMessages,
  fromClient,
  keySchema,
  valueSchema,
} from '../../../../src/kernel/messages.ts';
import { requestFields } from '../../../../src/replication/sessionTable.ts';

const key = keySchema;
/** Null for a deletion. */
const value = v.nullable(valueSchema);
const entry = v.strictObject({ key, value, version: countSchema });
export type Entry = v.InferOutput<typeof entry>;

export const messages = defineMessages({
  write: fromClient(
    'Puts a value, or deletes with null. Applies once for each `session` and `seq`.',
    { ...requestFields, key, value },
    {},
  ),
  read: fromClient('Reads a key.', { key }, { value }),
  acquire: {
    from: 'server',
    to: 'service',
    about: 'Asks for the lease, or for more of it. The term is null while another one holds it.',
    params: v.strictObject({}),
    result: v.strictObject({ term: v.nullable(countSchema), entries: v.array(entry) }),
  },
  store: {
    from: 'server',
    to: 'service',
    about: 'Writes a key in that term; the version is null in any other one.',
    params: v.strictObject({ term: countSchema, key, value }),
    result: v.strictObject({ version: v.nullable(countSchema) }),
  },
});

export type LeaseMessages = typeof messages;

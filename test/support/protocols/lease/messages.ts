// The messages of lease.
import * as v from 'valibot';
import {
  countSchema,
  defineMessages,
  keySchema,
  valueSchema,
} from '../../../../src/kernel/messages.ts';

const key = keySchema;
/** Null for a deletion. */
const value = v.nullable(valueSchema);
const entry = v.strictObject({ key, value, version: countSchema });
export type Entry = v.InferOutput<typeof entry>;

export const messages = defineMessages({
  write: {
    from: 'client',
    to: 'server',
    about: 'Puts a value, or deletes with null. Applies once for each life and `seq` of a client.',
    params: v.strictObject({ key, value, life: countSchema, seq: countSchema }),
    result: v.strictObject({}),
  },
  read: {
    from: 'client',
    to: 'server',
    about: 'Reads a key.',
    params: v.strictObject({ key }),
    result: v.strictObject({ value }),
  },
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

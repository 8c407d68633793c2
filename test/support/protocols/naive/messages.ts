// The messages of naive.
import * as v from 'valibot';
import { versionSchema } from '../../../../src/kernel/control.ts';
import {
  countSchema,
  defineMessages,
  keySchema,
  valueSchema,
} from '../../../../src/kernel/messages.ts';
import { roundMessages } from '../../../../src/replication/rounds.ts';

const key = keySchema;
/** Null for a deletion. */
const value = v.nullable(valueSchema);
const entry = v.strictObject({ key, value, version: versionSchema });
export type Entry = v.InferOutput<typeof entry>;
export type Version = Entry['version'];

export const messages = defineMessages({
  write: {
    from: 'client',
    to: 'server',
    about: 'Puts a value, or deletes with null. Applies once for each life and `seq` of a client.',
    params: v.strictObject({ key, value, life: countSchema, seq: countSchema }),
    result: v.strictObject({ version: versionSchema }),
  },
  read: {
    from: 'client',
    to: 'server',
    about: 'Reads a key.',
    params: v.strictObject({ key }),
    result: v.strictObject({ entry: v.nullable(entry) }),
  },
  push: {
    from: 'server',
    to: 'server',
    about: 'A write that the sender has accepted.',
    params: v.strictObject({ entry }),
    result: v.strictObject({}),
  },
  ...roundMessages(v.array(entry)),
});

export type NaiveMessages = typeof messages;

// What the servers and clients say to each other and to the service.
import * as v from 'valibot';
import { versionSchema } from '../../../../src/kernel/control.ts';
import { defineMessages, keySchema, valueSchema } from '../../../../src/kernel/messages.ts';

const found = v.strictObject({
  value: v.nullable(v.string()),
  version: v.nullable(versionSchema),
});
const request = v.strictObject({
  session: v.string(),
  seq: v.number(),
  key: keySchema,
  value: v.nullable(valueSchema),
});
const written = v.strictObject({ version: versionSchema });

export const messages = defineMessages({
  write: {
    from: 'client',
    to: 'server',
    about: 'Puts a value, or deletes with null.',
    params: request,
    result: written,
  },
  read: {
    from: 'client',
    to: 'server',
    about: 'Reads a key.',
    params: v.strictObject({ key: keySchema }),
    result: found,
  },
  book: {
    from: 'server',
    to: 'service',
    about: 'Books a write; the same request again is booked once.',
    params: request,
    result: written,
  },
  look: {
    from: 'server',
    to: 'service',
    about: 'Looks a key up.',
    params: v.strictObject({ key: keySchema }),
    result: found,
  },
});

export type ScribeMessages = typeof messages;

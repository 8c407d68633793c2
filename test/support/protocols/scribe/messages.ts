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
  /** The text that is put or appended; null for a deletion or a pop. */
  value: v.nullable(valueSchema),
  edit: v.nullable(
    v.strictObject({ kind: v.picklist(['append', 'pop']), side: v.picklist(['left', 'right']) }),
  ),
});
/** The version is null for a pop that found nothing; the value is the character that was popped. */
const written = v.strictObject({
  version: v.nullable(versionSchema),
  value: v.nullable(v.string()),
});

export const messages = defineMessages({
  write: {
    from: 'client',
    to: 'server',
    about: 'Puts a value, deletes with null, or edits.',
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

// What the nodes of cairn say to each other.
import * as v from 'valibot';
import { contextSchema, versionSchema } from '../../../../src/kernel/control.ts';
import { defineMessages, keySchema, valueSchema } from '../../../../src/kernel/messages.ts';

const sibling = v.strictObject({
  value: v.nullable(valueSchema),
  version: versionSchema,
  context: contextSchema,
});
const write = v.strictObject({ key: keySchema, sibling });
const nothing = v.strictObject({});

export const messages = defineMessages({
  write: {
    from: 'client',
    to: 'server',
    about: 'Puts a value, or deletes with null.',
    params: v.strictObject({
      request: v.string(),
      key: keySchema,
      value: v.nullable(valueSchema),
      level: v.picklist(['one', 'all']),
    }),
    result: v.strictObject({ version: versionSchema, context: contextSchema }),
  },
  read: {
    from: 'client',
    to: 'server',
    about: 'Reads all concurrent values.',
    params: v.strictObject({ key: keySchema }),
    result: v.strictObject({ siblings: v.array(sibling), context: contextSchema }),
  },
  keep: {
    from: 'server',
    to: 'server',
    about: 'Stores a write.',
    params: write,
    result: nothing,
  },
  sweep: {
    from: 'server',
    to: 'server',
    about: 'Delivers what is kept for other servers.',
    params: nothing,
    result: nothing,
  },
  ping: { from: 'server', to: 'server', about: 'Are you there?', params: nothing, result: nothing },
});

export type CairnMessages = typeof messages;

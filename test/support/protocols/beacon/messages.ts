// What the nodes of beacon say to each other and to the service.
import * as v from 'valibot';
import { nodeIdSchema } from '../../../../src/kernel/control.ts';
import { defineMessages, keySchema, valueSchema } from '../../../../src/kernel/messages.ts';

const nothing = v.strictObject({});
const value = v.nullable(valueSchema);

export const messages = defineMessages({
  enlist: {
    from: 'server',
    to: 'service',
    about: 'From now on this server holds keys, or none.',
    params: v.strictObject({ isIn: v.boolean() }),
    result: nothing,
  },
  where: {
    from: 'client',
    to: 'service',
    about: 'Asks for the server that holds a key.',
    params: v.strictObject({ key: keySchema }),
    result: v.strictObject({ server: v.nullable(nodeIdSchema) }),
  },
  write: {
    from: 'client',
    to: 'server',
    about: 'Puts a value, or deletes with null.',
    params: v.strictObject({ key: keySchema, value }),
    result: nothing,
  },
  read: {
    from: 'client',
    to: 'server',
    about: 'Reads a key.',
    params: v.strictObject({ key: keySchema }),
    result: v.strictObject({ value }),
  },
});

export type BeaconMessages = typeof messages;

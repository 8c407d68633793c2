// What a server tells the configuration service of its disk when it asks to be taken in.
import * as v from 'valibot';
import { nodeIdSchema } from '../../kernel/control.ts';
import { countSchema } from '../../kernel/messages.ts';
import { configurationSchema } from './configuration.ts';

/** What one disk remembers. */
export const diskReportSchema = v.strictObject({
  configuration: configurationSchema,
  /** How far the log of each arc goes, and how far it knows to be acknowledged. */
  logs: v.array(v.strictObject({ owner: nodeIdSchema, last: countSchema, committed: countSchema })),
});

export type DiskReport = v.InferOutput<typeof diskReportSchema>;

// The report on its disk that a server sends to the configuration service when it asks to join.
import * as v from 'valibot';
import { nodeIdSchema } from '../../kernel/control.ts';
import { countSchema } from '../../kernel/messages.ts';
import { configurationSchema } from './configuration.ts';

/** What one disk has: the latest configuration, and the end of each log. */
export const diskReportSchema = v.strictObject({
  configuration: configurationSchema,
  /** Of each arc's log: its last timestamp, and up to which timestamp it is known as committed. */
  logs: v.array(v.strictObject({ owner: nodeIdSchema, last: countSchema, committed: countSchema })),
});

export type DiskReport = v.InferOutput<typeof diskReportSchema>;

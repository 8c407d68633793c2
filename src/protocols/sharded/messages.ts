// The messages of the sharded protocol and its shard master. Keys travel in arrays or as values, so
// that a key is never the name of a field.
import * as v from 'valibot';
import { lifeSchema, nodeIdSchema, versionSchema } from '../../kernel/control.ts';
import {
  countSchema,
  defineMessages,
  isCount,
  keySchema,
  valueSchema,
} from '../../kernel/messages.ts';
import { configurationSchema } from './configuration.ts';
import type { EpochStart } from './log.ts';
import { KINDS } from './operations.ts';
import { entriesSchema, piecesSchema } from './wire.ts';

const nothing = v.strictObject({});
const servers = v.array(nodeIdSchema);
const number = countSchema;
const pairs = v.custom<(readonly [number, number])[]>(
  (x) =>
    Array.isArray(x) &&
    x.every((one) => Array.isArray(one) && one.length === 2 && one.every(isCount)),
  'not a list of pairs',
);
/** By ascending epoch: `[epoch, its first entry]`. */
const history = pairs as v.GenericSchema<EpochStart[]>;

/** What a disk has of the log of a group. */
export const diskReportSchema = v.strictObject({
  configuration: configurationSchema,
  /** Whose log the server keeps; null for one that has no place by that configuration. */
  group: v.nullable(countSchema),
  lastEpoch: countSchema,
  last: countSchema,
  /** Up to here the group has acknowledged, as far as the disk knows. */
  applied: countSchema,
});
export type DiskReport = v.InferOutput<typeof diskReportSchema>;

const known = v.strictObject({ configuration: v.nullable(configurationSchema) });
const addressed = { number, group: countSchema, epoch: countSchema };
const parts = { transfer: countSchema, part: countSchema, isLast: v.boolean() };

export const messages = defineMessages({
  write: {
    from: 'client',
    to: 'server',
    about: 'To the primary of the key: every operation but get. A copy gets the same reply.',
    params: v.strictObject({
      /** Of the configuration by which the client has chosen the server; 0 if it does not say. */
      number,
      session: lifeSchema,
      seq: countSchema,
      /** Counts the session's attempts for this request. A copy of a message has the same. */
      attempt: countSchema,
      /** The session asks for none up to this one any more. */
      ended: countSchema,
      kind: v.picklist(KINDS),
      key: keySchema,
      value: v.nullable(valueSchema),
      /** Of a compare-and-set. */
      expected: v.exactOptional(valueSchema),
    }),
    result: v.strictObject({
      outcome: v.picklist(['done', 'absent', 'tooLarge', 'unequal']),
      value: v.nullable(v.string()),
      version: v.nullable(versionSchema),
      /** What a compare-and-set that did not write has found; a copy of it may not say. */
      found: v.exactOptional(
        v.strictObject({ value: v.nullable(valueSchema), version: v.nullable(versionSchema) }),
      ),
    }),
  },
  read: {
    from: 'client',
    to: 'server',
    about: 'To any server of the group that has the key.',
    params: v.strictObject({ number, key: keySchema }),
    result: v.strictObject({ value: v.nullable(v.string()), version: v.nullable(versionSchema) }),
  },
  latest: {
    from: 'server',
    to: 'server',
    about: 'To the primary: the value of a key that has a write on its way here.',
    params: v.strictObject({ ...addressed, key: keySchema }),
    result: v.strictObject({ value: v.nullable(v.string()), version: v.nullable(versionSchema) }),
  },
  extent: {
    from: 'server',
    to: 'server',
    about: 'From the primary, first in each epoch: what do you have of the log?',
    params: v.strictObject(addressed),
    result: v.strictObject({ history, last: countSchema, applied: countSchema }),
  },
  append: {
    from: 'server',
    to: 'server',
    about: 'From the primary: entries that follow on `base`, and what all have.',
    params: v.strictObject({
      ...addressed,
      base: countSchema,
      /** Whether what follows on `base` is removed first. */
      cuts: v.boolean(),
      entries: entriesSchema,
      /** Up to here the group has acknowledged. */
      committed: countSchema,
    }),
    result: v.strictObject({ status: v.picklist(['ok', 'gap']) }),
  },
  install: {
    from: 'server',
    to: 'server',
    about: 'From the primary: the whole data up to an entry, in parts.',
    params: v.strictObject({
      ...addressed,
      ...parts,
      upTo: countSchema,
      history,
      received: pairs,
      pieces: piecesSchema,
    }),
    result: v.strictObject({ status: v.picklist(['more', 'gap', 'whole']) }),
  },
  adopt: {
    from: 'server',
    to: 'server',
    about: 'From the primary: the configuration, which you lack.',
    params: v.strictObject({ configuration: configurationSchema }),
    result: nothing,
  },
  flush: {
    from: 'server',
    to: 'server',
    about: 'Pass on what your secondaries lack. Answered when they have it.',
    params: v.strictObject({ budgetMs: countSchema }),
    result: v.strictObject({ isWhole: v.boolean() }),
  },
  give: {
    from: 'server',
    to: 'server',
    about: 'From the primary that gives shards to the one that gets them: their data, in parts.',
    params: v.strictObject({
      number,
      move: countSchema,
      /** The group that gives, and its epoch. */
      from: countSchema,
      epoch: countSchema,
      ...parts,
      pieces: piecesSchema,
    }),
    result: v.strictObject({ status: v.picklist(['more', 'gap', 'whole']) }),
  },
  ping: {
    from: 'server',
    to: 'server',
    about: 'Do we reach each other?',
    params: nothing,
    result: nothing,
  },
  hello: {
    from: 'server',
    to: 'service',
    about: 'I serve in no group; this is what my disk has, if anything.',
    params: v.strictObject({ recovered: v.nullable(diskReportSchema) }),
    result: v.strictObject({
      configuration: v.nullable(configurationSchema),
      /** The servers that have to join before this one can. */
      awaited: servers,
      /** Whether this server waits for a place, which it will get without being asked again. */
      isWaiting: v.boolean(),
    }),
  },
  confirm: {
    from: 'server',
    to: 'service',
    about: 'Is this the current configuration? Answered with the current one if it is not.',
    params: v.strictObject({ number }),
    result: known,
  },
  synced: {
    from: 'server',
    to: 'service',
    about: 'From a primary: this joiner has all that was acknowledged, and I count it.',
    params: v.strictObject({ group: countSchema, epoch: countSchema, joiner: lifeSchema }),
    result: nothing,
  },
  given: {
    from: 'server',
    to: 'service',
    about: 'From a primary: the other group has all that mine gives it in this move, or cannot.',
    params: v.strictObject({
      move: countSchema,
      from: countSchema,
      to: countSchema,
      epoch: countSchema,
      isDone: v.boolean(),
    }),
    result: nothing,
  },
  opened: {
    from: 'server',
    to: 'service',
    about: 'From a primary: my group has nothing of the shards that begin anew in this move.',
    params: v.strictObject({ move: countSchema, group: countSchema, epoch: countSchema }),
    result: nothing,
  },
  suspect: {
    from: 'server',
    to: 'service',
    about: 'That server of my group does not answer me.',
    params: v.strictObject({ server: nodeIdSchema }),
    result: nothing,
  },
  resign: {
    isBeyondScripts: true,
    from: 'server',
    to: 'service',
    about: 'My disk has no room: remove me if another server of the group serves.',
    params: nothing,
    result: nothing,
  },
  status: {
    from: 'server',
    to: 'service',
    about: 'Is every group whole, and no move under way? Which configuration is the current one?',
    params: nothing,
    result: v.strictObject({ isWhole: v.boolean(), number: countSchema }),
  },
  where: {
    from: 'client',
    to: 'service',
    about: 'Which server answers a request for this key?',
    params: v.strictObject({
      key: keySchema,
      isRead: v.boolean(),
      /** A server that did not answer the client. */
      silent: v.nullable(nodeIdSchema),
    }),
    result: v.strictObject({ number, servers }),
  },
  configuration: {
    from: 'client',
    to: 'service',
    about: 'The configuration, if it is later than mine.',
    params: v.strictObject({ number, silent: v.nullable(nodeIdSchema) }),
    result: known,
  },
  configure: {
    from: 'service',
    to: 'server',
    about: 'This is the configuration from now on.',
    params: v.strictObject({ configuration: configurationSchema }),
    result: v.strictObject({ number }),
  },
  stand: {
    from: 'service',
    to: 'server',
    about: 'The group has lost its primary. This is the configuration; how long is your log?',
    params: v.strictObject({ configuration: configurationSchema }),
    result: v.strictObject({ number, lastEpoch: countSchema, last: countSchema }),
  },
  progress: {
    from: 'service',
    to: 'server',
    about: 'How many parts of shards has your group given to that group in that move?',
    params: v.strictObject({ move: countSchema, to: countSchema }),
    result: v.strictObject({ parts: countSchema }),
  },
  reach: {
    from: 'service',
    to: 'server',
    about: 'Which of these servers do you reach?',
    params: v.strictObject({ peers: servers }),
    result: v.strictObject({ reached: servers }),
  },
});

export type ShardedMessages = typeof messages;

// The messages of the chain protocol and its configuration service. An arc is identified by its
// owner. Entries travel as arrays, so that a key is never the name of a field.
import * as v from 'valibot';
import { isLife, nodeIdSchema, versionSchema } from '../../kernel/control.ts';
import { MAX_INCARNATION } from '../../kernel/ids.ts';
import {
  countSchema,
  defineMessages,
  isCount,
  keySchema,
  valueSchema,
} from '../../kernel/messages.ts';
import { configurationSchema } from './configuration.ts';
import { diskReportSchema } from './diskReport.ts';

/**
 * `[key, value or null, timestamp, server, incarnation, session, its incarnation, seq]`, and `true`
 * for one that changes nothing
 */
export type WireEntry = readonly [
  key: string,
  value: string | null,
  timestamp: number,
  server: number,
  incarnation: number,
  session: number,
  sessionIncarnation: number,
  seq: number,
  isNoop?: true,
];

function isWireEntry(x: unknown): boolean {
  if (!Array.isArray(x) || typeof x[0] !== 'string') return false;
  const isNoop = x.length === 9 && x[8] === true && x[1] === null;
  if (x.length !== 8 && !isNoop) return false;
  if (typeof x[1] !== 'string' && x[1] !== null) return false;
  return isCount(x[2]) && isLife(x[3], x[4]) && isLife(x[5], x[6]) && isCount(x[7]);
}

export const entriesSchema = v.custom<readonly WireEntry[]>(
  (x) => Array.isArray(x) && x.every(isWireEntry),
  'not a list of entries',
);

/** `[session, its incarnation, seq, timestamp, server, incarnation]`, then as in an entry */
export type WireApplied = readonly [number, number, number, number, number, number, isNoop?: true];

function isWireApplied(x: unknown): boolean {
  if (!Array.isArray(x) || (x.length !== 6 && !(x.length === 7 && x[6] === true))) return false;
  return isLife(x[0], x[1]) && isCount(x[2]) && isCount(x[3]) && isLife(x[4], x[5]);
}

export const appliedSchema = v.custom<readonly WireApplied[]>(
  (x) => Array.isArray(x) && x.every(isWireApplied),
  'not a list of requests',
);

const epoch = countSchema;
const arc = nodeIdSchema;
const timestamp = countSchema;
const nothing = v.strictObject({});
const servers = v.array(nodeIdSchema);
const request = {
  session: v.strictTuple([nodeIdSchema, v.pipe(countSchema, v.maxValue(MAX_INCARNATION))]),
  seq: countSchema,
  key: keySchema,
  value: v.nullable(valueSchema),
  /** Of a compare-and-set. */
  expected: v.exactOptional(valueSchema),
};
const written = v.strictObject({
  version: versionSchema,
  /** Of a compare-and-set: whether it wrote. */
  isSet: v.exactOptional(v.boolean()),
  /** Of one that did not write: what it has found; absent for a copy of an earlier request. */
  found: v.exactOptional(
    v.strictObject({ value: v.nullable(valueSchema), version: v.nullable(versionSchema) }),
  ),
});
const read = v.strictObject({
  value: v.nullable(v.string()),
  version: v.nullable(versionSchema),
});
/** A page of keys in ascending order. `next` is the last key if more follow, else null. */
const page = v.strictObject({
  entries: v.array(v.strictTuple([v.string(), v.string()])),
  next: v.nullable(v.string()),
});
/** The state of the receiver's log: durable up to `last`, acknowledged up to `committed`. */
const position = { last: timestamp, committed: timestamp };

export const messages = defineMessages({
  write: {
    from: 'client',
    to: 'server',
    about: 'Puts, deletes with null, or compares and sets. Any server forwards it to the head.',
    params: v.strictObject({
      ...request,
      /**
       * Counts the session's attempts for this request. A copy of a message has the same number.
       */
      attempt: countSchema,
    }),
    result: written,
  },
  read: {
    from: 'client',
    to: 'server',
    about: 'Reads a key. Any server takes it, and forwards it to a server that may answer.',
    params: v.strictObject({ key: keySchema }),
    result: read,
  },
  dump: {
    from: 'client',
    to: 'server',
    about: 'Everything at this server (`@`) or in the system (`*`), page by page.',
    params: v.strictObject({ scope: v.picklist(['@', '*']), after: v.nullable(v.string()) }),
    result: page,
  },
  accept: {
    from: 'server',
    to: 'server',
    about: 'To the head: a forwarded write. Answered when the tail has acknowledged it.',
    params: v.strictObject({ epoch, ...request }),
    result: written,
  },
  query: {
    from: 'server',
    to: 'server',
    about: 'To the tail, or with reads=any to any member: a forwarded read.',
    params: v.strictObject({ epoch, key: keySchema }),
    result: read,
  },
  latest: {
    from: 'server',
    to: 'server',
    about: 'To the tail, with reads=any: which version of this key is committed?',
    params: v.strictObject({ epoch, key: keySchema }),
    result: v.strictObject({ version: v.nullable(versionSchema) }),
  },
  section: {
    from: 'server',
    to: 'server',
    about: 'To the tail: everything in this arc, page by page.',
    params: v.strictObject({ epoch, arc, after: v.nullable(v.string()) }),
    result: page,
  },
  sync: {
    from: 'server',
    to: 'server',
    about: 'To the successor, first in each epoch: what it lacks of my log, in parts.',
    params: v.strictObject({
      epoch,
      arc,
      transfer: countSchema,
      part: countSchema,
      isLast: v.boolean(),
      /** Whether acknowledgements wait for the receiver from now on. */
      isCounted: v.boolean(),
      base: timestamp,
      upTo: timestamp,
      end: timestamp,
      /** As `upTo` in `durable`. */
      durable: timestamp,
      entries: entriesSchema,
      applied: appliedSchema,
      pending: entriesSchema,
    }),
    result: v.strictObject({
      status: v.picklist(['behind', 'more', 'whole', 'synced']),
      ...position,
    }),
  },
  append: {
    from: 'server',
    to: 'server',
    about: 'To the successor: the writes that follow on `base` in my log, durable here or not yet.',
    params: v.strictObject({
      epoch,
      arc,
      base: timestamp,
      entries: entriesSchema,
      /** As `upTo` in `durable`. */
      durable: timestamp,
    }),
    result: v.strictObject({ status: v.picklist(['ok', 'gap', 'unsynced']), ...position }),
  },
  durable: {
    from: 'server',
    to: 'server',
    about: 'To the successor: I and all before me have everything up to here on our disks.',
    params: v.strictObject({ epoch, arc, upTo: timestamp }),
    result: nothing,
  },
  commit: {
    from: 'server',
    to: 'server',
    about: 'To the predecessor: the tail has acknowledged everything up to here.',
    params: v.strictObject({ epoch, arc, upTo: timestamp }),
    result: nothing,
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
    about: 'I am not in all my chains and ask to join them; this is what my disk has, if anything.',
    params: v.strictObject({ recovered: v.nullable(diskReportSchema) }),
    result: v.strictObject({
      configuration: v.nullable(configurationSchema),
      /** The servers that have to join before this one can be in any chain. */
      awaited: servers,
    }),
  },
  confirm: {
    from: 'server',
    to: 'service',
    about: 'Is this the current epoch? Answered with the current configuration if it is not.',
    params: v.strictObject({ epoch }),
    result: v.strictObject({ configuration: v.nullable(configurationSchema) }),
  },
  suspect: {
    from: 'server',
    to: 'service',
    about: 'That server of this epoch does not answer me.',
    params: v.strictObject({ epoch, server: nodeIdSchema }),
    result: nothing,
  },
  synced: {
    from: 'server',
    to: 'service',
    about: 'In all my chains of this epoch I hold what my predecessor holds.',
    params: v.strictObject({ epoch }),
    result: nothing,
  },
  resign: {
    isBeyondScripts: true,
    from: 'server',
    to: 'service',
    about: 'My disk has no room: remove me from every chain that has another member.',
    params: nothing,
    result: nothing,
  },
  status: {
    from: 'server',
    to: 'service',
    about: 'Which servers serve, and is every chain whole: none waits to join, all are in sync?',
    params: nothing,
    result: v.strictObject({ isWhole: v.boolean(), serving: servers }),
  },
  configure: {
    from: 'service',
    to: 'server',
    about: 'This is the configuration from now on.',
    params: v.strictObject({ configuration: configurationSchema }),
    result: v.strictObject({ epoch }),
  },
  reach: {
    from: 'service',
    to: 'server',
    about: 'Which of these servers do you reach?',
    params: v.strictObject({ peers: servers }),
    result: v.strictObject({ reached: servers }),
  },
});

export type ChainMessages = typeof messages;

// The control methods: the calls of the master to a node, the same for every protocol. node.ts
// implements them once, over Env, so both worlds run the same code.
import * as v from 'valibot';
import { type CallErrorCode, isCallErrorCode } from './errors.ts';
import type { ContextTuples, VectorTuples, VersionTuple } from './history.ts';
import { MAX_INCARNATION, MAX_NODE_ID, type NodeId } from './ids.ts';
import type { Json } from './json.ts';
import { CLOCK_OFFSET_MS } from './limits.ts';
import {
  countSchema,
  defineMessages,
  isCount,
  keySchema,
  millisecondsSchema,
  valueSchema,
} from './messages.ts';
import { isSealedVector } from './sealedVector.ts';

export const nodeIdSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_NODE_ID));
const peer = v.strictObject({ peer: nodeIdSchema, role: v.picklist(['server', 'client']) });
const nothing = v.strictObject({});
const done = v.strictObject({});
const clockOffset = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(-CLOCK_OFFSET_MS),
  v.maxValue(CLOCK_OFFSET_MS),
);

/** True for the number of a node and the incarnation of one of its lives. */
export function isLife(id: unknown, incarnation: unknown): boolean {
  return isCount(id) && id <= MAX_NODE_ID && isCount(incarnation) && incarnation <= MAX_INCARNATION;
}

/** `[node, incarnation]` */
export const lifeSchema = v.custom<readonly [id: NodeId, incarnation: number]>(
  (x) => Array.isArray(x) && x.length === 2 && isLife(x[0], x[1]),
  'not a life',
);

/** Three counts; the two from index `life` on identify a life. */
function isTriple(x: unknown, life: number): boolean {
  if (!Array.isArray(x) || x.length !== 3) return false;
  return isCount(x[0]) && isCount(x[1]) && isCount(x[2]) && isLife(x[life], x[life + 1]);
}

/** `[timestamp, server, incarnation]` */
export const versionSchema = v.custom<VersionTuple>((x) => isTriple(x, 1), 'not a version');
/**
 * `[server, incarnation, timestamp]`, one for each life from which a write was applied. One check
 * for the whole vector: vectors are in every message, and a schema for each number would cost more
 * than all the rest.
 */
export const vectorSchema = v.custom<VectorTuples>(
  (x) => Array.isArray(x) && (isSealedVector(x) || x.every((triple) => isTriple(triple, 0))),
  'not a vector',
);

/** `[server, incarnation, after, upTo]`; sorted, without overlap. */
export function isContext(x: unknown): x is ContextTuples {
  return Array.isArray(x) && x.every((entry, at) => isSpan(entry) && isAfter(x[at - 1], entry));
}

function isSpan(x: unknown): boolean {
  if (!Array.isArray(x) || x.length !== 4) return false;
  return isLife(x[0], x[1]) && isCount(x[2]) && isCount(x[3]) && x[2] < x[3];
}

/** Spans of one life that meet are one. */
function isAfter(before: ContextTuples[number] | undefined, span: ContextTuples[number]): boolean {
  if (before === undefined) return true;
  return (before[0] - span[0] || before[1] - span[1] || before[3] - span[2]) < 0;
}

export const contextSchema = v.custom<ContextTuples>(isContext, 'not a context');

type Stored =
  | [string, string | null, VersionTuple | null]
  | [string, string | null, VersionTuple | null, ContextTuples];

/** A value with the version of its write. */
const sibling = v.strictObject({
  value: v.nullable(v.string()),
  version: v.nullable(versionSchema),
});

/**
 * `[key, value, version]`; the version, or value and version, may be null. With a protocol that
 * keeps concurrent values, also the context. One check for the whole store, as for vectors.
 */
const storeSchema = v.custom<Stored[]>((x) => Array.isArray(x) && x.every(isStored), 'not a store');

function isStored(x: unknown): boolean {
  if (!Array.isArray(x) || x.length < 3 || x.length > 4) return false;
  const [key, value, version] = x;
  if (x.length === 4 && !isContext(x[3])) return false;
  const isText = typeof key === 'string' && (value === null || typeof value === 'string');
  return isText && (version === null || isTriple(version, 1));
}

/** The error code with which a server refused the operation, if a server did. */
const error = v.exactOptional(v.custom<CallErrorCode>(isCallErrorCode, 'not a code'));

/** Values that came over the wire are JSON already. */
const json = v.custom<Json>((x) => x !== undefined, 'nothing');

/** A client's report on an operation; `history.ts` defines the outcomes. */
export const answerSchema = v.strictObject({
  outcome: v.picklist(['ok', 'absent', 'stale', 'fail', 'unknown']),
  value: v.nullable(v.string()),
  server: v.nullable(nodeIdSchema),
  version: v.nullable(versionSchema),
  applied: v.nullable(vectorSchema),
  /** Of a protocol that keeps concurrent values (history.ts). */
  context: v.exactOptional(contextSchema),
  /** Of a read that found concurrent values: all of them; `value` and `version` are the first. */
  siblings: v.exactOptional(v.array(sibling)),
  /** Of a compare-and-set whose outcome is `ok`: whether it wrote. */
  isSet: v.exactOptional(v.boolean()),
  /** What it found, if the server says so. */
  found: v.exactOptional(sibling),
  error,
  /** The data of that error. */
  data: v.exactOptional(json),
});
export type Answer = v.InferOutput<typeof answerSchema>;

/** A client's report on a read of many keys: all of them, by key, or why there is no answer. */
const dumpSchema = v.strictObject({
  outcome: v.picklist(['ok', 'fail', 'unknown']),
  entries: v.array(v.strictTuple([v.string(), v.string()])),
  error,
});
export type Dump = v.InferOutput<typeof dumpSchema>;

const command = v.strictObject({ name: v.string(), args: v.array(v.string()) });

export const SERVER_CONTROL = defineMessages({
  connect: {
    from: 'master',
    to: 'server',
    about: 'A link to this peer exists: it may be called from now on.',
    params: peer,
    result: done,
  },
  disconnect: {
    from: 'master',
    to: 'server',
    about: 'The link to this peer is cut, or the peer is dead.',
    params: peer,
    result: done,
  },
  settle: {
    from: 'master',
    to: 'server',
    about:
      'Answers when no effect of earlier commands is under way here any more, or names the ' +
      'servers that it has to wait for.',
    params: nothing,
    result: v.strictObject({ awaited: v.optional(v.array(nodeIdSchema)) }),
  },
  stabilize: {
    from: 'master',
    to: 'server',
    about: 'Converges the partition that this server is in; it becomes the root of the round.',
    params: v.strictObject({
      round: countSchema,
      /** Servers that did not answer earlier in this command. */
      avoid: v.array(nodeIdSchema),
      /** Every live server of the run. */
      known: v.array(nodeIdSchema),
      budgetMs: millisecondsSchema,
    }),
    result: v.strictObject({ reached: v.array(nodeIdSchema), missing: v.array(nodeIdSchema) }),
  },
  printStore: {
    from: 'master',
    to: 'server',
    about: 'Every key that has a value, with its value, sorted by key in code units.',
    params: nothing,
    result: v.strictObject({ entries: v.array(v.strictTuple([v.string(), v.string()])) }),
  },
  inspect: {
    from: 'master',
    to: 'server',
    about: 'The state of the replica, as shown to users; each protocol defines its own.',
    params: nothing,
    result: v.strictObject({ state: json }),
  },
  snapshot: {
    from: 'master',
    to: 'server',
    about: 'What this server has applied and, if that is asked for, its store, for comparison.',
    params: v.strictObject({ withStore: v.boolean() }),
    result: v.strictObject({
      store: storeSchema,
      applied: v.nullable(vectorSchema),
      /** For each key of `store` and `hints` its replicas; absent if all servers hold all keys. */
      replicas: v.exactOptional(v.array(v.strictTuple([v.string(), v.array(nodeIdSchema)]))),
      /** The writes that it keeps for other servers; absent if it keeps none. */
      hints: v.exactOptional(storeSchema),
    }),
  },
  command: {
    from: 'master',
    to: 'server',
    about: "Runs one of the protocol's own commands.",
    params: command,
    result: v.strictObject({ lines: v.array(v.string()) }),
  },
  fail: {
    from: 'master',
    to: 'server',
    about: 'From now on calls from and to peers and the service fail at once; nothing is lost.',
    params: nothing,
    result: done,
  },
  recover: {
    from: 'master',
    to: 'server',
    about: 'Ends the effect of `fail`. No peer is told.',
    params: nothing,
    result: done,
  },
  disconnectService: {
    from: 'master',
    to: 'server',
    about: 'From now on calls from and to the configuration service fail at once.',
    params: nothing,
    result: done,
  },
  connectService: {
    from: 'master',
    to: 'server',
    about: 'Ends the effect of `disconnectService`. The protocol is not told.',
    params: nothing,
    result: done,
  },
  setClock: {
    from: 'master',
    to: 'server',
    about:
      "Sets the node's wall clock so many milliseconds ahead of the machine's; negative: behind.",
    params: v.strictObject({ offsetMs: clockOffset }),
    result: done,
  },
});

const operation = { from: 'master', to: 'client', result: answerSchema } as const;
/** Words of the protocol that change how the operation is done, such as its consistency level. */
const modifiers = v.exactOptional(v.array(v.string()));

/** How a node learns that a link exists or is gone. */
export type LinkMethod = 'connect' | 'disconnect';

export const CLIENT_CONTROL = defineMessages({
  connect: { ...SERVER_CONTROL.connect, to: 'client' },
  disconnect: { ...SERVER_CONTROL.disconnect, to: 'client' },
  disconnectService: { ...SERVER_CONTROL.disconnectService, to: 'client' },
  connectService: { ...SERVER_CONTROL.connectService, to: 'client' },
  setClock: { ...SERVER_CONTROL.setClock, to: 'client' },
  put: {
    ...operation,
    about: 'Writes; answers when the write is acknowledged.',
    params: v.strictObject({ key: keySchema, value: valueSchema, modifiers }),
  },
  delete: {
    ...operation,
    about: 'Removes a key, which is a write like any other.',
    params: v.strictObject({ key: keySchema, modifiers }),
  },
  get: { ...operation, about: 'Reads.', params: v.strictObject({ key: keySchema, modifiers }) },
  dump: {
    from: 'master',
    to: 'client',
    about: "Reads all keys of one of the protocol's scopes.",
    params: v.strictObject({ scope: v.string() }),
    result: dumpSchema,
  },
  command: { ...operation, about: "Runs one of the protocol's own commands.", params: command },
});

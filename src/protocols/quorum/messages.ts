// The messages of the quorum protocol and its configuration service. Every message between servers
// and clients carries its sender's Lamport clock. Writes travel as arrays, so that a key is never
// the name of a field.
import * as v from 'valibot';
import { contextSchema, isLife, nodeIdSchema, versionSchema } from '../../kernel/control.ts';
import { MAX_INCARNATION, type NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import { LIVE_NODES } from '../../kernel/limits.ts';
import {
  countSchema,
  defineMessages,
  isCount,
  keySchema,
  millisecondsSchema,
  valueSchema,
} from '../../kernel/messages.ts';
import type { Level } from './levels.ts';
import { ringSchema } from './ring.ts';
import { isWireWrite, versionsSchema, type WireWrite, writesSchema } from './write.ts';

const clock = countSchema;
const life = v.strictTuple([nodeIdSchema, v.pipe(countSchema, v.maxValue(MAX_INCARNATION))]);
const servers = v.array(nodeIdSchema);
/** From server to server: each has a link to the one before, the first one to the sender. */
const route = v.custom<NodeId[]>(
  (x) => Array.isArray(x) && x.length <= LIVE_NODES && x.every((id) => isLife(id, 0)),
  'not a route',
);
const routes = v.array(route);
const budgetMs = millisecondsSchema;
const json = v.custom<Json>((x) => x !== undefined, 'nothing');
const ring = countSchema;
const floor = countSchema;
/** The receiver keeps writes for the caller. */
const isOwed = v.boolean();

const write = v.custom<WireWrite>(isWireWrite, 'not a write');

/** Null for the level of the options. */
const level = v.custom<Level | null>(
  (x) => x === null || x === 'one' || x === 'quorum' || x === 'all' || (isCount(x) && x > 0),
  'not a level',
);

/** With `versions=vector` only. */
const context = v.nullable(contextSchema);

const put = v.strictObject({
  session: life,
  seq: countSchema,
  key: keySchema,
  value: v.nullable(valueSchema),
  /** The writes that the session has read or made of the key; null for none, or with lww. */
  context,
  level,
  clock,
});
const written = v.strictObject({
  coordinator: nodeIdSchema,
  version: versionSchema,
  context,
  clock,
});
const get = v.strictObject({ key: keySchema, level, clock });
const found = v.strictObject({
  coordinator: nodeIdSchema,
  /** The newest writes, tombstones among them. */
  writes: writesSchema,
  /** All that these include. */
  context,
  clock,
});

export const messages = defineMessages({
  put: {
    from: 'client',
    to: 'server',
    about:
      'Puts a value, or deletes with null. Any server takes it, and coordinates or passes it on.',
    params: put,
    result: written,
  },
  get: {
    from: 'client',
    to: 'server',
    about: 'Reads a key. Any server takes it, and coordinates or passes it on.',
    params: get,
    result: found,
  },
  passPut: {
    from: 'server',
    to: 'server',
    about: 'A put for the receiver to coordinate.',
    params: put,
    result: written,
  },
  passGet: {
    from: 'server',
    to: 'server',
    about: 'A get for the receiver to coordinate.',
    params: get,
    result: found,
  },
  replicate: {
    from: 'server',
    to: 'server',
    about:
      'A write for a replica, of a put or of a read that found it stale, or for a stand-in. ' +
      'Answered when durable.',
    params: v.strictObject({
      ring,
      write,
      /** The replica that the receiver is to keep it for; null if it is one itself. */
      owner: v.nullable(nodeIdSchema),
      clock,
    }),
    result: v.strictObject({ isKept: v.boolean(), isOwed, clock }),
  },
  read: {
    from: 'server',
    to: 'server',
    about: "A replica's newest writes of a key.",
    params: v.strictObject({ ring, key: keySchema, clock }),
    result: v.strictObject({ writes: writesSchema, isOwed, clock }),
  },
  announce: {
    from: 'server',
    to: 'server',
    about:
      'I am here, and know the ring of this number, or 0. Answered when the receiver has ' +
      'delivered the hints that it keeps for me.',
    params: v.strictObject({ ring, clock }),
    result: v.strictObject({ clock }),
  },
  heartbeat: {
    from: 'server',
    to: 'server',
    about: 'Gossip: are you alive? I am.',
    params: v.strictObject({ clock }),
    result: v.strictObject({ clock }),
  },
  transfer: {
    from: 'server',
    to: 'server',
    about: 'Writes that were kept for the receiver. Answered when they are durable there.',
    params: v.strictObject({ ring, writes: writesSchema, clock }),
    result: v.strictObject({ clock }),
  },
  pull: {
    from: 'server',
    to: 'server',
    about:
      'For keys after `after`, up to `upTo`: I have these versions, give me what is newer. ' +
      'Answered up to the key `next`, or to the end of the range if it is null.',
    params: v.strictObject({
      ring,
      after: v.nullable(v.string()),
      upTo: v.nullable(v.string()),
      known: versionsSchema,
      clock,
    }),
    result: v.strictObject({ writes: writesSchema, next: v.nullable(v.string()), clock }),
  },
  meet: {
    from: 'server',
    to: 'server',
    about: 'Stabilize, first: take part in this round. Answered after all servers beyond have.',
    params: v.strictObject({
      round: countSchema,
      avoid: servers,
      budgetMs: millisecondsSchema,
      stepMs: millisecondsSchema,
      clock,
    }),
    result: v.strictObject({
      /** To each server that takes part through the receiver; empty if it does already. */
      routes,
      missing: servers,
      clock,
    }),
  },
  flush: {
    from: 'server',
    to: 'server',
    about:
      'Stabilize, second: end what is under way, and deliver the hints for these servers. ' +
      'Answered when that is done and no hint is left, or as not quiet when the time is over.',
    params: v.strictObject({ routes, budgetMs, clock }),
    /** `owed`: those of these servers to which hints could not be delivered. */
    result: v.strictObject({ isQuiet: v.boolean(), owed: servers, clock }),
  },
  equalize: {
    from: 'server',
    to: 'server',
    about: 'Stabilize, third: pull what you lack from these servers.',
    params: v.strictObject({ routes, budgetMs, clock }),
    result: v.strictObject({ life, missed: servers, clock }),
  },
  collect: {
    from: 'server',
    to: 'server',
    about: 'Stabilize, at the end: every member has the tombstones up to here, collect them.',
    params: v.strictObject({ floor, budgetMs, clock }),
    result: v.strictObject({ clock }),
  },
  relay: {
    from: 'server',
    to: 'server',
    about: 'A message of a round for a server that the sender has no link to: hand it on.',
    params: v.strictObject({
      origin: nodeIdSchema,
      /** The servers after the receiver; the last one is to answer. */
      route,
      method: v.picklist(['flush', 'equalize', 'collect', 'transfer', 'pull']),
      params: json,
      budgetMs,
      clock,
    }),
    result: v.strictObject({ result: json, clock }),
  },
  join: {
    from: 'server',
    to: 'service',
    about: 'I am here, with this ring in my log. `isNeeded`: a request needs the ring now.',
    params: v.strictObject({ ring: v.nullable(ringSchema), floor, isNeeded: v.boolean() }),
    result: v.strictObject({
      ring: v.nullable(ringSchema),
      /** The servers of earlier runs that have to join before there can be a ring. */
      awaited: servers,
      /** Tombstones up to here are collected, so a new life begins above it. */
      floor,
    }),
  },
  advance: {
    from: 'server',
    to: 'service',
    about: 'I am the newcomer of this ring, and have copied my ranges from all their replicas.',
    params: v.strictObject({ ring }),
    result: v.strictObject({ ring: v.nullable(ringSchema) }),
  },
  forget: {
    from: 'server',
    to: 'service',
    about: 'These lives have the same data: may tombstones up to the floor be collected?',
    params: v.strictObject({ floor, lives: v.array(life) }),
    result: v.strictObject({ isAgreed: v.boolean() }),
  },
});

export type QuorumMessages = typeof messages;

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
import {
  isMerkleAnswer,
  isMerkleQuestion,
  type MerkleAnswer,
  type MerkleQuestion,
} from '../../replication/merkle/descent.ts';
import type { MerkleRoot } from '../../replication/merkle/forest.ts';
import { holdingsSchema } from './exchange.ts';
import type { Level } from './levels.ts';
import { ringSchema } from './ring.ts';
import { isWireWrite, type WireWrite, writesSchema } from './write.ts';

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

const roots = v.custom<readonly MerkleRoot[]>(isRoots, 'not roots');
const question = v.custom<MerkleQuestion>(isMerkleQuestion, 'not a question');
const answer = v.custom<MerkleAnswer>(isMerkleAnswer, 'not an answer');

function isRoots(x: unknown): boolean {
  const isText = (part: unknown): boolean => typeof part === 'string';
  const isRoot = (one: unknown): boolean =>
    Array.isArray(one) && one.length === 2 && one.every(isText);
  return Array.isArray(x) && x.every(isRoot);
}

/** What a round sends over other servers. */
const RELAYED = [
  ...['flush', 'equalize', 'collect', 'transfer'],
  ...['compare', 'descend', 'pull', 'push'],
] as const;

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
  compare: {
    from: 'server',
    to: 'server',
    about: 'The roots of my Merkle trees of the keys that we share: which trees differ?',
    params: v.strictObject({ ring, roots, clock }),
    result: v.strictObject({ trees: v.array(v.string()), clock }),
  },
  descend: {
    from: 'server',
    to: 'server',
    about: 'About nodes of one of these trees: where do they differ?',
    params: v.strictObject({ ring, tree: v.string(), question, clock }),
    result: v.strictObject({ answer, clock }),
  },
  pull: {
    from: 'server',
    to: 'server',
    about: 'Of these keys I have these versions: give me what is newer, and say what you lack.',
    params: v.strictObject({ ring, holdings: holdingsSchema, clock }),
    result: v.strictObject({
      writes: writesSchema,
      /** The numbers of the holdings of which the receiver lacks a write. */
      lacking: v.array(countSchema),
      /** So many of the holdings are answered; the rest did not fit. */
      answered: v.pipe(countSchema, v.minValue(1)),
      clock,
    }),
  },
  push: {
    from: 'server',
    to: 'server',
    about: 'Copies of writes that the receiver lacks. Answered when they are durable there.',
    params: v.strictObject({ ring, writes: writesSchema, clock }),
    result: v.strictObject({ clock }),
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
      'Answered when that is done, or as not done yet when the time is over. ' +
      'Quiet: it is done, and no hint is left.',
    params: v.strictObject({ routes, budgetMs, clock }),
    /** `owed`: those of these servers to which hints could not be delivered. */
    result: v.strictObject({ isDone: v.boolean(), isQuiet: v.boolean(), owed: servers, clock }),
  },
  equalize: {
    from: 'server',
    to: 'server',
    about:
      'Stabilize, third: exchange what either lacks with those of these servers after you. ' +
      'Answered when that is done, or as not done yet when the time is over.',
    params: v.strictObject({ routes, budgetMs, clock }),
    /** `ring`: by which it was done, or 0. `missed`: with these that has failed, or is not done. */
    result: v.strictObject({ isDone: v.boolean(), life, ring, missed: servers, clock }),
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
      method: v.picklist(RELAYED),
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

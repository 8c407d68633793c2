// Quorum: coordinators, consistency levels per request, hints, read repair.
//
// What it guarantees. A write that is acknowledged at level W is durable on W replicas of its key.
// If R + W is more than N, and servers have logs, a session reads its own writes. After `stabilize`
// all replicas of a key that are reached have the same, and no hints are left.
// What it gives up. The order of writes is that of their Lamport stamps, not of real time: a write
// whose coordinator has not heard of a greater stamp is superseded at birth. With R + W > N it is
// neither linearizable nor monotonic: a write under way is seen by one read, and missed by the
// next.
// Who talks to whom. 0. The configuration service fixes the ring at the first request; a key
// belongs to the first N servers of its preference list. A ring by hash can grow later (ring.ts).
// 1. A client asks any server. One of the first N healthy servers of the key coordinates; another
// server passes the request on. 2. The coordinator stamps a write and sends it to all replicas. It
// acknowledges after W durable copies, and keeps a hint for each replica that has not confirmed.
// With fewer than W believed alive it refuses before anything is written. 3. A read asks all
// replicas, and the answers of the first R in list order count; the newest version is returned.
// Replicas that were found stale are repaired. 4. A server that starts announces itself: the others
// hand over the hints that they keep for it. 5. With gossip, each server pings a random other one
// at intervals, so that it learns who is alive without requests. 6. `stabilize` delivers hints,
// lets replicas copy from each other, and collects tombstones. With `quorum=sloppy` the first N
// healthy servers count, and one that is no replica stands in for one. With `versions=vector` a
// replica keeps all writes that no session has replaced knowingly.
// Sources. DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007,
// sections 4.3 to 4.7; Lakshman & Malik, "Cassandra: A Decentralized Structured Storage System",
// LADIS 2009, for the strict quorum.
// The smallest run that shows its weakness. Three servers; one put is sent to all and reaches one.
// A read that asks that one returns the new value; a later read that asks the two others does not.
import { defineProtocol } from '../../kernel/protocol.ts';
import { errors } from './errors.ts';
import { createQuorumInvariants } from './invariants.ts';
import { refuseKey, sampleKeys } from './keys.ts';
import { modifiers } from './levels.ts';
import { messages } from './messages.ts';
import { claimsWith, leastReplicas, options, refuseOptions } from './options.ts';
import { createQuorumReplica } from './replica.ts';
import { createQuorumService } from './service.ts';
import { createQuorumSession } from './session.ts';

export const quorum = defineProtocol({
  name: 'quorum',
  summary: 'Coordinators with a level for each request, hints and read repair.',
  claims: claimsWith,
  options,
  refuseOptions,
  modifiers,
  refuseKey,
  sampleKeys,
  leastReplicas,
  hasRepairs: true,
  commands: [
    {
      name: 'transfer',
      usage: 'transfer [s]',
      about: 'delivers the hints that s or every server keeps, to the servers that are reached',
      on: 'servers',
      args: [],
      prints: 'nothing',
    },
    {
      name: 'gossip',
      usage: 'gossip on|off [s]',
      about: 'lets server s or every server ping another member at intervals, or not any more',
      on: 'servers',
      args: ['word'],
      samples: ['on', 'on', 'off'],
      refuse: ([word]) => (word === 'on' || word === 'off' ? undefined : 'gossip is on or off'),
      prints: 'nothing',
    },
  ],
  messages,
  errors,
  notes: ['choose', 'collect', 'grow'],
  createReplica: createQuorumReplica,
  createSession: createQuorumSession,
  createService: createQuorumService,
  createInvariants: createQuorumInvariants,
});

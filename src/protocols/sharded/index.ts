// Sharded: a shard master, replica groups, exactly once.
//
// What it guarantees. With sync=all every run is linearizable, also through joins, leaves and the
// deaths of servers; an acknowledged write is there as long as one server that had it lives, or
// comes back with its disk. An append or a pop takes effect once, however often it is repeated.
// With sync=NUMBER a write is at so many secondaries; a read may be old, and a death may lose
// writes that the next primary did not have.
// What it gives up. The shard master is one process: without it no read is answered. A key that
// moves waits until the move has ended. With sync=all a write waits for every server of its group.
// Who talks to whom. 1. A client asks the shard master which server has a key, and then that
// server: any of the group for a get, the primary for all else. 2. The primary orders the requests
// of its group in a log, and sends it to the secondaries. 3. When a server joins or leaves, the
// shard master freezes the shards that move. The primary that owns them gives them, with the table
// of requests, to the primary that gets them; when its whole group has them, the shard master
// switches the owner. 4. A server confirms with the shard master that its configuration is current
// before it answers a read. 5. The shard master learns of deaths, and of servers that do not
// answer; it appoints the secondary with the longest log as the next primary.
// Sources. DeCandia et al., "Dynamo", SOSP 2007, section 6.2, strategy 3, for shards of equal size
// that move whole; Lamport, Malkhi & Zhou, "Vertical Paxos and Primary-Backup Replication", PODC
// 2009, for groups with a configuration master; Lee et al., SOSP 2015, section 3, for exactly once.
// The smallest run that shows its weakness. With sync=0, put a key and get it from a secondary.
import { defineProtocol } from '../../kernel/protocol.ts';
import { commands } from './commands.ts';
import { errors } from './errors.ts';
import { createShardedInvariants } from './invariants.ts';
import { messages } from './messages.ts';
import { claimsOf, convergesWithinMs, options, readSettings } from './options.ts';
import { refuseKey } from './placement.ts';
import { createShardedReplica } from './replica.ts';
import { createShardedService } from './service.ts';
import { createShardedSession } from './session.ts';

const SAMPLE_KEYS = ['0', '7', '40', '81', '100'];

export const sharded = defineProtocol({
  name: 'sharded',
  summary: 'Shards in replica groups with a shard master: linearizable, or as stale as you choose.',
  claims: claimsOf,
  options,
  commands,
  clientsReachAll: true,
  losesWrites: ({ sync }) => sync !== 'all',
  convergesWithinMs,
  refuseKey: (key, options) => refuseKey(readSettings(options).partition, key),
  sampleKeys: (options) => {
    const { kind, slots } = readSettings(options).partition;
    return kind === 'range' ? SAMPLE_KEYS.filter((key) => Number(key) < slots) : undefined;
  },
  leastReplicas: ({ join }) => (join === 'manual' ? Number.POSITIVE_INFINITY : 1),
  messages,
  errors,
  notes: ['choose', 'suspect', 'repeat', 'promote', 'move', 'undo'],
  createReplica: createShardedReplica,
  createSession: createShardedSession,
  createService: createShardedService,
  createInvariants: createShardedInvariants,
});

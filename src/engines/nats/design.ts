// NATS: a key-value bucket of JetStream, whose stream is replicated by raft (Ongaro and
// Ousterhout, "In Search of an Understandable Consensus Algorithm", 2014).
//
// What it guarantees. Writes have one order, and a majority has each one that is acknowledged. A
// read asks no majority: a direct read is answered by a replica, which may be behind, and a read at
// the leader by a server that takes itself for the leader.
// Who talks to whom. 1. Two servers begin a cluster, each later one joins it; all have a replica of
// the bucket. 2. A server that was killed is still a member; if it joins again, it starts on its
// own folder. 3. Each server dials those that were there before it, through a proxy of the master
// for each of them. 4. A client of the script lives in the master, and asks one of its servers.
import type { Design } from '../../kernel/design.ts';
import { CAS_COMMAND } from '../../replication/compareAndSet.ts';
import { lacksElsewhere, refuseServerElsewhere } from '../store/endpoints.ts';
import { refuseLinkOverTcp } from '../tcp/slowLinks.ts';
import { claimsFrom } from '../world/claims.ts';
import { PROGRAM_LACKS } from '../world/programLacks.ts';
import { errors } from './errors.ts';
import { modifiers, options, refuseOptions } from './options.ts';

export const natsDesign: Design = {
  name: 'nats',
  summary: "NATS's own servers with a key-value bucket; their routes can be cut and delayed.",
  claims: claimsFrom,
  guarantees: {},
  options,
  refuseOptions,
  refuseServer: refuseServerElsewhere,
  refuseLink: refuseLinkOverTcp,
  commands: [
    CAS_COMMAND,
    {
      name: 'moveLeader',
      usage: 'moveLeader s',
      about: "makes a server the leader, of the cluster and of the bucket's stream",
      on: 'server',
      args: [],
      prints: 'nothing',
    },
  ],
  modifiers,
  lacksWith: (options) => lacksElsewhere(options, ['moveLeader']),
  lacks: PROGRAM_LACKS,
  errors,
};

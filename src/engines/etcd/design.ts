// etcd: a replicated log by raft (Ongaro and Ousterhout, "In Search of an Understandable Consensus
// Algorithm", 2014), and a store with numbered changes.
//
// What it guarantees. Linearizable operations. A read of the level `serializable` is answered from
// the server's own store, which may be old.
// Who talks to whom. 1. The first server begins a cluster. Each later one is added to it: first as
// a learner, then, when it has the log, as a member that votes. 2. A server that was killed is
// still a member; if it joins again, it starts on its own folder. 3. The members' messages pass
// through the master, one proxy for each member. 4. A client of the script lives in the master, and
// asks one of its servers by the JSON gateway.
import type { Design } from '../../kernel/design.ts';
import { CAS_COMMAND } from '../../replication/compareAndSet.ts';
import { lacksElsewhere, refuseServerElsewhere } from '../store/endpoints.ts';
import { refuseLinkOverTcp } from '../tcp/slowLinks.ts';
import { PROGRAM_LACKS } from '../world/programLacks.ts';
import { errors } from './errors.ts';
import { claims, modifiers, options, refuseOptions } from './options.ts';

export const etcdDesign: Design = {
  name: 'etcd',
  summary:
    "etcd's own servers, asked by their JSON gateway; their messages can be cut and delayed.",
  claims,
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
      about: 'makes a server the leader; returns when its servers know it',
      on: 'server',
      args: [],
      prints: 'nothing',
    },
  ],
  modifiers,
  lacksWith: (chosen) => lacksElsewhere(chosen, ['moveLeader']),
  lacks: PROGRAM_LACKS,
  errors,
};

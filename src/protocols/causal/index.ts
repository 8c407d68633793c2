// Causal: gossip with Lamport clocks, and sessions that refuse to go back.
//
// What it promises. A client reads its own writes and never reads older than it has read, key by
// key; a client that joins with `causal` sees all of causality. After `stabilize` every server of a
// partition holds the same store, with the latest write of each key.
// What it gives up. Two partitions accept writes to one key, and one of them loses. A write is
// acknowledged when one server has it: if that dies before it gossips, the write is gone. A server
// that lags behind a session refuses it (ERR_DEP).
// Who talks to whom. 0. A server that joins greets the others, and takes over the time of one
// before its first write. 1. A client sends a put to one server, which stamps it with its Lamport
// clock, stores it and answers. 2. The server pushes to the servers it is connected to what each
// lacks. 3. A get carries the version that the session depends on; a server that has not applied it
// answers ERR_DEP. 4. `stabilize` builds a spanning tree per partition, gathers differences up,
// spreads them down.
// Sources. Lamport, CACM 1978; Terry et al., "Session Guarantees for Weakly Consistent Replicated
// Data", PDIS 1994, section 4; Terry et al., SOSP 1995 (prefix property); Chang, IEEE TSE 1982.
// The smallest run that shows its weakness. Clients 1 and 2 at servers 0 and 3, the link cut: both
// put x; after createConnection 0 3 and stabilize one of the two values is gone.
import { defineProtocol } from '../../kernel/protocol.ts';
import { errors } from './errors.ts';
import { createCausalInvariants } from './invariants.ts';
import { messages } from './messages.ts';
import { convergesWithinMs, options } from './options.ts';
import { createCausalReplica } from './replica.ts';
import { createCausalSession } from './session.ts';

export const causal = defineProtocol({
  name: 'causal',
  summary: 'Gossip with Lamport clocks; sessions read their own writes and never go back.',
  claims: ['read-your-writes', 'monotonic-reads', 'convergence'],
  guarantees: {
    causal: ['read-your-writes', 'monotonic-reads', 'monotonic-writes', 'writes-follow-reads'],
  },
  options,
  convergesWithinMs,
  commands: [],
  messages,
  errors,
  notes: ['choose', 'forget'],
  createReplica: createCausalReplica,
  createSession: createCausalSession,
  createInvariants: createCausalInvariants,
});

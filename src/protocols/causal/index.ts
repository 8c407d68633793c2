// Causal: gossip with Lamport clocks, and sessions that refuse to go back.
//
// What it guarantees. For each key, a client reads its own writes and never reads an older version
// than before. A client that joins with `causal` has all four session guarantees over all keys.
// After `stabilize` every server of a partition holds the same store, with the latest write of each
// key.
// What it gives up. If two partitions accept writes to one key, one of the writes is lost. A write
// is acknowledged when one server has it: if that server dies before it gossips, the write is lost.
// A server that has not applied what a session depends on refuses the session (ERR_DEP).
// Who talks to whom. 0. A server that joins sends `join` to the others, and takes over the clock of
// one of them before its first write. 1. A client sends a put to one server, which stamps it with
// its Lamport clock, stores it and answers. 2. The server pushes to each connected server what that
// one lacks. 3. A get carries the version that the session depends on; a server that has not
// applied it answers ERR_DEP. 4. `stabilize` builds a spanning tree per partition, gathers the
// differences up the tree, and spreads them down.
// Sources. Lamport, CACM 1978; Terry et al., "Session Guarantees for Weakly Consistent Replicated
// Data", PDIS 1994, section 4; Terry et al., SOSP 1995 (prefix property); Chang, IEEE TSE 1982.
// The smallest run that shows its weakness. Client 1 is at server 0, client 2 at server 3, and the
// link between the servers is cut. Both clients put x. After createConnection 0 3 and stabilize one
// of the two values is lost.
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
  messages,
  errors,
  notes: ['choose', 'forget'],
  createReplica: createCausalReplica,
  createSession: createCausalSession,
  createInvariants: createCausalInvariants,
});

// Weak: a last-writer store that is weak on purpose, to break each consistency level in turn.
//
// What it guarantees. Without options: the four session guarantees of Terry et al., so causal
// consistency, and after `stabilize` every server of a partition holds the same. Each value of
// `breaks` leaves out the one mechanism behind one of these, and the claims say so.
// What it gives up. A put is acknowledged when one server has it, in memory: nothing stronger than
// causal holds while a link is cut, and a killed server loses what it had not passed on. A store
// travels whole, with every tombstone that it ever had, and must fit into one message.
// Who talks to whom. 1. A client sends a put to one server, with what its session has written and
// read (monotonic writes, writes follow reads); a server that has not applied that refuses it. 2.
// The server stamps the put with its Lamport clock, stores it, answers, and pushes its whole store
// to each connected server. 3. Of two writes of a key the later one wins. 4. A get carries the same
// (read your writes, monotonic reads). 5. `stabilize` merges the stores up a tree, and spreads the
// result down.
// Sources. Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", PDIS 1994,
// section 4; Lamport, CACM 1978; Shapiro et al., SSS 2011 (state-based replication).
// The smallest run that shows its weakness. With breaks=read-your-writes a client puts x at server
// 0 while the link to server 1 is cut, moves to server 1, and finds no x.
import { defineProtocol } from '../../kernel/protocol.ts';
import { CAS_COMMAND } from '../../replication/compareAndSet.ts';
import { createWeakInvariants } from './invariants.ts';
import { messages } from './messages.ts';
import { claims, options } from './options.ts';
import { createWeakReplica } from './replica.ts';
import { createWeakSession } from './session.ts';

export const weak = defineProtocol({
  name: 'weak',
  summary: 'A last-writer store, weak on purpose: each option breaks one level.',
  claims,
  options,
  commands: [CAS_COMMAND],
  messages,
  notes: ['choose'],
  createReplica: createWeakReplica,
  createSession: createWeakSession,
  createInvariants: createWeakInvariants,
});

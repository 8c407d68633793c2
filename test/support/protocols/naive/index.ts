// naive: a last-writer store that is as small as it can be, to begin a design with.
//
// What it guarantees. After `stabilize` every server of a partition holds the same. What it gives
// up. All else: a client that moves to another server may miss what it has put or read before.
// Who talks to whom. A client sends a put to one server, which stamps it with its Lamport clock,
// stores it, answers, and pushes it to each connected server. The greater version wins.
import { defineProtocol } from '../../../../src/kernel/protocol.ts';
import { messages } from './messages.ts';
import { NaiveReplica } from './replica.ts';
import { createNaiveSession } from './session.ts';

export const naive = defineProtocol({
  name: 'naive',
  summary: 'A last-writer store that stabilize makes equal.',
  claims: ['convergence'],
  guarantees: {},
  options: {},
  commands: [],
  notes: ['choose'],
  messages,
  createReplica: (env) => new NaiveReplica(env),
  createSession: createNaiveSession,
  createInvariants: () => ({
    changed: () => undefined,
    stabilizing: () => undefined,
    stabilized: () => undefined,
  }),
});

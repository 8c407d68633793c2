// lease: a store at the configuration service, of which the server with the lease keeps a copy. It
// answers reads without asking, as long as it believes that it holds the lease.
//
// What it guarantees. Linearizability, with `tenure=sound`. The other values are mistakes, each of
// which one kind of fault of a node shows: they trust a clock, a timer, or the speed of a node.
import { defineProtocol } from '../../../../src/kernel/protocol.ts';
import { messages } from './messages.ts';
import { LeaseReplica } from './replica.ts';
import { createLeaseService } from './service.ts';
import { createLeaseSession } from './session.ts';
import { TENURES } from './tenure.ts';

export const lease = defineProtocol({
  name: 'lease',
  summary: 'Reads under a lease.',
  claims: ['linearizable'],
  options: {
    tenure: {
      about: 'How long a server believes that it holds the lease.',
      fallback: 'sound',
      choices: Object.keys(TENURES),
      refuse: (text) => (Object.hasOwn(TENURES, text) ? undefined : 'there is no such tenure'),
    },
  },
  messages,
  createReplica: (env, { tenure = 'sound' }) => {
    const create = TENURES[tenure];
    if (create === undefined) throw new Error(`no tenure ${tenure}`);
    return new LeaseReplica(env, create(env));
  },
  createSession: createLeaseSession,
  createService: createLeaseService,
});

// Chain: chain replication, linearizable key by key.
//
// What it promises. Every run is linearizable, whatever dies, stops or is cut off. An acknowledged
// write is in every later configuration while one server of the chain that acknowledged it lives,
// or comes back with its disk. With one server gone, operations resume within a stated time.
// What it gives up. A write waits for three servers. While nobody knows yet that one of them is
// gone, the keys of its chains are neither written nor read. The smaller side of a partition does
// nothing. When all servers of a chain are gone, its keys are refused until one is back with its
// disk.
// Who talks to whom. 1. Servers lie on a ring by the SHA-1 of their ids; a key belongs to the three
// servers clockwise of its own SHA-1, the head, the middle and the tail of its chain. 2. A client
// asks any server, which forwards a write to the head and a read to the tail. 3. A write travels
// down the chain in order; when the tail has it, that travels up, and the head answers. 4. Before
// the tail answers a read it asks the configuration service whether its epoch is still the current
// one. 5. The service hears of deaths, and of servers that do not answer, makes the next
// configuration, and tells it; the new neighbours begin with what one of them lacks. 6. A server
// that comes (back) is brought up to date behind the tail, then takes its place.
// Sources. van Renesse & Schneider, "Chain Replication for Supporting High Throughput and
// Availability", OSDI 2004, sections 2 to 4; Terrace & Freedman, "Object Storage on CRAQ", USENIX
// ATC 2009, section 2.3 (reads=any).
// The smallest run that shows its weakness. Pause the tail of a key's chain, and get the key: the
// answer comes only when the service has found the tail silent and left it out.
import { defineProtocol } from '../../kernel/protocol.ts';
import { errors } from './errors.ts';
import { createChainInvariants } from './invariants.ts';
import { messages } from './messages.ts';
import { options } from './options.ts';
import { createChainReplica } from './replica.ts';
import { createChainService } from './service.ts';
import { createChainSession } from './session.ts';

export const chain = defineProtocol({
  name: 'chain',
  summary: 'Chain replication: linearizable, one failure at a time.',
  claims: ['linearizable'],
  guarantees: {},
  holdAlike: false,
  options,
  commands: [],
  scopes: {
    '@': 'everything at the server that the client is connected to',
    '*': 'everything in the system',
  },
  messages,
  errors,
  notes: ['choose', 'suspect', 'repeat'],
  createReplica: createChainReplica,
  createSession: createChainSession,
  createService: createChainService,
  createInvariants: createChainInvariants,
});

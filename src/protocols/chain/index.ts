// Chain: chain replication, linearizable key by key.
//
// What it guarantees. Every run is linearizable, also if servers die, stop or are cut off. An
// acknowledged write is in every later configuration while one server of the chain that
// acknowledged it lives, or comes back with its disk. After the failure of one server, operations
// resume within a stated time.
// What it gives up. A write waits for three servers. Until the failure of a server is detected, the
// keys of its chains can be neither written nor read. The smaller side of a partition does nothing.
// If all servers of a chain are dead, its keys are refused until one of them is back with its disk.
// Who talks to whom. 1. The SHA-1 of a server's id is its token on a ring. A key belongs to the
// three servers clockwise of its own SHA-1: the head, the middle and the tail of its chain. 2. A
// client asks any server, which forwards a write to the head and a read to the tail. 3. A write
// travels down the chain in order, at once; the disks take it meanwhile. Each server tells the next
// up to where it and all before it are durable. When all disks have the write, the tail
// acknowledges it. The acknowledgement travels up, and the head answers. The head decides a
// compare-and-set, which travels as a write, also if it changes nothing. 4. Before the tail answers
// a read, it asks the configuration service whether its epoch is still the current one. 5. The
// service learns of deaths, and of servers that do not answer. It makes the next configuration and
// sends it to all; then each new predecessor sends its successor what that one lacks. 6. A server
// that joins is brought up to date after the tail, then takes its positions.
// Sources. van Renesse & Schneider, "Chain Replication for Supporting High Throughput and
// Availability", OSDI 2004, sections 2 to 4; Terrace & Freedman, "Object Storage on CRAQ", USENIX
// ATC 2009, section 2.3 (reads=any).
// The smallest run that shows its weakness. Pause the tail of a key's chain, and get the key. The
// answer comes only after the service has found that the tail does not answer, and has removed it.
import { defineProtocol } from '../../kernel/protocol.ts';
import { CAS_COMMAND } from '../../replication/compareAndSet.ts';
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
  options,
  commands: [CAS_COMMAND],
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

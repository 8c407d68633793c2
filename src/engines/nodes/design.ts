// Nodes: the user's own servers, in any language. Each is a program that reads and writes messages
// as JSON lines, as Maelstrom's workload lin-kv has them (jepsen-io/maelstrom, doc/protocol.md and
// doc/workloads.md).
//
// What it guarantees. Whatever the user claims for the programs (`claims=`); nothing else.
// Who talks to whom. 1. The master starts a program for each server, and sends it `init` with its
// name and the names of all. 2. A client of the script, which lives in the master, sends `read`,
// `write` and `cas` to one of its servers. 3. Every message between servers passes through the
// master, which reads only its sender and receiver, and lets it arrive, or not, as the links of the
// script have it. 4. `lin-kv`, `seq-kv`, `lww-kv` and `lin-tso` are services of the master.
import type { Design } from '../../kernel/design.ts';
import { CAS_COMMAND } from '../../replication/compareAndSet.ts';
import { claimsFrom } from '../world/claims.ts';
import { PROGRAM_LACKS } from '../world/programLacks.ts';
import { errors } from './errors.ts';
import { options, refuseOptions, refuseServer } from './options.ts';

export const nodesDesign: Design = {
  name: 'nodes',
  summary:
    'Servers of your own, in any language: programs that speak JSON lines on stdin and stdout.',
  claims: claimsFrom,
  guarantees: {},
  options,
  refuseOptions,
  refuseServer,
  commands: [CAS_COMMAND],
  lacks: {
    delete: 'the workload lin-kv has no message that removes a key',
    ...PROGRAM_LACKS,
  },
  errors,
};

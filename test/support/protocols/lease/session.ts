// The client's half of lease: sends each request once, to one server.
import type { Env } from '../../../../src/kernel/env.ts';
import type { Session } from '../../../../src/kernel/protocol.ts';
import { createOneServerSession } from '../../../../src/replication/oneServerSession.ts';
import type { LeaseMessages } from './messages.ts';

export function createLeaseSession(env: Env<LeaseMessages, 'client'>): Session<LeaseMessages> {
  return createOneServerSession(env, {
    write: (server, write) => env.call(server, 'write', write),
    read: (server, key) => env.call(server, 'read', { key }),
  });
}

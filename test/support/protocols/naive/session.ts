// The client's half of naive: sends each request once, to one server.
import type { Answer } from '../../../../src/kernel/control.ts';
import type { Env } from '../../../../src/kernel/env.ts';
import type { NodeId } from '../../../../src/kernel/ids.ts';
import type { Session } from '../../../../src/kernel/protocol.ts';
import { askServers, chooseServer } from '../../../../src/replication/askServers.ts';
import { ONCE, unanswered } from '../../../../src/replication/attempts.ts';
import { ServerChoice } from '../../../../src/replication/serverChoice.ts';
import type { NaiveMessages } from './messages.ts';

export function createNaiveSession(env: Env<NaiveMessages, 'client'>): Session<NaiveMessages> {
  const servers = new ServerChoice();
  let seq = 0;
  const ask = <T>(call: (server: NodeId) => Promise<T>) =>
    askServers(env, ONCE, (tried) => chooseServer(env, servers, tried), call);
  const write = async (key: string, value: string | null): Promise<Answer> => {
    seq += 1;
    const params = { key, value, life: env.self.incarnation, seq };
    const asked = await ask((server) => env.call(server, 'write', params));
    if ('outcome' in asked) return unanswered(asked);
    const { server, result } = asked;
    return { outcome: 'ok', value: null, server, applied: null, ...result };
  };
  return {
    state: {},
    handlers: {},
    connected: (server) => servers.connected(server),
    disconnected: (server) => servers.disconnected(server),
    put: write,
    delete: (key) => write(key, null),
    get: async (key) => {
      const asked = await ask((server) => env.call(server, 'read', { key }));
      if ('outcome' in asked) return unanswered(asked);
      const { server, result } = asked;
      const { value = null, version = null } = result.entry ?? {};
      const outcome = value === null ? 'absent' : 'ok';
      return { outcome, value, version, server, applied: null };
    },
  };
}

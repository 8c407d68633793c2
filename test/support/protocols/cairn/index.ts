// Cairn: two servers hold each key, and concurrent values pile up beside each other.
//
// It is there to use what a protocol can bring: levels, siblings, causal contexts, replicas of a
// key, hints, commands without a node, keys of its own, a code that is an answer, and a failure
// detector of its own.
import type { Answer } from '../../../../src/kernel/control.ts';
import type { NodeId } from '../../../../src/kernel/ids.ts';
import {
  defineProtocol,
  type ProtocolDefinition,
  type Session,
} from '../../../../src/kernel/protocol.ts';
import { askServers, chooseServer } from '../../../../src/replication/askServers.ts';
import { ONCE } from '../../../../src/replication/attempts.ts';
import { ServerChoice } from '../../../../src/replication/serverChoice.ts';
import { type CairnMessages, messages } from './messages.ts';
import { CairnReplica, errors } from './replica.ts';

type Definition = ProtocolDefinition<CairnMessages>;

const createSession: Definition['createSession'] = (env): Session<CairnMessages> => {
  const servers = new ServerChoice();
  const none = { value: null, server: null, version: null, applied: null };
  let requests = 0;
  const ask = <T>(call: (server: NodeId) => Promise<T>) =>
    askServers(env, ONCE, (tried) => chooseServer(env, servers, tried), call);
  const write = async (
    key: string,
    value: string | null,
    [level = 'one']: readonly string[] = [],
  ): Promise<Answer> => {
    requests += 1;
    const { id, incarnation } = env.self;
    const request = `${id}.${incarnation}#${requests}`;
    const params = { request, key, value, level: level === 'all' ? level : 'one' } as const;
    const asked = await ask((server) => env.call(server, 'write', params));
    if ('outcome' in asked) return { ...none, ...asked };
    return { ...none, outcome: 'ok', server: asked.server, ...asked.result };
  };
  return {
    handlers: {},
    state: {},
    connected: (server) => servers.connected(server),
    disconnected: (server) => servers.disconnected(server),
    put: write,
    delete: (key, modifiers) => write(key, null, modifiers),
    get: async (key) => {
      const asked = await ask((server) => env.call(server, 'read', { key }));
      if ('outcome' in asked) return { ...none, ...asked };
      const { server } = asked;
      const { siblings, context } = asked.result;
      const told = siblings.map(({ value, version }) => ({ value, version }));
      const [first, ...others] = told.sort((a, b) => rank(a) - rank(b));
      if (first === undefined) return { ...none, outcome: 'absent', server, context };
      const isGone = siblings.every(({ value }) => value === null);
      if (isGone) return { ...none, outcome: 'absent', server, version: first.version, context };
      const answer = { ...none, outcome: 'ok' as const, server, ...first, context };
      return others.length === 0 ? answer : { ...answer, siblings: [first, ...others] };
    },
  };
};

/** Values come before tombstones. */
function rank({ value }: { readonly value: string | null }): number {
  return Number(value === null);
}

export const cairn = defineProtocol<CairnMessages>({
  name: 'cairn',
  summary: 'Two servers hold each key; concurrent values are kept beside each other.',
  claims: [],
  refuseKey: (key) => (/^[0-9]$/.test(key) ? undefined : 'a key is a digit'),
  sampleKeys: () => ['1', '2', '3', '4'],
  modifiers: [
    {
      name: 'level',
      usage: 'one|all',
      about: 'whether all servers of the key have to be there',
      on: ['put', 'delete'],
      isModifier: (word) => word === 'one' || word === 'all',
      samples: ['one', 'all'],
    },
  ],
  commands: [
    {
      name: 'transfer',
      usage: 'transfer [s]',
      about: 'delivers what is kept for other servers',
      on: 'servers',
      args: [],
      prints: 'lines',
    },
  ],
  errors,
  notes: ['choose'],
  messages,
  createReplica: (env) => new CairnReplica(env),
  createSession,
});

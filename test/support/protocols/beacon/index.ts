// Beacon: the configuration service knows which server holds a key. Clients ask it, and then that
// server directly. A key does not move: what a server holds is lost to clients when it leaves.
//
// It is there to use what a protocol can bring: clients that reach every server and call the
// service, commands on a server without arguments, and one on the service with a key and a word.
import type { Answer } from '../../../../src/kernel/control.ts';
import { CallError } from '../../../../src/kernel/errors.ts';
import type { NodeId } from '../../../../src/kernel/ids.ts';
import { CALL_TIMEOUT_MS } from '../../../../src/kernel/limits.ts';
import { defineProtocol, type ProtocolDefinition } from '../../../../src/kernel/protocol.ts';
import { type BeaconMessages, messages } from './messages.ts';

type Definition = ProtocolDefinition<BeaconMessages>;

const CALL_MS = CALL_TIMEOUT_MS / 4;

const createService: Definition['createService'] = (env) => {
  /** By server: the life that holds keys. The end of an earlier life may be told late. */
  const holders = new Map<NodeId, number>();
  const listHolders = (): NodeId[] => [...holders.keys()].sort((a, b) => a - b);
  const holderOf = (key: string): NodeId | null => {
    const ids = listHolders();
    return ids[key.charCodeAt(0) % ids.length] ?? null;
  };
  return {
    state: holders,
    handlers: {
      enlist: ({ id, incarnation }, { isIn }) => {
        if (isIn) holders.set(id, incarnation);
        else holders.delete(id);
        return {};
      },
      where: (from, { key }) => {
        env.note('where', { from: { ...from }, key });
        return { server: holderOf(key) };
      },
    },
    ended: ({ id, incarnation }) => {
      if (holders.get(id) === incarnation) holders.delete(id);
    },
    command: async (_name, [key = '', which]) => {
      return which === 'all' ? [listHolders().join(' ')] : [`${key} ${holderOf(key)}`];
    },
  };
};

const createReplica: Definition['createReplica'] = (env) => {
  const store = new Map<string, string>();
  return {
    state: store,
    handlers: {
      write: (_from, { key, value }) => {
        if (value === null) store.delete(key);
        else store.set(key, value);
        return {};
      },
      read: (_from, { key }) => ({ value: store.get(key) ?? null }),
    },
    connected: () => undefined,
    disconnected: () => undefined,
    quiesced: async () => undefined,
    stabilize: async ({ known }) => ({ reached: known, missing: [] }),
    entries: () => store,
    inspect: () => ({ size: store.size }),
    command: async (name) => {
      await env.callService('enlist', { isIn: name === 'join' }, CALL_MS);
      return [];
    },
  };
};

const createSession: Definition['createSession'] = (env) => {
  const none = { value: null, server: null, version: null, applied: null };
  const ask = async (
    key: string,
    call: (server: NodeId) => Promise<Pick<Answer, 'outcome' | 'value'>>,
  ): Promise<Answer> => {
    try {
      const { server } = await env.callService('where', { key }, CALL_MS);
      if (server === null) return { ...none, outcome: 'fail' };
      return { ...none, server, ...(await call(server)) };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return { ...none, outcome: error.definite ? 'fail' : 'unknown' };
    }
  };
  const write = (key: string, value: string | null): Promise<Answer> =>
    ask(key, async (server) => {
      await env.call(server, 'write', { key, value }, CALL_MS);
      return { outcome: 'ok', value: null };
    });
  return {
    handlers: {},
    state: {},
    connected: () => undefined,
    disconnected: () => undefined,
    put: write,
    delete: (key) => write(key, null),
    get: (key) =>
      ask(key, async (server) => {
        const { value } = await env.call(server, 'read', { key }, CALL_MS);
        return { outcome: value === null ? 'absent' : 'ok', value };
      }),
  };
};

const onServer = { on: 'server', args: [], prints: 'nothing' } as const;

export const beacon = defineProtocol<BeaconMessages>({
  name: 'beacon',
  summary: 'One server holds each key; a service says which.',
  claims: [],
  clientsReachAll: true,
  // A script may let all servers leave: then no get is answered.
  leastReplicas: () => Number.POSITIVE_INFINITY,
  commands: [
    { ...onServer, name: 'join', usage: 'join s', about: 'lets a server hold keys' },
    { ...onServer, name: 'leave', usage: 'leave s', about: 'lets a server hold no keys' },
    {
      name: 'query',
      usage: 'query k owner|all',
      about: 'shows which server holds a key, or all servers that hold keys',
      on: 'service',
      args: ['key', 'word'],
      samples: ['owner', 'all'],
      prints: 'lines',
    },
  ],
  notes: ['where'],
  messages,
  createReplica,
  createSession,
  createService,
});

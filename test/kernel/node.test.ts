import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { Env } from '../../src/kernel/env.ts';
import { Bug } from '../../src/kernel/errors.ts';
import type { Peer } from '../../src/kernel/ids.ts';
import type { Witnessed } from '../../src/kernel/invariants.ts';
import { defineMessages } from '../../src/kernel/messages.ts';
import { createClientNode, createServerNode, type Node } from '../../src/kernel/node.ts';
import { defineProtocol, type Protocol } from '../../src/kernel/protocol.ts';
import { MEMORY_STORAGE } from '../../src/kernel/storage.ts';

const messages = defineMessages({
  ping: {
    from: 'server',
    to: 'server',
    about: 'Asks.',
    params: v.strictObject({ n: v.number() }),
    result: v.strictObject({ from: v.number(), n: v.number() }),
  },
  tell: {
    from: 'server',
    to: 'client',
    about: 'Tells.',
    params: v.strictObject({}),
    result: v.strictObject({}),
  },
});

/** What the nodes of the protocol below were told, in order. */
let told: unknown[] = [];

const answer = (outcome: 'ok', value: string) =>
  Promise.resolve({ outcome, value, server: null, version: null, applied: null });

const protocol = defineProtocol({
  name: 'told',
  summary: 'Writes down what it is told.',
  claims: [],
  messages,
  createReplica: () => ({
    state: 'replica',
    handlers: { ping: (from, { n }) => ({ from, n }) },
    connected: (...link) => told.push(['connected', ...link]),
    disconnected: (...link) => told.push(['disconnected', ...link]),
    quiesced: () => Promise.resolve(undefined),
    stabilize: async (order) => {
      told.push(order);
      return { reached: order.known, missing: order.avoid, more: 'than was asked for' };
    },
    entries: () => [
      ['\u{1f600}', '3'],
      ['b', '2'],
      ['\uffff', '4'],
      ['B', '0'],
      ['__proto__', '1'],
    ],
    inspect: () => ({ pings: 0 }),
  }),
  createSession: (_env, _options, guarantees) => ({
    state: guarantees,
    handlers: { tell: () => ({}) },
    connected: (server) => told.push(['connected', server]),
    disconnected: (server) => told.push(['disconnected', server]),
    put: (key, value) => answer('ok', `put ${key} ${value}`),
    delete: (key) => answer('ok', `delete ${key}`),
    get: (key) => answer('ok', `get ${key}`),
    command: (name, args) => answer('ok', [name, ...args].join(' ')),
  }),
});

function ignore(): void {}

/** No code here asks the world for anything. */
const env = { storage: MEMORY_STORAGE } as Env;
const createServer = (): Node => createServerNode({ env, protocol, options: {} });
const createClient = (): Node =>
  createClientNode({ env, protocol, options: {}, guarantees: ['causal'] });

const PEER: Peer = { id: 3, role: 'server' };

const refusal = (node: Node, from: Peer | 'master', method: string, params: unknown = {}) => {
  try {
    return node.handle(from, method, params);
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
};

describe('a node', () => {
  it.each([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '',
    'PING',
    'nope',
  ])('has no method %s for any caller (B4)', (method) => {
    for (const node of [createServer(), createClient()]) {
      expect(refusal(node, 'master', method)).toBe('E_NO_METHOD');
      expect(refusal(node, PEER, method)).toBe('E_NO_METHOD');
    }
  });

  it('keeps the methods of the master from peers, and those of peers from the master', () => {
    expect(refusal(createServer(), PEER, 'printStore')).toBe('E_NO_METHOD');
    expect(refusal(createServer(), PEER, 'stabilize')).toBe('E_NO_METHOD');
    expect(refusal(createClient(), PEER, 'put')).toBe('E_NO_METHOD');
    expect(refusal(createServer(), 'master', 'ping', { n: 1 })).toBe('E_NO_METHOD');
  });

  it('answers only what is addressed to its role', () => {
    expect(refusal(createServer(), PEER, 'tell')).toBe('E_NO_METHOD');
    expect(refusal(createClient(), PEER, 'ping', { n: 1 })).toBe('E_NO_METHOD');
    expect(refusal(createServer(), 'master', 'get', { key: 'k' })).toBe('E_NO_METHOD');
    expect(refusal(createClient(), 'master', 'printStore')).toBe('E_NO_METHOD');
  });

  it("refuses what the caller's role may not send", () => {
    const client: Peer = { id: 3, role: 'client' };
    expect(refusal(createServer(), client, 'ping', { n: 1 })).toBe('E_NO_METHOD');
    expect(refusal(createServer(), PEER, 'ping', { n: 1 })).toEqual({ from: 3, n: 1 });
    expect(refusal(createClient(), client, 'tell')).toBe('E_NO_METHOD');
  });

  it('of a client has no call that only servers make, when it is compiled', () => {
    const env = {} as Env<typeof messages, 'client'>;
    // @ts-expect-error: `ping` is for servers.
    expect(() => env.call(0, 'ping', { n: 1 })).toThrow();
    const server = {} as Env<typeof messages, 'server'>;
    expect(() => server.call(0, 'ping', { n: 1 })).toThrow();
  });

  it('checks what it is given before the protocol sees it', () => {
    const bad = [undefined, null, [], [1], 'x', {}, { n: '1' }, { n: 1, m: 2 }];
    for (const params of bad) {
      expect(refusal(createServer(), PEER, 'ping', params)).toBe('E_BAD_REQUEST');
    }
    const polluted = JSON.parse('{"n":1,"__proto__":{"ts":9}}') as unknown;
    expect(refusal(createServer(), PEER, 'ping', polluted)).toBe('E_BAD_REQUEST');
    expect(createServer().handle(PEER, 'ping', { n: 1 })).toEqual({ from: 3, n: 1 });
  });

  it('says that it has no commands where the protocol brings none', async () => {
    const params = { name: 'append', args: [] };
    await expect(createServer().handle('master', 'command', params)).rejects.toMatchObject({
      code: 'E_NO_METHOD',
    });
  });

  it('lets bugs through as they are', () => {
    const broken: Protocol = {
      ...protocol,
      createReplica: (...setup) => ({
        ...protocol.createReplica(...setup),
        entries: () => {
          throw new Bug('X1: broken');
        },
      }),
    };
    const node = createServerNode({ env, protocol: broken, options: {} });
    expect(() => node.handle('master', 'printStore', {})).toThrow(new Bug('X1: broken'));
  });
});

describe('a server node', () => {
  it('tells its replica of links', () => {
    told = [];
    const server = createServer();
    expect(server.handle('master', 'connect', { peer: 4, role: 'client' })).toEqual({});
    expect(server.handle('master', 'disconnect', { peer: 4, role: 'server' })).toEqual({});
    expect(told).toEqual([
      ['connected', 4, 'client'],
      ['disconnected', 4, 'server'],
    ]);
  });

  it('gives what a round reached, and nothing else', async () => {
    const order = { round: 1, avoid: [2], known: [0, 2], budgetMs: 9 };
    const outcome = await createServer().handle('master', 'stabilize', order);
    expect(outcome).toStrictEqual({ reached: [0, 2], missing: [2] });
    expect(await createServer().handle('master', 'settle', {})).toEqual({});
  });

  it('shows what the replica says of itself', () => {
    expect(createServer().handle('master', 'inspect', {})).toEqual({ state: { pings: 0 } });
  });

  it('prints its store sorted by code units', () => {
    expect(createServer().handle('master', 'printStore', {})).toEqual({
      entries: [
        ['B', '0'],
        ['__proto__', '1'],
        ['b', '2'],
        ['\u{1f600}', '3'],
        ['\uffff', '4'],
      ],
    });
  });

  it('shows the state of its replica', () => {
    expect(createServer()).toMatchObject({ role: 'server', state: 'replica' });
  });
});

describe('a replica that shows its versions only', () => {
  const brief: Protocol = {
    ...protocol,
    createReplica: () => {
      const { entries, inspect, ...replica } = protocol.createReplica(env, {});
      const versions = () => [
        { key: 'b', value: null, version: [2, 0, 1] as const },
        { key: 'a', value: '1', version: [1, 0, 1] as const },
      ];
      return { ...replica, versions };
    },
  };
  const server = createServerNode({ env, protocol: brief, options: {} });

  it('prints those with a value', () => {
    expect(server.handle('master', 'printStore', {})).toEqual({ entries: [['a', '1']] });
  });

  it('shows all of them, sorted', () => {
    const [a, b] = [
      { key: 'a', value: '1', version: [1, 0, 1] },
      { key: 'b', value: null, version: [2, 0, 1] },
    ];
    expect(server.handle('master', 'inspect', {})).toEqual({ state: { store: [a, b] } });
  });

  it('has to show something', () => {
    const createReplica: Protocol['createReplica'] = () => {
      const { entries, ...replica } = protocol.createReplica(env, {});
      return replica;
    };
    const blank = { ...protocol, createReplica };
    expect(() => createServerNode({ env, protocol: blank, options: {} })).toThrow('shows no store');
  });
});

describe('what a protocol leaves out', () => {
  it('is empty, and has nothing to check', () => {
    expect(protocol).toMatchObject({ guarantees: {}, options: {}, commands: [] });
    expect(protocol.createInvariants().changed({} as Witnessed, [])).toBeUndefined();
  });
});

describe('what a server node has recovered', () => {
  const storage = { ...MEMORY_STORAGE, isDurable: true };
  const createLogged = (own: Partial<ReturnType<Protocol['createReplica']>>): Node =>
    createServerNode({
      env: { storage } as Env,
      protocol: {
        ...protocol,
        createReplica: (...setup) => ({
          ...protocol.createReplica(...setup),
          restore: ignore,
          entries: () => [['k', 'v']],
          ...own,
        }),
      },
      options: {},
    });

  it('is what its replica says, or else its store', () => {
    const write = { key: 'x', value: null, version: [1, 2, 3], outcome: 'unknown' } as const;
    expect(createLogged({ recovered: () => [write] }).recovered()).toEqual([write]);
    const { outcome, ...entry } = write;
    const versions = () => [entry];
    expect(createLogged({ versions }).recovered()).toEqual([{ ...entry, outcome: 'ok' }]);
    expect(createLogged({}).recovered()).toEqual([
      { key: 'k', value: 'v', version: null, outcome: 'ok' },
    ]);
  });

  it('is nothing without a log', () => {
    expect(createServer().recovered()).toEqual([]);
    expect(createClient().recovered()).toEqual([]);
  });
});

describe('a client node', () => {
  it('passes operations on to its session', async () => {
    const client = createClient();
    const ask = async (method: string, params: object) =>
      ((await client.handle('master', method, params)) as { value: string }).value;
    expect(await ask('put', { key: 'k', value: 'a b' })).toBe('put k a b');
    expect(await ask('delete', { key: 'k' })).toBe('delete k');
    expect(await ask('get', { key: '__proto__' })).toBe('get __proto__');
    expect(await ask('command', { name: 'append', args: ['k', 'v'] })).toBe('append k v');
  });

  it('gives its session the guarantees that were asked for', () => {
    expect(createClient()).toMatchObject({ role: 'client', state: ['causal'] });
    expect(createClientNode({ env, protocol, options: {} }).state).toEqual([]);
  });
});

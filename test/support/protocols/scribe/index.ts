// Scribe: the configuration service books every write, and servers ask it, or their cache.
//
// It is there to use what a protocol can bring: claims that depend on an option, a service with
// commands, notes, a clock and randomness, commands without a node, operations that the checkers
// judge, an error code of its own with data.
import { CallError, declareErrors } from '../../../../src/kernel/errors.ts';
import type { VersionTuple } from '../../../../src/kernel/history.ts';
import type { NodeId } from '../../../../src/kernel/ids.ts';
import { CALL_TIMEOUT_MS } from '../../../../src/kernel/limits.ts';
import type { ParamsOf, ResultOf } from '../../../../src/kernel/messages.ts';
import {
  defineProtocol,
  type OperationMeaning,
  type ProtocolCommand,
  type ProtocolDefinition,
  type Session,
} from '../../../../src/kernel/protocol.ts';
import { type Asked, askServers, chooseServer } from '../../../../src/replication/askServers.ts';
import { ServerChoice } from '../../../../src/replication/serverChoice.ts';
import { SessionTable } from '../../../../src/replication/sessionTable.ts';
import { messages, type ScribeMessages } from './messages.ts';

type Definition = ProtocolDefinition<ScribeMessages>;
type Found = ResultOf<ScribeMessages, 'look'>;
type Written = ResultOf<ScribeMessages, 'book'>;
type Edit = ParamsOf<ScribeMessages, 'book'>['edit'];

/** The text after a request, and what the request returns; undefined if it changes nothing. */
function applyTo(
  text: string | null,
  value: string | null,
  edit: Edit,
): { readonly text: string | null; readonly taken: string | null } | undefined {
  if (edit === null) return { text: value, taken: null };
  const isLeft = edit.side === 'left';
  if (edit.kind === 'append') {
    const [before, added] = [text ?? '', value ?? ''];
    return { text: isLeft ? added + before : before + added, taken: null };
  }
  if (text === null) return undefined;
  const taken = [...text].at(isLeft ? 0 : -1) ?? '';
  const rest = isLeft ? text.slice(taken.length) : text.slice(0, text.length - taken.length);
  return { text: rest, taken };
}

const errors = declareErrors({
  ERR_CLOSED: { definite: true, text: 'the book is closed' },
});

const createService: Definition['createService'] = (env) => {
  const found = new Map<string, Found>();
  const booked = new SessionTable<Written>();
  const state = { count: 0, closedAt: undefined as number | undefined };
  const book = ({ key, value, edit }: ParamsOf<ScribeMessages, 'book'>): Written => {
    if (state.closedAt !== undefined) {
      throw new CallError('ERR_CLOSED', undefined, { entries: state.count });
    }
    const done = applyTo(found.get(key)?.value ?? null, value, edit);
    const answer: Written = { version: null, value: done?.taken ?? null };
    if (done !== undefined) {
      state.count += 1;
      const version: VersionTuple = [state.count, 0, env.generation + 1];
      found.set(key, { value: done.text, version });
      answer.version = version;
    }
    env.note('book', { key, count: state.count });
    return answer;
  };
  const bookOnce = (params: ParamsOf<ScribeMessages, 'book'>): Written => {
    const [id = 0, incarnation = 0] = params.session.split('.').map(Number);
    return booked.once({ session: { id, incarnation }, seq: params.seq }, () => book(params));
  };
  return {
    state,
    handlers: {
      book: (_from, params) => bookOnce(params),
      look: (_from, { key }) => found.get(key) ?? { value: null, version: null },
    },
    ended: () => undefined,
    inspect: () => ({ count: state.count, isClosed: state.closedAt !== undefined }),
    command: async (name) => {
      if (name === 'audit')
        return [`${state.count} entries`, `ticket ${Math.floor(env.random() * 9)}`];
      state.closedAt = name === 'close' ? env.now() : undefined;
      return [];
    },
  };
};

const createReplica: Definition['createReplica'] = (env, { reads }) => {
  const cache = new Map<string, Found>();
  const look = async (key: string): Promise<Found> => {
    const known = reads === 'cached' ? cache.get(key) : undefined;
    const found = known ?? (await env.callService('look', { key }, CALL_TIMEOUT_MS / 4));
    cache.set(key, found);
    return found;
  };
  return {
    state: cache,
    handlers: {
      write: (_from, params) => env.callService('book', params, CALL_TIMEOUT_MS / 4),
      read: (_from, { key }) => look(key),
    },
    connected: () => undefined,
    disconnected: () => undefined,
    quiesced: async () => undefined,
    stabilize: async ({ known }) => ({ reached: known, missing: [] }),
    entries: () => [],
    inspect: () => ({ cached: cache.size }),
    command: async () => {
      const { size } = cache;
      cache.clear();
      return [`${env.self.id} forgot ${size}`];
    },
  };
};

const createSession: Definition['createSession'] = (env): Session<ScribeMessages> => {
  const servers = new ServerChoice();
  let writes = 0;
  const policy = { lastAfterMs: 2_000, pauseMs: 20, isRepeated: true };
  const none = { value: null, server: null, version: null, applied: null };
  const ask = <T>(call: (server: NodeId) => Promise<T>): Promise<Asked<T>> =>
    askServers(
      env,
      { ...policy, isFinal: ({ code, data }) => code === 'ERR_CLOSED' && data !== undefined },
      (tried) => chooseServer(env, servers, tried),
      (server) => call(server),
    );
  const write = async (key: string, value: string | null, edit: Edit = null) => {
    writes += 1;
    const session = `${env.self.id}.${env.self.incarnation}`;
    const params = { session, seq: writes, key, value, edit };
    const asked = await ask((server) => env.call(server, 'write', params, CALL_TIMEOUT_MS / 2));
    if ('outcome' in asked) return { ...none, ...asked };
    const { version, value: taken } = asked.result;
    const outcome = version === null ? ('absent' as const) : ('ok' as const);
    return { ...none, outcome, server: asked.server, version, value: taken };
  };
  return {
    handlers: {},
    state: {},
    connected: (server) => servers.connected(server),
    disconnected: (server) => servers.disconnected(server),
    put: (key, value) => write(key, value),
    command: (name, [key = '', value = null]) => write(key, value, EDITS[name] ?? null),
    delete: (key) => write(key, null),
    get: async (key) => {
      const asked = await ask((server) => env.call(server, 'read', { key }, CALL_TIMEOUT_MS / 2));
      if ('outcome' in asked) return { ...none, ...asked };
      const { value, version } = asked.result;
      const outcome = value === null ? 'absent' : 'ok';
      return { ...none, outcome, server: asked.server, value, version };
    },
  };
};

/** By command. */
const EDITS: Readonly<Record<string, NonNullable<Edit>>> = {
  append: { kind: 'append', side: 'left' },
  lpop: { kind: 'pop', side: 'left' },
  rpop: { kind: 'pop', side: 'right' },
};

export const scribe = defineProtocol<ScribeMessages>({
  name: 'scribe',
  summary: 'One service books all writes.',
  claims: ({ reads }) => (reads === 'cached' ? [] : ['linearizable']),
  refuseKey: (key) => (key.startsWith('#') ? 'it looks like a comment' : undefined),
  options: {
    reads: {
      about: 'whether servers remember what they have read',
      fallback: 'fresh',
      refuse: (text) => (['fresh', 'cached'].includes(text) ? undefined : 'fresh or cached'),
      samples: ['fresh', 'cached'],
    },
  },
  commands: [
    {
      name: 'append',
      usage: 'append c k v',
      about: 'adds a text at the left of the value',
      on: 'client',
      args: ['key', 'value'],
      prints: 'nothing',
      meaning: () => EDITS.append as OperationMeaning,
    },
    ...['lpop', 'rpop'].map(
      (name): ProtocolCommand => ({
        name,
        usage: `${name} c k`,
        about: 'takes a character from the value',
        on: 'client',
        args: ['key'],
        prints: 'answer',
        meaning: () => EDITS[name] as OperationMeaning,
      }),
    ),
    {
      name: 'close',
      usage: 'close',
      about: 'takes no more writes',
      on: 'service',
      args: [],
      prints: 'nothing',
    },
    {
      name: 'open',
      usage: 'open',
      about: 'takes writes again',
      on: 'service',
      args: [],
      prints: 'nothing',
    },
    {
      name: 'audit',
      usage: 'audit',
      about: 'counts the entries',
      on: 'service',
      args: [],
      prints: 'lines',
    },
    {
      name: 'forget',
      usage: 'forget',
      about: 'empties all caches',
      on: 'servers',
      args: [],
      prints: 'lines',
    },
  ],
  errors,
  notes: ['book', 'choose'],
  messages,
  createReplica,
  createSession,
  createService,
});

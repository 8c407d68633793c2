// A node: hosts one replica or one session. All calls of the master and of peers come in here, in
// both worlds, are validated against their tables, and go to the protocol's code.
import { CLIENT_CONTROL, SERVER_CONTROL } from './control.ts';
import { Deafness } from './deafness.ts';
import type { Env } from './env.ts';
import { assert, CallError, UnfitMessage } from './errors.ts';
import { holdTimers } from './heldTimers.ts';
import type { RecoveredWrite } from './history.ts';
import type { NodeId, Peer, Role } from './ids.ts';
import type { InspectedEntry } from './inspection.ts';
import type { Json } from './json.ts';
import { checkParams, type MessageSpec, type MessageTable } from './messages.ts';
import { MovedClock } from './movedClock.ts';
import type {
  ErasedHandler,
  ErasedHandlers,
  ErasedReplica,
  Options,
  Protocol,
} from './protocol.ts';
import type { RoundOrder } from './round.ts';
import { type StoreEntry, shortened } from './snapshot.ts';

export interface NodeSetup {
  readonly env: Env;
  readonly protocol: Protocol;
  readonly options: Options;
  /** Only for clients. */
  readonly guarantees?: readonly string[];
}

export interface Node {
  readonly role: Role;
  /**
   * Answers one call, at once or later. Throws or rejects with a CallError; any other error is a
   * bug. A method that the peer's role may not send is refused (E_NO_METHOD).
   */
  handle(from: Peer | 'master', method: string, params: unknown): Json | Promise<Json>;
  /**
   * Only with a log: restores a record of an earlier life. All records come before `begin`, which
   * begins the life: from then on calls may come in and timers run.
   */
  restore(record: Json): void;
  /** The recovered writes; to be called before `begin`. Empty without a log. */
  recovered(): RecoveredWrite[];
  begin(): void;
  /** The protocol's state, for its invariants. */
  readonly state: unknown;
}

export function createServerNode({ env: given, protocol, options }: NodeSetup): Node {
  const { isDurable } = given.storage;
  const deafness = new Deafness();
  const clock = new MovedClock();
  const hearing = clock.wrap(deafness.wrap(given));
  const { env, begin } = isDurable ? holdTimers(hearing) : { env: hearing, begin: () => undefined };
  const replica = protocol.createReplica(env, options);
  const { name } = protocol;
  assert(!isDurable || replica.restore !== undefined, `${name} cannot be restored from a log`);
  assert(replica.entries !== undefined || replica.versions !== undefined, `${name} shows no store`);
  const control: ErasedHandlers = {
    ...linkHandlers(replica),
    ...serviceHandlers(deafness),
    ...clockHandlers(clock),
    settle: async () => {
      const awaited = await replica.quiesced();
      return awaited ? { awaited: [...awaited] } : {};
    },
    stabilize: async (_from, params) => {
      const outcome = await replica.stabilize(params as RoundOrder);
      return { reached: outcome.reached, missing: outcome.missing };
    },
    printStore: () => ({ entries: sortByKey(entriesOf(replica)) }),
    inspect: () => ({ state: replica.inspect?.() ?? { store: inspectedStore(replica) } }),
    snapshot: (_from, params) => {
      const { withStore } = params as { withStore: boolean };
      return takeSnapshot(replica, withStore);
    },
    command: async (_from, params) => {
      const { name, args } = params as { name: string; args: string[] };
      if (replica.command === undefined) throw new CallError('E_NO_METHOD', name);
      return { lines: await replica.command(name, args) };
    },
    fail: () => {
      deafness.isDeaf = true;
      return {};
    },
    recover: () => {
      deafness.isDeaf = false;
      return {};
    },
  };
  const life = {
    restore: (record: Json) => replica.restore?.(record),
    recovered: () => (isDurable ? recoveredBy(replica) : []),
    begin,
  };
  const tables = [SERVER_CONTROL, control] as const;
  return createNode('server', replica, tables, protocol.messages, deafness, life);
}

export function createClientNode({ env, protocol, options, guarantees = [] }: NodeSetup): Node {
  const deafness = new Deafness();
  const clock = new MovedClock();
  const session = protocol.createSession(clock.wrap(deafness.wrap(env)), options, guarantees);
  const control: ErasedHandlers = {
    ...linkHandlers(session),
    ...serviceHandlers(deafness),
    ...clockHandlers(clock),
    put: (_from, params) => {
      const { key, value, modifiers = [] } = params as Asked & { value: string };
      return session.put(key, value, modifiers);
    },
    delete: (_from, params) => {
      const { key, modifiers = [] } = params as Asked;
      return session.delete(key, modifiers);
    },
    get: (_from, params) => {
      const { key, modifiers = [] } = params as Asked;
      return session.get(key, modifiers);
    },
    dump: async (_from, params) => {
      const { scope } = params as { scope: string };
      if (session.dump === undefined) throw new CallError('E_NO_METHOD', scope);
      const { outcome, entries } = await session.dump(scope);
      return { outcome, entries: sortByKey(entries) };
    },
    command: (_from, params) => {
      const { name, args } = params as { name: string; args: string[] };
      if (session.command === undefined) throw new CallError('E_NO_METHOD', name);
      return session.command(name, args);
    },
  };
  return createNode('client', session, [CLIENT_CONTROL, control], protocol.messages, deafness);
}

function serviceHandlers(deafness: Deafness): ErasedHandlers {
  return {
    disconnectService: () => {
      deafness.isCutOff = true;
      return {};
    },
    connectService: () => {
      deafness.isCutOff = false;
      return {};
    },
  };
}

function clockHandlers(clock: MovedClock): ErasedHandlers {
  return {
    setClock: (_from, params) => {
      clock.offsetMs = (params as { offsetMs: number }).offsetMs;
      return {};
    },
  };
}

interface Asked {
  readonly key: string;
  readonly modifiers?: readonly string[];
}

function takeSnapshot(replica: ErasedReplica, withStore: boolean): Json {
  const applied = replica.applied?.() ?? null;
  if (!withStore) return { store: [], applied };
  const [store, hints] = [[...versionsOf(replica)], [...(replica.hints?.() ?? [])]];
  const keys = new Set([...store, ...hints].map(({ key }) => key));
  return {
    store: store.map(toTuple),
    applied,
    ...(replica.replicasOf && {
      replicas: Array.from(keys, (key) => [key, [...(replica.replicasOf?.(key) ?? [])]]),
    }),
    ...(hints.length > 0 && { hints: hints.map(toTuple) }),
  };
}

function recoveredBy(replica: ErasedReplica): RecoveredWrite[] {
  if (replica.recovered !== undefined) return [...replica.recovered()];
  return Array.from(versionsOf(replica), (entry) => ({ ...entry, outcome: 'ok' }));
}

function* versionsOf(replica: ErasedReplica): Iterable<StoreEntry> {
  if (replica.versions !== undefined) yield* replica.versions();
  else for (const [key, value] of replica.entries?.() ?? []) yield { key, value, version: null };
}

function* entriesOf(replica: ErasedReplica): Iterable<readonly [string, string]> {
  if (replica.entries !== undefined) yield* replica.entries();
  else for (const { key, value } of versionsOf(replica)) if (value !== null) yield [key, value];
}

function inspectedStore(replica: ErasedReplica): InspectedEntry[] {
  const store = Array.from(versionsOf(replica), ({ key, value, version }) => {
    return { key, value, version };
  });
  return store.sort((a, b) => compare(a.key, b.key) || compare(a.value ?? '', b.value ?? ''));
}

function toTuple({ key, value, version, context }: StoreEntry): Json {
  const told = [key, shortened(value), version];
  return (context === undefined ? told : [...told, context]) as Json;
}

function linkHandlers(half: {
  connected(peer: NodeId, role: Role): void;
  disconnected(peer: NodeId, role: Role): void;
}): ErasedHandlers {
  return {
    connect: (_from, params) => {
      const { peer, role } = params as { peer: NodeId; role: Role };
      half.connected(peer, role);
      return {};
    },
    disconnect: (_from, params) => {
      const { peer, role } = params as { peer: NodeId; role: Role };
      half.disconnected(peer, role);
      return {};
    },
  };
}

interface Route {
  readonly spec: MessageSpec;
  readonly handler: ErasedHandler;
}

/** Handlers of the master's messages do not use the caller. */
const MASTER = -1;

/** The beginning of a life without a log. */
const NOTHING_KEPT = {
  restore: () => undefined,
  recovered: () => [],
  begin: () => undefined,
};

function createNode(
  role: Role,
  half: { readonly handlers: ErasedHandlers; readonly state: unknown },
  [controlTable, control]: readonly [MessageTable, ErasedHandlers],
  messages: MessageTable,
  deafness: Deafness,
  life: Pick<Node, 'restore' | 'recovered' | 'begin'> = NOTHING_KEPT,
): Node {
  const own = routesOf(messages, half.handlers, role);
  // The master hosts the configuration service, and so calls on its behalf.
  const fromService = [...own].filter(([, { spec }]) => spec.from === 'service');
  const fromMaster = new Map([...routesOf(controlTable, control, role), ...fromService]);
  const fromPeers = new Map([...own].filter(([, { spec }]) => spec.from !== 'service'));
  return {
    role,
    ...life,
    get state() {
      return half.state;
    },
    handle: (from, method, params) => {
      const route = (from === 'master' ? fromMaster : fromPeers).get(method);
      if (route === undefined) throw new CallError('E_NO_METHOD', method);
      const { spec, handler } = route;
      const error = deafness.errorFor(spec.from);
      if (error !== undefined) throw error;
      if (from === 'master') return handler(MASTER, checkParams(spec, params));
      if (spec.from !== from.role) {
        throw new UnfitMessage('E_NO_METHOD', `${method} is for a ${spec.from}`);
      }
      return handler(from.id, checkParams(spec, params));
    },
  };
}

function routesOf(
  table: MessageTable,
  handlers: ErasedHandlers,
  role: Role,
): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  for (const [method, spec] of Object.entries(table)) {
    const handler = handlers[method];
    if (spec.to === role && handler !== undefined) routes.set(method, { spec, handler });
  }
  return routes;
}

/**
 * Sorted by code units, as the language guarantees, independent of the locale; concurrent values of
 * one key by value.
 */
function sortByKey(entries: Iterable<readonly [string, string]>): [string, string][] {
  return Array.from(entries, ([key, value]): [string, string] => [key, value]).sort(
    ([a, value], [b, other]) => compare(a, b) || compare(value, other),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

// The server's half of the causal protocol: answers clients, gossips, takes part in stabilize.
import { fromVersionTuple, toVersionTuple } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { VectorTuples } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Options, Replica } from '../../kernel/protocol.ts';
import { Acquaintance } from './acquaintance.ts';
import { Gossip } from './gossip.ts';
import type { CausalMessages } from './messages.ts';
import { readGossipMode } from './options.ts';
import { Stabilizer } from './stabilizer.ts';
import { CausalState } from './state.ts';

export function createCausalReplica(
  env: Env<CausalMessages>,
  options: Options,
): Replica<CausalMessages> {
  const state = new CausalState(env.self);
  const gossip = new Gossip(env, state);
  const acquaintance = new Acquaintance(env, state, gossip);
  const stabilizer = new Stabilizer(env, state, gossip);
  const mode = readGossipMode(options);
  if (typeof mode === 'number') pushEvery(mode, env, gossip);
  const accept = (params: ParamsOf<CausalMessages, 'write'>) => {
    const answer = write(state, params);
    if (mode === 'eager' && answer.status === 'ok') gossip.pushToAll();
    return answer;
  };
  return {
    state,
    handlers: {
      write: (from, params) => {
        checkWrite(state, from, params);
        return acquaintance.isMade()
          ? accept(params)
          : acquaintance.wait().then(() => accept(params));
      },
      read: (_from, params) => read(state, params),
      greet: (_from, params) => acquaintance.receive(params),
      push: (from, params) => gossip.receive(from, params),
      probe: (from, params) => stabilizer.probe(from, params),
      pull: (from, params) => stabilizer.pull(from, params),
      spread: (from, params) => stabilizer.spread(from, params),
      collect: (from, params) => stabilizer.collect(from, params),
    },
    connected: (peer, role) => {
      if (role !== 'server') return;
      gossip.connected(peer);
      acquaintance.connected(peer);
    },
    disconnected: (peer, role) => role === 'server' && gossip.disconnected(peer),
    settled: async () => {
      await acquaintance.settled();
      await gossip.settled();
    },
    stabilize: (order) => stabilizer.stabilize(order),
    entries: () => state.values(),
    inspect: () => inspect(state, gossip),
  };
}

function pushEvery(ms: number, env: Env<CausalMessages>, gossip: Gossip): void {
  env.after(ms, () => {
    gossip.pushToAll();
    pushEvery(ms, env, gossip);
  });
}

function checkWrite(
  state: CausalState,
  from: NodeId,
  { session: [id], clock }: ParamsOf<CausalMessages, 'write'>,
): void {
  if (id !== from) throw new CallError('E_BAD_REQUEST', `the session of ${id}, asked by ${from}`);
  state.clock.witness(clock);
}

function write(
  state: CausalState,
  params: ParamsOf<CausalMessages, 'write'>,
): ResultOf<CausalMessages, 'write'> {
  const { seq, key, value, guard } = params;
  const [id, incarnation] = params.session;
  const session = { id, incarnation };
  const outcome = state.isAcquainted
    ? state.write(session, seq, { key, value }, readGuard(guard))
    : state.refuse(session, seq);
  if (outcome === undefined) throw new CallError('E_BAD_REQUEST', 'a late copy of an old write');
  if (outcome === 'refused') throw new CallError('ERR_NEWCOMER');
  if (outcome === 'stale') return { status: 'stale', version: null, ...stamp(state) };
  return { status: 'ok', version: toVersionTuple(outcome), ...stamp(state) };
}

function read(
  state: CausalState,
  { key, dependsOn, guard, clock }: ParamsOf<CausalMessages, 'read'>,
): ResultOf<CausalMessages, 'read'> {
  state.clock.witness(clock);
  const isSeen = dependsOn === null || state.applied.covers(fromVersionTuple(dependsOn));
  if (!isSeen || !state.hasSeen(readGuard(guard))) {
    return { status: 'stale', value: null, version: null, ...stamp(state) };
  }
  const entry = state.read(key);
  const value = entry?.value ?? null;
  const version = entry === undefined ? null : toVersionTuple(entry.version);
  return { status: value === null ? 'absent' : 'ok', value, version, ...stamp(state) };
}

function inspect(state: CausalState, { peers }: Gossip): Json {
  const entries = Array.from(state.entries(), ({ key, value, version }) => {
    return { key, value, version: toVersionTuple(version) };
  });
  const store = entries.sort((a, b) => (a.key < b.key ? -1 : 1));
  return { clock: state.clock.time, peers, store, vector: state.applied.toTuples() };
}

function readGuard(guard: VectorTuples | null): VersionVector | null {
  return guard === null ? null : VersionVector.fromTuples(guard);
}

function stamp(state: CausalState): { applied: VectorTuples; clock: number } {
  return { applied: state.applied.toTuples(), clock: state.clock.time };
}

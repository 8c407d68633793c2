// The replica of the causal protocol: answers clients, gossips, takes part in stabilize.
import { fromVersionTuple, toVersionTuple } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { VectorTuples } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Options, Replica } from '../../kernel/protocol.ts';
import type { StoreEntry } from '../../kernel/snapshot.ts';
import { Bootstrap } from './bootstrap.ts';
import { newcomer } from './errors.ts';
import { Gossip } from './gossip.ts';
import { Journal } from './journal.ts';
import type { CausalMessages } from './messages.ts';
import { readGossipMode } from './options.ts';
import { Stabilizer } from './stabilizer.ts';
import { CausalState, type WriteOutcome } from './state.ts';

export function createCausalReplica(
  env: Env<CausalMessages, 'server'>,
  options: Options,
): Replica<CausalMessages> {
  const state = new CausalState(env.self);
  const journal = new Journal(state, env.storage);
  const gossip = new Gossip(env, journal);
  const bootstrap = new Bootstrap(env, journal, gossip);
  const stabilizer = new Stabilizer(env, journal, gossip);
  const mode = readGossipMode(options);
  if (typeof mode === 'number') pushEvery(mode, env, gossip);
  const accept = (params: ParamsOf<CausalMessages, 'write'>) => {
    const answer = (outcome: WriteOutcome | undefined): ResultOf<CausalMessages, 'write'> => {
      const answered = answerWrite(state, outcome);
      if (mode === 'eager' && answered.status === 'ok') gossip.pushToAll();
      return answered;
    };
    return journal.isDurable
      ? keepWrite(journal, params).then(answer)
      : answer(write(state, params));
  };
  return {
    state,
    restore: (record) => journal.restore(record),
    handlers: {
      write: (from, params) => {
        checkWrite(journal, from, params);
        return bootstrap.isComplete()
          ? accept(params)
          : bootstrap.wait().then(() => accept(params));
      },
      read: (_from, params) => read(journal, params),
      join: (_from, params) => bootstrap.receive(params),
      push: (from, params) => gossip.receive(from, params),
      probe: (from, params) => stabilizer.probe(from, params),
      pull: (from, params) => stabilizer.pull(from, params),
      spread: (from, params) => stabilizer.spread(from, params),
      collect: (from, params) => stabilizer.collect(from, params),
    },
    connected: (peer, role) => {
      if (role !== 'server') return;
      gossip.connected(peer);
      bootstrap.connected(peer);
    },
    disconnected: (peer, role) => role === 'server' && gossip.disconnected(peer),
    quiesced: async () => {
      await bootstrap.quiesced();
      await gossip.quiesced();
    },
    stabilize: (order) => stabilizer.stabilize(order),
    entries: () => state.values(),
    versions: () => versions(state),
    applied: () => state.applied.toTuples(),
    inspect: () => inspect(state, gossip),
  };
}

function pushEvery(ms: number, env: Env<CausalMessages, 'server'>, gossip: Gossip): void {
  env.after(ms, () => {
    gossip.pushToAll();
    pushEvery(ms, env, gossip);
  });
}

function checkWrite(
  { state, isDurable }: Journal,
  from: NodeId,
  { session: [id], clock }: ParamsOf<CausalMessages, 'write'>,
): void {
  if (id !== from) throw new CallError('E_BAD_REQUEST', `the session of ${id}, asked by ${from}`);
  // With a log the clock becomes durable with the write.
  if (isDurable) state.clock.check(clock);
  else state.clock.witness(clock);
}

function write(
  state: CausalState,
  params: ParamsOf<CausalMessages, 'write'>,
): WriteOutcome | undefined {
  const { seq, key, value, guard } = params;
  const [id, incarnation] = params.session;
  const session = { id, incarnation };
  return state.isBootstrapped
    ? state.write(session, seq, { key, value }, readGuard(guard))
    : state.refuse(session, seq);
}

function keepWrite(
  journal: Journal,
  params: ParamsOf<CausalMessages, 'write'>,
): Promise<WriteOutcome | undefined> {
  const { isBootstrapped, self } = journal.state;
  if (!isBootstrapped) return journal.refuse(params.session, params.seq);
  return journal.write({ kind: 'write', incarnation: self.incarnation, ...params });
}

function answerWrite(
  state: CausalState,
  outcome: WriteOutcome | undefined,
): ResultOf<CausalMessages, 'write'> {
  if (outcome === undefined) throw new CallError('E_BAD_REQUEST', 'a late copy of an old write');
  if (outcome === 'refused') throw newcomer();
  const { applied, clock } = stamp(state);
  if (outcome === 'stale') return { status: 'stale', version: null, applied, clock };
  return { status: 'ok', version: toVersionTuple(outcome), applied, clock };
}

function read(
  journal: Journal,
  { key, dependsOn, guard, clock: theirs }: ParamsOf<CausalMessages, 'read'>,
): ResultOf<CausalMessages, 'read'> {
  const { state } = journal;
  journal.witness(theirs);
  const { applied, clock } = stamp(state);
  const isSeen = dependsOn === null || state.applied.covers(fromVersionTuple(dependsOn));
  if (!isSeen || !state.hasSeen(readGuard(guard))) {
    return { status: 'stale', value: null, version: null, applied, collected: [], clock };
  }
  const entry = state.read(key);
  if (entry === undefined) {
    const collected = state.collected.toTuples();
    return { status: 'absent', value: null, version: null, applied, collected, clock };
  }
  const { value } = entry;
  const status = value === null ? 'absent' : 'ok';
  return { status, value, version: toVersionTuple(entry.version), applied, collected: [], clock };
}

function* versions(state: CausalState): Generator<StoreEntry> {
  for (const { key, value, version } of state.entries()) {
    yield { key, value, version: toVersionTuple(version) };
  }
}

function inspect(state: CausalState, { peers }: Gossip): Inspection {
  const store = Array.from(versions(state), (entry) => ({ ...entry }));
  store.sort((a, b) => (a.key < b.key ? -1 : 1));
  return { clock: state.clock.time, peers, store, vector: state.applied.toTuples() };
}

function readGuard(guard: VectorTuples | null): VersionVector | null {
  return guard === null ? null : VersionVector.fromTuples(guard);
}

function stamp(state: CausalState): { applied: VectorTuples; clock: number } {
  return { applied: state.applied.toTuples(), clock: state.clock.time };
}

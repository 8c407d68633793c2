// The server's half of the chain protocol: puts its parts together.
import { toVersionTuple } from '../../clocks/version.ts';
import type { Env } from '../../kernel/env.ts';
import type { Json } from '../../kernel/json.ts';
import type { Options, Replica } from '../../kernel/protocol.ts';
import { Attendance } from './attendance.ts';
import type { Configuration } from './configuration.ts';
import { Front } from './front.ts';
import { Journal } from './journal.ts';
import { Member } from './member.ts';
import type { ChainMessages } from './messages.ts';
import { readReadMode } from './options.ts';
import { Reader } from './reader.ts';
import { restoreRecord } from './records.ts';
import { recoveredWrites } from './recovered.ts';
import { placeOfServer } from './ring.ts';
import { ChainState, type Place } from './state.ts';
import { Suspicion } from './suspicion.ts';

export function createChainReplica(
  env: Env<ChainMessages>,
  options: Options,
): Replica<ChainMessages> {
  const mode = readReadMode(options);
  const state = new ChainState(env.self);
  const suspicion = new Suspicion(env, state);
  const journal = new Journal(env.storage, state, () => attendance.resign());
  const adopt = (configuration: Configuration): void => {
    attendance.recall();
    member.adopt(configuration);
  };
  const isFull = (): boolean => journal.isFull;
  const attendance = new Attendance({ env, state, adopt, isFull });
  const outOfStep = (): void => attendance.catchUp();
  const progressed = (): void => attendance.progressed();
  const member = new Member({ env, state, journal, suspicion, outOfStep, progressed });
  const reader = new Reader({ env, state, mode, adopt });
  const front = new Front({ env, state, member, reader, suspicion, mode, outOfStep });
  attendance.attend();
  return {
    state,
    handlers: {
      write: (from, params) => front.write(from, params),
      read: (_from, params) => front.read(params),
      dump: (_from, params) => front.dump(params),
      accept: (_from, params) => member.accept(state.ownerOf(params.key), params),
      query: (_from, params) => reader.query(state.ownerOf(params.key), params),
      latest: (_from, params) => reader.latest(params, state.ownerOf(params.key)),
      section: (_from, params) => reader.section(params),
      sync: (from, params) => member.sync(from, params),
      append: (from, params) => member.append(from, params),
      commit: (from, params) => {
        member.commit(from, params);
        return {};
      },
      ping: () => ({}),
      configure: (_from, { configuration }) => {
        adopt(configuration);
        return { epoch: state.epoch };
      },
      reach: (_from, { peers }) => attendance.reach(peers),
    },
    restore: (record) => restoreRecord(state, record),
    recovered: () => recoveredWrites(state),
    connected: (_peer, role) => role === 'server' && state.lacksPlaces && attendance.attend(),
    disconnected: () => undefined,
    settled: async () => {
      const awaited = await attendance.settled();
      if (awaited === undefined) await member.settled();
      return awaited;
    },
    stabilize: (order) => attendance.stabilize(order),
    entries: () => state.values(),
    inspect: () => inspect(state),
  };
}

function inspect(state: ChainState): Json {
  const { epoch, configuration, clock } = state;
  const ring = (configuration?.chains ?? []).map(({ owner }) => ({
    server: owner,
    place: placeOfServer(owner).slice(0, 8),
  }));
  const store = [...state.logs.values()].flatMap((log) =>
    Array.from(log.entries(), ({ key, value, version }) => {
      return { key, value, version: toVersionTuple(version) };
    }),
  );
  store.sort((a, b) => (a.key < b.key ? -1 : 1));
  const chains = Array.from(state.places(), (place) => ({
    arc: place.owner,
    members: [...place.chain.members],
    joiner: place.chain.joiner,
    role: roleIn(place),
    log: place.log.last,
    acknowledged: place.log.committed,
    unacknowledged: place.log.pending.length,
  }));
  return { epoch, clock: clock.time, ring, chains, store };
}

function roleIn({ predecessor, isTail, isJoiner }: Place): string {
  if (isJoiner) return 'joiner';
  if (predecessor === undefined) return isTail ? 'head and tail' : 'head';
  return isTail ? 'tail' : 'middle';
}

// Requests, entries, configurations and states for the tests of sharded.
import type { Version } from '../../../src/clocks/version.ts';
import type { Life } from '../../../src/kernel/ids.ts';
import { completeOptions } from '../../../src/kernel/protocol.ts';
import type { Configuration, Group } from '../../../src/protocols/sharded/configuration.ts';
import type { Piece, RequestEntry } from '../../../src/protocols/sharded/entry.ts';
import { sharded } from '../../../src/protocols/sharded/index.ts';
import type { Kind, Request } from '../../../src/protocols/sharded/operations.ts';
import { readSettings, type Settings } from '../../../src/protocols/sharded/options.ts';

export function lifeOf(id: number, incarnation = 1): Life {
  return { id, incarnation };
}

export function at(timestamp: number, id = 0): Version {
  return { timestamp, origin: lifeOf(id) };
}

export function settings(given: Record<string, string> = {}): Settings {
  return readSettings(completeOptions(sharded, { partitioner: 'range', keys: '4', ...given }));
}

/** A request of client 100, or of another one. */
export function request(
  seq: number,
  kind: Kind,
  {
    key = '0',
    value = null,
    ended = 0,
    session = 100,
  }: {
    readonly key?: string;
    readonly value?: string | null;
    readonly ended?: number;
    readonly session?: number;
  } = {},
): Request {
  return { kind, key, value, session: lifeOf(session), seq, ended };
}

/** The entry of a request; its slot is its key, as with partitioner=range. */
export function entry(epoch: number, one: Request, timestamp = one.seq): RequestEntry {
  return { kind: 'request', epoch, slot: Number(one.key), request: one, version: at(timestamp) };
}

export function put(epoch: number, seq: number, value = `v${seq}`, key = '0'): RequestEntry {
  return entry(epoch, request(seq, 'put', { key, value }));
}

export function piece(slot: number, given: Partial<Piece> = {}): Piece {
  return { slot, isFirst: true, latest: 0, values: [], sessions: [], ...given };
}

/** A group whose first server is its primary. */
export function group(id: number, serving: readonly number[], given: Partial<Group> = {}): Group {
  return {
    ...{ id, epoch: 1, primary: serving[0] ?? null, joiners: [], holders: [] },
    serving: serving.map((server): [number, number] => [server, 1]),
    members: [...serving],
    ...given,
  };
}

/** Four slots, all of group 1. */
export function configuration(
  number: number,
  groups: readonly Group[],
  given: Partial<Configuration> = {},
): Configuration {
  return {
    ...{ number, partition: { kind: 'range', slots: 4 }, move: null },
    groups: [...groups],
    owners: [1, 1, 1, 1],
    ...given,
  };
}

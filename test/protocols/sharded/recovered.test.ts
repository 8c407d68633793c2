// What a server tells of the data on its disk: what is applied, and what entries that are not may
// still do.
import { expect, it } from 'vitest';
import type { Entry } from '../../../src/protocols/sharded/entry.ts';
import { GroupLog } from '../../../src/protocols/sharded/log.ts';
import type { Kind } from '../../../src/protocols/sharded/operations.ts';
import { recoveredWrites } from '../../../src/protocols/sharded/records.ts';
import { packPiece, piecesOf, unpackPiece } from '../../../src/protocols/sharded/wire.ts';

const ORIGIN = { id: 3, incarnation: 1 };
const SESSION = { id: 10, incarnation: 1 };

function request(timestamp: number, kind: Kind, value: string | null): Entry {
  const version = { timestamp, origin: ORIGIN };
  const asked = { kind, key: 'k', value, session: SESSION, seq: timestamp, ended: 0 };
  return { kind: 'request', epoch: 1, slot: 0, request: asked, version };
}

function install(timestamp: number, value: string): Entry {
  const held = { value, version: { timestamp, origin: ORIGIN } };
  const piece = { slot: 0, isFirst: true, latest: 1, values: [['k', held]] as const, sessions: [] };
  return { kind: 'install', epoch: 1, move: 2, from: 1, isLast: true, pieces: [piece] };
}

function recovered(applied: number, ...entries: Entry[]): string[] {
  const log = new GroupLog(1);
  for (const entry of entries) log.push(entry);
  log.apply(applied);
  return [...recoveredWrites({ log })].map(
    ({ value, version, outcome }) => `${version?.[0]}=${value} ${outcome}`,
  );
}

it('are the values that are applied, and those that requests on their way may make', () => {
  const entries = [request(1, 'put', 'b'), request(2, 'appendLeft', 'a')];
  expect(recovered(2, ...entries)).toEqual(['2=ab ok']);
  expect(recovered(1, ...entries)).toEqual(['1=b ok', '2=ab unknown']);
  expect(recovered(0, request(1, 'popLeft', null))).toEqual([]);
});

it('are also those of shards that another group has given', () => {
  expect(recovered(0, install(5, 'a'))).toEqual(['5=a unknown']);
  expect(recovered(0, install(5, 'a'), request(6, 'appendRight', 'b'))).toEqual([
    '5=a unknown',
    '6=ab unknown',
  ]);
  expect(recovered(1, install(5, 'a'), request(6, 'popLeft', null))).toEqual([
    '5=a ok',
    '6= unknown',
  ]);
});

it('are not made of what was here before the shards went and came again', () => {
  const gone: Entry = { kind: 'drop', epoch: 1, slots: [0] };
  const entries = [request(1, 'put', 'old'), gone, request(7, 'appendRight', 'new')];
  expect(recovered(1, ...entries)).toEqual(['1=old ok', '7=new unknown']);
});

it('are also deletions, which the disk of a server that was away does not have', () => {
  expect(recovered(2, request(1, 'put', 'a'), request(2, 'delete', null))).toEqual(['2=null ok']);
});

it('are deletions also after the shards have gone to another group', () => {
  const giver = new GroupLog(1);
  for (const entry of [request(1, 'put', 'a'), request(2, 'delete', null)]) giver.push(entry);
  giver.apply(2);
  const pieces = piecesOf(0, giver.shards.shard(0)).map(packPiece).map(unpackPiece);
  const given: Entry = { kind: 'install', epoch: 1, move: 2, from: 1, isLast: true, pieces };
  expect(recovered(1, given)).toEqual(['2=null ok']);
});

import { describe, expect, it } from 'vitest';
import type { Group } from '../../../src/protocols/sharded/configuration.ts';
import { GroupLog } from '../../../src/protocols/sharded/log.ts';
import { Position } from '../../../src/protocols/sharded/position.ts';
import { group, lifeOf, piece, put } from './builders.ts';

/** The position of server 0, the primary of the group, whose log has so many durable entries. */
function primaryOf(ids: readonly number[], sync: number | 'all', last: number, given = {}) {
  const log = new GroupLog(1);
  for (let seq = 1; seq <= last; seq += 1) log.push(put(1, seq));
  log.keep(log.generation, log.last);
  const position = new Position(lifeOf(0), group(1, ids, given), log, sync);
  return { log, position };
}

/** A server has confirmed the log up to there, and is in step. */
function confirm(position: Position, id: number, upTo: number): void {
  const down = position.downs.find(({ peer }) => peer.id === id);
  if (down === undefined) throw new Error(`no server ${id}`);
  const params = { base: upTo, cuts: true, entries: [], committed: 0 };
  down.answered({ method: 'append', params }, { status: 'ok' });
}

function appliedBy({ log, position }: ReturnType<typeof primaryOf>): number {
  position.advance();
  return log.applied;
}

describe('with sync=all a primary applies', () => {
  it('what all that serve have on their disks', () => {
    const primary = primaryOf([0, 1, 2], 'all', 5);
    expect(appliedBy(primary)).toBe(0);
    confirm(primary.position, 1, 5);
    expect(appliedBy(primary)).toBe(0);
    confirm(primary.position, 2, 3);
    expect(appliedBy(primary)).toBe(3);
  });

  it('nothing that its own disk does not have', () => {
    const primary = primaryOf([0, 1], 'all', 2);
    primary.log.push(put(1, 3));
    confirm(primary.position, 1, 3);
    expect(appliedBy(primary)).toBe(2);
    primary.log.keep(primary.log.generation, 3);
    expect(appliedBy(primary)).toBe(3);
  });

  it('alone what its disk has', () => {
    expect(appliedBy(primaryOf([0], 'all', 4))).toBe(4);
  });

  it('without waiting for a joiner, until it counts it', () => {
    const primary = primaryOf([0], 'all', 4, { joiners: [[1, 1]] });
    expect(appliedBy(primary)).toBe(4);
    const [down] = primary.position.downs;
    if (down === undefined) throw new Error('no joiner');
    confirm(primary.position, 1, 3);
    expect(primary.position.count(down)).toBe(false);
    confirm(primary.position, 1, 4);
    expect([primary.position.count(down), primary.position.count(down)]).toEqual([true, false]);
    primary.log.push(put(1, 5));
    primary.log.keep(primary.log.generation, 5);
    expect(appliedBy(primary)).toBe(4);
    confirm(primary.position, 1, 5);
    expect(appliedBy(primary)).toBe(5);
  });

  it('waiting for a joiner that keeps up, which serves when it has the rest', () => {
    const { log, position } = primaryOf([0], 'all', 4, { joiners: [[1, 1]] });
    const [down] = position.downs;
    if (down === undefined) throw new Error('no joiner');
    const grow = (last: number): void => {
      log.push(put(1, last));
      log.keep(log.generation, last);
    };
    confirm(position, 1, 3);
    grow(5);
    confirm(position, 1, 4);
    expect([down.keepsUp, position.count(down)]).toEqual([true, false]);
    grow(6);
    expect(appliedBy({ log, position })).toBe(4);
    confirm(position, 1, 5);
    expect([position.count(down), position.count(down)]).toEqual([true, false]);
    expect(appliedBy({ log, position })).toBe(5);
  });

  it('without a server that the next configuration has not', () => {
    const primary = primaryOf([0, 1], 'all', 2);
    expect(appliedBy(primary)).toBe(0);
    primary.position.update(group(1, [0]));
    expect(appliedBy(primary)).toBe(2);
  });
});

describe('with sync=1 a primary applies', () => {
  it('what the first secondary has', () => {
    const primary = primaryOf([0, 2, 1], 1, 5);
    confirm(primary.position, 1, 5);
    expect(appliedBy(primary)).toBe(0);
    confirm(primary.position, 2, 4);
    expect(appliedBy(primary)).toBe(4);
  });

  it('shards of another group when all have them (S2)', () => {
    const primary = primaryOf([0, 1, 2], 1, 2);
    const install = { kind: 'install', epoch: 1, move: 5, from: 2, isLast: true } as const;
    primary.log.push({ ...install, pieces: [piece(1)] });
    primary.log.push(put(1, 4));
    primary.log.keep(primary.log.generation, 4);
    confirm(primary.position, 1, 4);
    confirm(primary.position, 2, 2);
    expect(appliedBy(primary)).toBe(2);
    confirm(primary.position, 2, 3);
    expect(appliedBy(primary)).toBe(4);
  });

  it('what its disk has, when no secondary serves', () => {
    expect(appliedBy(primaryOf([0], 1, 3))).toBe(3);
    expect(appliedBy(primaryOf([0, 1], 0, 3))).toBe(3);
  });
});

describe('a new primary', () => {
  it('reads when it has applied what the epoch before may have acknowledged', () => {
    const primary = primaryOf([0, 1], 'all', 3);
    expect([primary.position.isPrimary, primary.position.isReadable]).toEqual([true, false]);
    confirm(primary.position, 1, 2);
    appliedBy(primary);
    expect(primary.position.isReadable).toBe(false);
    confirm(primary.position, 1, 3);
    appliedBy(primary);
    expect(primary.position.isReadable).toBe(true);
  });
});

describe('a secondary', () => {
  function secondaryOf(sync: number | 'all', given: Partial<Group> = {}) {
    const log = new GroupLog(1);
    const position = new Position(lifeOf(1), group(1, [0, 1], given), log, sync);
    for (const seq of [1, 2, 3]) log.push(put(1, seq));
    log.keep(log.generation, 2);
    return { log, position };
  }

  it('applies nothing, and does not read, before its log agrees with the primary', () => {
    for (const sync of ['all', 0] as const) {
      const { log, position } = secondaryOf(sync);
      position.advance(3);
      expect([log.applied, position.isReadable, position.isPrimary]).toEqual([0, false, false]);
    }
  });

  it('applies with sync=all what it is told that all have, as far as its disk has it', () => {
    const { log, position } = secondaryOf('all');
    position.isSynced = true;
    position.advance(1);
    expect([log.applied, position.isReadable]).toEqual([1, true]);
    position.advance();
    expect(log.applied).toBe(1);
    position.advance(3);
    expect(log.applied).toBe(2);
  });

  it('applies with sync=NUMBER what its disk has', () => {
    const { log, position } = secondaryOf(0);
    position.isSynced = true;
    position.advance();
    expect(log.applied).toBe(2);
  });

  it('does not read while it is a joiner', () => {
    const { position } = secondaryOf('all', { serving: [[0, 1]], joiners: [[1, 1]] });
    position.isSynced = true;
    expect(position.isReadable).toBe(false);
    position.update(group(1, [0, 1]));
    expect(position.isReadable).toBe(true);
  });
});

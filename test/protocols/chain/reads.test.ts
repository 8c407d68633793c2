import { describe, expect, it } from 'vitest';
import type { Configuration } from '../../../src/protocols/chain/configuration.ts';
import { Reads } from '../../../src/protocols/chain/reads.ts';
import { ChainState } from '../../../src/protocols/chain/state.ts';

const STALE = expect.objectContaining({ code: 'ERR_STALE_EPOCH' });
const session = { id: 9, incarnation: 1 };

function configure(epoch: number, members: number[], joiner: number | null = null): Configuration {
  return {
    epoch,
    lives: [...members, ...(joiner === null ? [] : [joiner])].map((id) => [id, 1]),
    chains: [{ owner: 0, members, holders: [], joiner }],
  };
}

/** A server in sync, whose chain has committed one write of `k`. */
function serverIn(id: number, members: number[], joiner: number | null = null): ChainState {
  const state = new ChainState({ id, incarnation: 1 });
  state.adopt(configure(1, members, joiner));
  state.begin(true);
  const { log } = state.position(0);
  log.isSynced = true;
  write(state, 1);
  log.commit(1);
  return state;
}

/** A durable write that is on its way. */
function write(state: ChainState, timestamp: number): void {
  const { log } = state.position(0);
  const version = { timestamp, origin: { id: 0, incarnation: 1 } };
  log.push({ key: 'k', value: `v${timestamp}`, version, session, seq: timestamp });
  log.keep(log.generation, timestamp);
}

describe('a read', () => {
  it('is for the tail, or with reads=any for any member in sync', () => {
    const [head, tail] = [serverIn(0, [0, 1]), serverIn(1, [0, 1])];
    expect(() => new Reads(head, 'tail').begin(1, 0)).toThrow(STALE);
    for (const reads of [new Reads(tail, 'tail'), new Reads(head, 'any'), new Reads(tail, 'any')]) {
      expect(reads.begin(1, 0)).toMatchObject({ epoch: 1, question: 1 });
    }
    head.position(0).log.isSynced = false;
    expect(() => new Reads(head, 'any').begin(1, 0)).toThrow(STALE);
  });

  it('is never for a joiner, nor for another epoch', () => {
    const joiner = serverIn(2, [0, 1], 2);
    expect(() => new Reads(joiner, 'any').begin(1, 0)).toThrow(STALE);
    expect(() => new Reads(serverIn(0, [0]), 'tail').begin(2, 0)).toThrow(STALE);
  });

  it('is answered when its own epoch was confirmed, and is still the current one (H4, H6)', () => {
    const state = serverIn(0, [0]);
    const reads = new Reads(state, 'tail');
    const pending = reads.begin(1, 0);
    expect(() => reads.confirm(pending, 2)).toThrow(STALE);
    reads.confirm(pending, 1);
    expect(reads.find(pending, 'k')).toMatchObject({ entry: { value: 'v1' } });
    state.adopt(configure(2, [0]));
    expect(() => reads.confirm(pending, 1)).toThrow(STALE);
  });

  it('is refused where a full disk leaves open what is acknowledged', () => {
    const state = serverIn(0, [0]);
    const reads = new Reads(state, 'tail');
    write(state, 2);
    state.begin(false);
    const pending = reads.begin(1, 0);
    const full = expect.objectContaining({ code: 'E_STORAGE' });
    expect(() => reads.confirm(pending, 1, 'k')).toThrow(full);
    expect(() => reads.confirm(pending, 1)).toThrow(full);
    expect(reads.confirm(pending, 1, 'another key')).toBeUndefined();
  });

  it.each([
    ['the tail', 'tail' as const, 0.9, 3],
    ['with reads=any a random member', 'any' as const, 0.4, 2],
  ])('is sent on to %s', (_what, mode, chance, target) => {
    const state = serverIn(0, [0]);
    const [chain] = configure(1, [1, 2, 3]).chains;
    if (chain === undefined) throw new Error('one chain');
    expect(new Reads(state, mode).target(chain, () => chance)).toBe(target);
    expect(new Reads(state, mode).target({ ...chain, members: [] }, () => chance)).toBeUndefined();
  });

  it('is answered by a member itself with reads=any, without chance', () => {
    const [chain] = configure(1, [1, 0, 3]).chains;
    if (chain === undefined) throw new Error('one chain');
    const never = (): number => {
      throw new Error('asked');
    };
    expect(new Reads(serverIn(0, [0]), 'any').target(chain, never)).toBe(0);
  });
});

describe('a dirty key', () => {
  function dirty() {
    const state = serverIn(0, [0, 1]);
    write(state, 2);
    write(state, 3);
    const reads = new Reads(state, 'any');
    return { state, reads, pending: reads.begin(1, 0) };
  }

  it('is the word of the tail, which needs none of its own', () => {
    const { reads, pending } = dirty();
    expect(reads.find(pending, 'k')).toEqual({ tail: 1 });
    expect(reads.find(pending, 'another')).toEqual({ entry: undefined });
    const tail = serverIn(1, [0, 1]);
    write(tail, 2);
    const own = new Reads(tail, 'any');
    expect(own.find(own.begin(1, 0), 'k')).toMatchObject({ entry: { value: 'v1' } });
  });

  it.each([
    ['what the tail has and this server does not know to be acknowledged', 2, 'v2'],
    ['what is acknowledged here where the tail is no further', 1, 'v1'],
  ])('is read as %s', (_what, timestamp, value) => {
    const { reads, pending } = dirty();
    expect(reads.resolve(pending, 'k', [timestamp, 0, 1])).toMatchObject({ value });
  });

  it('is read as it is acknowledged here where the tail has none', () => {
    const { reads, pending } = dirty();
    expect(reads.resolve(pending, 'k', null)).toMatchObject({ value: 'v1' });
  });

  it('is not read in an epoch that is over, nor from a tail that has what is not here', () => {
    const { state, reads, pending } = dirty();
    expect(() => reads.resolve(pending, 'k', [9, 0, 1])).toThrow('H2');
    state.adopt(configure(2, [0, 1]));
    expect(() => reads.resolve(pending, 'k', [2, 0, 1])).toThrow(STALE);
  });

  it('is known at the tail, and nowhere else', () => {
    expect(new Reads(serverIn(1, [0, 1]), 'any').latest(1, 'k')).toEqual([1, 0, 1]);
    expect(new Reads(serverIn(1, [0, 1]), 'any').latest(1, 'another')).toBeNull();
    expect(() => new Reads(serverIn(0, [0, 1]), 'any').latest(1, 'k')).toThrow(STALE);
    const unsynced = serverIn(1, [0, 1]);
    unsynced.position(0).log.isSynced = false;
    expect(() => new Reads(unsynced, 'any').latest(1, 'k')).toThrow(STALE);
  });
});

import { describe, expect, it } from 'vitest';
import type { Guarantee } from '../../../src/kernel/guarantee.ts';
import type { Options } from '../../../src/kernel/protocol.ts';
import { messages } from '../../../src/protocols/weak/messages.ts';
import { claims, options } from '../../../src/protocols/weak/options.ts';
import { createWeakSession } from '../../../src/protocols/weak/session.ts';
import { FakeEnv } from '../../support/fakeEnv.ts';

/** What a session that has written at server 0 and read a write of server 1 asks for. */
async function guardsOf(chosen: Options) {
  const world = new FakeEnv({ id: 5, incarnation: 1 }, messages);
  const session = createWeakSession(world.env, chosen);
  session.connected(0);
  const put = session.put('x', 'a');
  await world.take('write', 0).answer({ version: [3, 0, 1], applied: [] });
  const get = session.get('y');
  const found = { status: 'ok', value: 'b', version: [4, 1, 1], applied: [] };
  await world.take('read', 0).answer(found);
  await Promise.all([put, get]);
  session.get('z');
  session.delete('z');
  return ['read', 'write'].map((method) => world.take(method, 0).params.guard);
}

const WRITTEN = [0, 1, 3];
const READ = [1, 1, 4];

describe('the guards of a session', () => {
  it.each([
    ['nothing', [WRITTEN, READ], [WRITTEN, READ]],
    ['read-your-writes', [READ], [WRITTEN, READ]],
    ['monotonic-reads', [WRITTEN], [WRITTEN, READ]],
    ['monotonic-writes', [WRITTEN, READ], [READ]],
    ['writes-follow-reads', [WRITTEN, READ], [WRITTEN]],
    ['session-guarantees', [], []],
  ])('with breaks=%s', async (breaks, ofGet, ofPut) => {
    expect(await guardsOf({ breaks })).toEqual([ofGet, ofPut]);
  });
});

describe('a compare-and-set', () => {
  it('asks for what a get and a put would ask for, and counts as both', async () => {
    const world = new FakeEnv({ id: 5, incarnation: 1 }, messages);
    const session = createWeakSession(world.env, { breaks: 'nothing' });
    session.connected(0);
    const put = session.put('x', 'a');
    await world.take('write', 0).answer({ version: [3, 0, 1], applied: [] });
    await put;
    const answer = session.command?.('cas', ['x', 'a', 'b']);
    const call = world.take('compare', 0);
    expect(call.params).toEqual({
      ...{ session: [5, 1], seq: 2, key: 'x', expected: 'a', value: 'b', guard: [[0, 1, 3]] },
    });
    const found = { value: 'a', version: [4, 1, 1] };
    await call.answer({ status: 'set', version: [7, 2, 1], found, applied: [] });
    expect(await answer).toEqual({
      ...{
        outcome: 'ok',
        isSet: true,
        value: 'b',
        server: 0,
        version: [7, 2, 1],
        found,
        applied: [],
      },
    });
    session.get('y');
    expect(world.take('read', 0).params).toMatchObject({
      guard: [
        [0, 1, 3],
        [1, 1, 4],
        [2, 1, 7],
      ],
    });
  });

  it.each([
    ['unequal', 'ok', false],
    ['stale', 'stale', undefined],
  ])('that is %s writes nothing', async (status, outcome, isSet) => {
    const world = new FakeEnv({ id: 5, incarnation: 1 }, messages);
    const session = createWeakSession(world.env, {});
    session.connected(0);
    const answer = session.command?.('cas', ['x', 'a', 'b']);
    const found = { value: null, version: null };
    await world.take('compare', 0).answer({ status, version: null, found, applied: [] });
    expect((await answer)?.isSet).toBe(isSet);
    expect(await answer).toMatchObject({ outcome, value: null, version: null });
  });
});

describe('a session', () => {
  it('sends a request once, to one server, and knows whether it may have happened', async () => {
    const world = new FakeEnv({ id: 5, incarnation: 1 }, messages);
    const session = createWeakSession(world.env, {});
    session.connected(0);
    session.connected(1);
    const put = session.put('x', 'a');
    await world.take('write', 0).fail('ERR_UNREACHABLE');
    expect(await put).toMatchObject({ outcome: 'unknown', error: 'ERR_UNREACHABLE' });
    expect(world.calls).toEqual([]);
    expect(world.notes).toEqual([{ label: 'choose', detail: { server: 0, of: [0, 1] } }]);
  });

  it('tells a refused put from one that was made', async () => {
    const world = new FakeEnv({ id: 5, incarnation: 1 }, messages);
    const session = createWeakSession(world.env, {});
    session.connected(0);
    const put = session.put('x', 'a');
    await world.take('write', 0).answer({ version: null, applied: [] });
    expect(await put).toMatchObject({ outcome: 'stale', server: 0, version: null });
  });
});

describe('the claims', () => {
  const all = ['read-your-writes', 'monotonic-reads', 'monotonic-writes', 'writes-follow-reads'];
  const CLAIMED: readonly Guarantee[] = claims({});

  it('are all session guarantees and convergence without options', () => {
    expect(CLAIMED).toEqual([...all, 'convergence']);
  });

  it.each(options.breaks?.choices ?? [])('lack what breaks=%s breaks', (breaks) => {
    const lost = CLAIMED.filter((claim) => !claims({ breaks }).includes(claim));
    if (breaks === 'session-guarantees') expect(lost).toEqual(all);
    else if (breaks === 'causal') expect(lost).toEqual(CLAIMED);
    else if (breaks === 'nothing') expect(lost).toEqual([]);
    else expect(lost).toContain(breaks);
  });

  it('lack the order of writes with stamps=wall', () => {
    expect(claims({ stamps: 'wall' })).toEqual([
      ...['read-your-writes', 'monotonic-reads', 'convergence'],
    ]);
  });
});

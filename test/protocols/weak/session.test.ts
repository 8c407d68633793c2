import { describe, expect, it } from 'vitest';
import type { Guarantee, Options } from '../../../src/kernel/protocol.ts';
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

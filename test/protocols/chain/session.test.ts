import { describe, expect, it } from 'vitest';
import { STALE_EPOCH } from '../../../src/protocols/chain/errors.ts';
import { messages } from '../../../src/protocols/chain/messages.ts';
import { createChainSession } from '../../../src/protocols/chain/session.ts';
import { FakeEnv } from '../../support/fakeEnv.ts';

function clientAt(...servers: number[]) {
  const world = new FakeEnv({ id: 100, incarnation: 2 }, messages);
  const session = createChainSession(world.env);
  for (const server of servers) session.connected(server);
  return { world, session };
}

describe('a write', () => {
  it('names its session and its number, and gives the version', async () => {
    const { world, session } = clientAt(3);
    const answer = session.put('k', 'v');
    const call = world.take('write', 3);
    expect(call.params).toEqual({ session: [100, 2], seq: 1, key: 'k', value: 'v', attempt: 1 });
    await call.answer({ version: [7, 3, 1] });
    expect(await answer).toMatchObject({ outcome: 'ok', server: 3, version: [7, 3, 1] });
    void session.delete('k');
    expect(world.take('write').params).toMatchObject({ seq: 2, value: null });
  });

  it('is made again with the same number, at another server too (H7)', async () => {
    const { world, session } = clientAt(1, 2);
    const answer = session.put('k', 'v');
    const first = world.take('write');
    await first.fail('ERR_UNREACHABLE');
    await world.pass(50);
    const second = world.take('write');
    expect(second.to).not.toBe(first.to);
    expect(second.params).toEqual({ ...first.params, attempt: 2 });
    await second.answer({ version: [1, 1, 1] });
    expect(await answer).toMatchObject({ outcome: 'ok', server: second.to });
  });

  it.each([
    ['ERR_UNREACHABLE', 'unknown'],
    [STALE_EPOCH, 'fail'],
  ] as const)('that only meets %s until its time is over is %s', async (code, outcome) => {
    const { world, session } = clientAt(1);
    const answer = session.put('k', 'v');
    for (let count = 0; count < 3; count += 1) {
      await world.take('write').fail(code);
      await world.pass(2_000);
      await world.pass(50);
    }
    expect(await answer).toMatchObject({ outcome, server: null });
  });

  it.each([
    [true, 'new', [7, 1, 1]],
    [false, null, null],
  ] as const)('that compares says whether it wrote: %s', async (isSet, value, version) => {
    const { world, session } = clientAt(1);
    const answer = session.command?.('cas', ['k', 'old', 'new']);
    const call = world.take('write', 1);
    expect(call.params).toMatchObject({ seq: 1, key: 'k', value: 'new', expected: 'old' });
    await call.answer({ version: [7, 1, 1], isSet });
    expect(await answer).toEqual({
      ...{ outcome: 'ok', isSet, value, server: 1, version, applied: null },
    });
  });

  it('without a server is not done', async () => {
    expect(await clientAt().session.put('k', 'v')).toMatchObject({ outcome: 'fail' });
  });

  it('that is refused for good is not made again', async () => {
    const { world, session } = clientAt(1);
    const answer = session.put('k', 'v');
    await world.take('write').fail('E_TOO_LARGE');
    expect(await answer).toMatchObject({ outcome: 'fail' });
    expect(world.calls).toEqual([]);
  });
});

describe('a full disk', () => {
  it('is why a write was not done, or may not have been', async () => {
    const { world, session } = clientAt(1);
    const refused = session.put('k', 'v');
    await world.take('write').fail('E_STORAGE');
    expect(await refused).toMatchObject({ outcome: 'fail', error: 'E_STORAGE' });
    const doubtful = session.put('k', 'v');
    await world.take('write').fail('ERR_UNREACHABLE');
    await world.pass(50);
    await world.take('write').fail('E_STORAGE');
    expect(await doubtful).toMatchObject({ outcome: 'unknown', error: 'E_STORAGE' });
  });

  it('is why a read has no answer, and a look at all keys has none', async () => {
    const { world, session } = clientAt(1);
    const got = session.get('k');
    await world.take('read').fail('E_STORAGE');
    expect(await got).toMatchObject({ outcome: 'fail', error: 'E_STORAGE' });
    const seen = session.dump?.('*');
    await world.take('dump').fail('E_STORAGE');
    expect(await seen).toEqual({ outcome: 'fail', entries: [], error: 'E_STORAGE' });
  });
});

describe('a read', () => {
  it.each([
    [{ value: 'v', version: [1, 1, 1] }, 'ok'],
    [{ value: null, version: [2, 1, 1] }, 'absent'],
    [{ value: null, version: null }, 'absent'],
  ])('that is answered with %j is %s', async (result, outcome) => {
    const { world, session } = clientAt(1);
    const answer = session.get('k');
    await world.take('read', 1).answer(result);
    expect(await answer).toMatchObject({ outcome, value: result.value, server: 1 });
  });
});

describe('a look at one server', () => {
  it('has all its pages from the server that gave the first', async () => {
    const { world, session } = clientAt(1, 2, 3);
    world.chances.push(0.5);
    const answer = session.dump?.('@');
    await world.take('dump', 2).answer({ entries: [['a', '1']], next: 'a' });
    await world.take('dump', 2).fail('ERR_UNREACHABLE');
    for (let times = 0; times < 2; times += 1) await world.pass(50);
    await world.take('dump', 2).answer({ entries: [['b', '2']], next: null });
    expect(await answer).toMatchObject({ outcome: 'ok' });
  });

  it('has no answer when that server is gone before the last page', async () => {
    const { world, session } = clientAt(1, 2);
    const answer = session.dump?.('@');
    const first = world.take('dump');
    await first.answer({ entries: [['a', '1']], next: 'a' });
    const second = world.take('dump', first.to);
    session.disconnected(first.to as number);
    await second.fail('ERR_NOT_CONNECTED');
    await world.pass(50);
    expect(await answer).toEqual({ outcome: 'fail', entries: [] });
  });
});

describe('a look at all keys', () => {
  it('gathers the pages, each behind the last', async () => {
    const { world, session } = clientAt(1);
    const answer = session.dump?.('*');
    const first = world.take('dump');
    expect(first.params).toEqual({ scope: '*', after: null });
    await first.answer({ entries: [['a', '1']], next: 'a' });
    const second = world.take('dump');
    expect(second.params).toEqual({ scope: '*', after: 'a' });
    await second.answer({ entries: [['b', '2']], next: null });
    expect(await answer).toEqual({
      outcome: 'ok',
      entries: [
        ['a', '1'],
        ['b', '2'],
      ],
    });
  });
});

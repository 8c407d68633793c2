import { describe, expect, it } from 'vitest';
import { CallError } from '../../../src/kernel/errors.ts';
import { completeOptions } from '../../../src/kernel/protocol.ts';
import type { Configuration } from '../../../src/protocols/sharded/configuration.ts';
import { STALE_EPOCH, WRONG_OWNER } from '../../../src/protocols/sharded/errors.ts';
import { sharded } from '../../../src/protocols/sharded/index.ts';
import { messages } from '../../../src/protocols/sharded/messages.ts';
import { createShardedSession } from '../../../src/protocols/sharded/session.ts';
import { FakeEnv } from '../../support/fakeEnv.ts';
import { configuration, group } from './builders.ts';

/** Keys 0 and 1 belong to servers 0 and 2, keys 2 and 3 to server 1. */
const TWO = configuration(5, [group(1, [0, 2]), group(2, [1])], { owners: [1, 1, 2, 2] });
/** Key 0 belongs to server 1, too. */
const LATER: Configuration = { ...TWO, number: 6, owners: [2, 1, 2, 2] };

const DONE = { outcome: 'done', value: null, version: [7, 0, 1] };

function clientAt(servers: readonly number[], options: Record<string, string> = {}) {
  const world = new FakeEnv({ id: 100, incarnation: 2 }, messages);
  const given = completeOptions(sharded, { partitioner: 'range', keys: '4', ...options });
  const session = createShardedSession(world.env, given);
  for (const server of servers) session.connected(server);
  return { world, session };
}

/** A client that has asked for the configuration, and got it. */
async function informed(servers: readonly number[], options: Record<string, string> = {}) {
  const { world, session } = clientAt(servers, options);
  const answer = session.get('3');
  await world.take('configuration').answer({ configuration: TWO });
  await world.take('read', 1).answer({ value: null, version: null });
  await answer;
  return { world, session };
}

describe('a client that keeps the configuration', () => {
  it('asks for it once, and then the primary for a write', async () => {
    const { world, session } = clientAt([0, 1, 2]);
    const answer = session.put('2', 'v');
    const asked = world.take('configuration', 'service');
    expect(asked.params).toEqual({ number: 0, silent: null });
    await asked.answer({ configuration: TWO });
    const call = world.take('write', 1);
    expect(call.params).toEqual({
      ...{ number: 5, session: [100, 2], seq: 1, attempt: 1, ended: 0 },
      ...{ kind: 'put', key: '2', value: 'v' },
    });
    await call.answer(DONE);
    expect(await answer).toMatchObject({ outcome: 'ok', server: 1, version: [7, 0, 1] });
    void session.delete('1');
    await world.pass(0);
    expect(world.take('write', 0).params).toMatchObject({ seq: 2, ended: 1, kind: 'delete' });
  });

  it('reads at any server of the group that it reaches', async () => {
    for (const [chance, server] of [
      [0, 0],
      [0.9, 2],
    ] as const) {
      const { world, session } = await informed([0, 1, 2]);
      world.chances.push(chance);
      void session.get('0');
      await world.pass(0);
      expect(world.take('read', server).params).toEqual({ number: 5, key: '0' });
      expect(world.notes.at(-1)).toEqual({ label: 'choose', detail: { server, of: [0, 2] } });
    }
    const { world, session } = await informed([1, 2]);
    void session.get('0');
    await world.pass(0);
    expect(world.take('read').to).toBe(2);
  });

  it('asks for a later one when it is refused, and repeats the request', async () => {
    const { world, session } = await informed([0, 1, 2]);
    const answer = session.put('0', 'v');
    await world.pass(0);
    const first = world.take('write', 0);
    await first.reject(new CallError(WRONG_OWNER, undefined, { number: 6 }));
    const asked = world.take('configuration', 'service');
    expect(asked.params).toEqual({ number: 5, silent: null });
    await asked.answer({ configuration: LATER });
    const second = world.take('write', 1);
    expect(second.params).toEqual({ ...first.params, number: 6, attempt: 2 });
    await second.answer(DONE);
    expect(await answer).toMatchObject({ outcome: 'ok', server: 1 });
  });

  it('waits a little when the server that refuses knows nothing later', async () => {
    const { world, session } = await informed([0, 1, 2]);
    void session.put('0', 'v');
    await world.pass(0);
    await world.take('write', 0).reject(new CallError(WRONG_OWNER, undefined, { number: 5 }));
    expect(world.calls).toEqual([]);
    await world.pass(50);
    world.take('configuration', 'service');
  });

  it('tells the shard master of a server that does not answer', async () => {
    const { world, session } = await informed([0, 1, 2]);
    void session.put('0', 'v');
    await world.pass(0);
    await world.take('write', 0).fail('ERR_UNREACHABLE');
    await world.pass(50);
    const asked = world.take('configuration', 'service');
    expect(asked.params).toEqual({ number: 5, silent: 0 });
    await asked.answer({ configuration: null });
    expect(world.take('write', 0).params).toMatchObject({ seq: 1, attempt: 2 });
  });
});

describe('a client that keeps nothing', () => {
  it('asks the shard master before each try', async () => {
    const { world, session } = clientAt([0, 1, 2], { cache: 'off' });
    for (const isRead of [false, true]) {
      void (isRead ? session.get('2') : session.put('2', 'v'));
      const asked = world.take('where', 'service');
      expect(asked.params).toEqual({ key: '2', isRead, silent: null });
      await asked.answer({ number: 5, servers: [1] });
      const call = world.take(isRead ? 'read' : 'write', 1);
      expect(call.params).toMatchObject({ number: 5, key: '2' });
    }
  });
});

describe('the outcome', () => {
  it.each([
    ['ERR_UNREACHABLE', 'unknown'],
    [STALE_EPOCH, 'fail'],
  ] as const)('of a write that only meets %s is %s', async (code, outcome) => {
    const { world, session } = await informed([0, 1, 2]);
    const answer = session.put('0', 'v');
    for (let count = 0; count < 20; count += 1) {
      await world.pass(0);
      for (const call of world.calls.splice(0)) {
        if (call.to === 'service') await call.answer({ configuration: null });
        else await call.fail(code);
      }
      await world.pass(500);
    }
    expect(await answer).toMatchObject({ outcome, server: null, value: null });
  });

  it.each(['E_STORAGE', 'ERR_VALUE_LIMIT', 'E_BAD_REQUEST'] as const)(
    'of a write that is refused with %s is final',
    async (code) => {
      const { world, session } = await informed([0, 1, 2]);
      const answer = session.put('0', 'v');
      await world.pass(0);
      await world.take('write', 0).fail(code);
      await world.pass(50);
      expect(await answer).toMatchObject({ outcome: 'fail', error: code });
      expect(world.calls).toEqual([]);
    },
  );

  it('of an append that would be too large is a refusal', async () => {
    const { world, session } = await informed([0, 1, 2]);
    const answer = session.command?.('append', ['0', 'v']);
    await world.pass(0);
    const call = world.take('write', 0);
    expect(call.params).toMatchObject({ kind: 'appendLeft' });
    await call.answer({ outcome: 'tooLarge', value: null, version: null });
    await world.pass(50);
    expect(await answer).toMatchObject({ outcome: 'fail', error: 'ERR_VALUE_LIMIT' });
  });

  it.each([
    ['lpop', 'popLeft', { outcome: 'done', value: 'x', version: [7, 0, 1] }, 'ok', 'x'],
    ['rpop', 'popRight', { outcome: 'done', value: '', version: [7, 0, 1] }, 'ok', ''],
    ['rpop', 'popRight', { outcome: 'absent', value: null, version: null }, 'absent', null],
  ] as const)('of %s is what was popped', async (name, kind, result, outcome, value) => {
    const { world, session } = await informed([0, 1, 2]);
    const answer = session.command?.(name, ['0']);
    await world.pass(0);
    const call = world.take('write', 0);
    expect(call.params).toMatchObject({ kind, value: null });
    await call.answer(result);
    expect(await answer).toMatchObject({ outcome, value });
  });
});

describe('the answer of a compare-and-set', () => {
  it.each([
    [{ outcome: 'done', value: null, version: [7, 0, 1] }, true, 'new', [7, 0, 1]],
    [{ outcome: 'unequal', value: null, version: null }, false, null, null],
  ] as const)('to %j says whether it wrote', async (result, isSet, value, version) => {
    const { world, session } = await informed([0, 1, 2]);
    const answer = session.command?.('cas', ['0', 'old', 'new']);
    await world.pass(0);
    const first = world.take('write', 0);
    expect(first.params).toMatchObject({ kind: 'cas', value: 'new', expected: 'old', attempt: 1 });
    // Asked again, it is the same request.
    await first.fail('ERR_UNREACHABLE');
    await world.pass(50);
    await world.take('configuration', 'service').answer({ configuration: null });
    const again = world.take('write', 0);
    expect(again.params).toEqual({ ...(first.params as object), attempt: 2 });
    await again.answer(result);
    expect(await answer).toEqual({
      ...{ outcome: 'ok', isSet, value, server: 0, version, applied: null },
    });
  });
});

it('a session confirms what it has been answered, up to the first that it has not', async () => {
  const { world, session } = await informed([0, 1, 2]);
  void session.put('0', 'a');
  void session.put('1', 'b');
  await world.pass(0);
  const [, second] = [world.take('write', 0), world.take('write', 0)];
  await second.answer(DONE);
  void session.put('0', 'c');
  await world.pass(0);
  expect(world.take('write', 0).params).toMatchObject({ seq: 3, ended: 0 });
});

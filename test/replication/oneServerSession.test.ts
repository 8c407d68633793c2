import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { fromClient, keySchema } from '../../src/kernel/messages.ts';
import { createOneServerSession } from '../../src/replication/oneServerSession.ts';
import { requestFields } from '../../src/replication/sessionTable.ts';
import { FakeEnv } from '../support/fakeEnv.ts';

const value = v.nullable(v.string());
const messages = {
  write: fromClient('Writes.', { ...requestFields, key: keySchema, value }, {}),
  read: fromClient('Reads.', { key: keySchema }, { value }),
  swap: fromClient('Swaps.', { ...requestFields, args: v.array(v.string()) }, { value }),
};

function createSession(...servers: number[]) {
  const world = new FakeEnv({ id: 5, incarnation: 2 }, messages);
  const { env } = world;
  const session = createOneServerSession(env, {
    write: (server, write) => env.call(server, 'write', write),
    read: (server, key) => env.call(server, 'read', { key }),
    command: (server, request, name, args) =>
      env.call(server, 'swap', { ...request, args: [name, ...args] }),
  });
  for (const server of servers) session.connected(server);
  return { world, session };
}

const NOTHING = { value: null, version: null, applied: null };

describe('a session with one server at a time', () => {
  it('numbers its writes and commands, and tells the server who it is', async () => {
    const { world, session } = createSession(1);
    session.put('x', 'a');
    session.delete('x');
    session.command?.('swap', ['x', 'b']);
    const asked = [world.take('write', 1), world.take('write', 1), world.take('swap', 1)];
    expect(asked.map(({ params }) => params)).toEqual([
      { session: [5, 2], seq: 1, key: 'x', value: 'a' },
      { session: [5, 2], seq: 2, key: 'x', value: null },
      { session: [5, 2], seq: 3, args: ['swap', 'x', 'b'] },
    ]);
  });

  it('answers with what the server has said, and which server that was', async () => {
    const { world, session } = createSession(1);
    const put = session.put('x', 'a');
    await world.take('write', 1).answer({});
    expect(await put).toEqual({ ...NOTHING, outcome: 'ok', server: 1 });
    const got = session.get('x');
    await world.take('read', 1).answer({ value: 'a' });
    expect(await got).toEqual({ ...NOTHING, outcome: 'ok', value: 'a', server: 1 });
    const missed = session.get('y');
    await world.take('read', 1).answer({ value: null });
    expect(await missed).toEqual({ ...NOTHING, outcome: 'absent', server: 1 });
  });

  it('leaves the outcome to a reply that has one', async () => {
    const { env } = new FakeEnv({ id: 5, incarnation: 1 }, {});
    const reply = async () => ({ outcome: 'stale' as const });
    const session = createOneServerSession(env, { write: reply, read: reply });
    session.connected(1);
    expect(await session.put('x', 'a')).toMatchObject({ outcome: 'stale' });
    expect(await session.get('x')).toMatchObject({ outcome: 'stale' });
    expect(session.command).toBeUndefined();
  });

  it('asks one server once, and says whether the request may have had an effect', async () => {
    const { world, session } = createSession(1, 2);
    const put = session.put('x', 'a');
    await world.take('write', 1).fail('ERR_UNREACHABLE');
    expect(await put).toEqual({
      ...{ ...NOTHING, outcome: 'unknown', server: null, error: 'ERR_UNREACHABLE' },
    });
    const get = session.get('x');
    await world.take('read', 1).fail('ERR_NOT_CONNECTED');
    expect(await get).toMatchObject({ outcome: 'fail', error: 'ERR_NOT_CONNECTED' });
    expect(world.calls).toEqual([]);
  });

  it('chooses among its servers at random, and notes it', () => {
    const { world, session } = createSession(2, 1);
    world.chances.push(0.9);
    session.get('x');
    world.take('read', 2);
    expect(world.notes).toEqual([{ label: 'choose', detail: { server: 2, of: [1, 2] } }]);
  });

  it('fails without a server, and counts the write', async () => {
    const { world, session } = createSession(1);
    session.disconnected(1);
    const answer = { ...NOTHING, outcome: 'fail', server: null };
    expect(await session.put('x', 'a')).toEqual(answer);
    expect(await session.get('x')).toEqual(answer);
    session.connected(1);
    session.put('x', 'b');
    expect(world.take('write', 1).params).toMatchObject({ seq: 2 });
  });
});

// A failed server that runs on: calls in both directions fail at once.
import { expect, it } from 'vitest';
import { createServerNode } from '../../src/kernel/node.ts';
import { completeOptions } from '../../src/kernel/protocol.ts';
import { causal } from '../../src/protocols/causal/index.ts';
import { FakeEnv } from '../support/fakeEnv.ts';

const UNREACHABLE = expect.objectContaining({ code: 'ERR_UNREACHABLE' });

it('refuses peers and makes no call while it has failed, but answers the master', async () => {
  const world = new FakeEnv({ id: 0, incarnation: 1 }, causal.messages);
  const env = world.env as never;
  const options = completeOptions(causal, {});
  const node = createServerNode({ env, protocol: causal, options });
  const read = { key: 'x', dependsOn: null, guard: null, clock: 0 };
  const ask = () => node.handle({ id: 5, role: 'client' }, 'read', read);
  expect(await ask()).toMatchObject({ status: 'absent' });
  node.handle('master', 'connect', { peer: 1, role: 'server' });
  const before = world.calls.length;

  node.handle('master', 'fail', {});
  expect(ask).toThrow(UNREACHABLE);
  expect(node.handle('master', 'printStore', {})).toEqual({ entries: [] });
  node.handle('master', 'connect', { peer: 2, role: 'server' });
  expect(world.calls).toHaveLength(before);

  node.handle('master', 'recover', {});
  expect(await ask()).toMatchObject({ status: 'absent' });
});

// A failed server that runs on, and a node that is cut off from the service: calls in both
// directions fail at once.
import { expect, it } from 'vitest';
import { createServerNode } from '../../src/kernel/node.ts';
import { completeOptions } from '../../src/kernel/protocol.ts';
import { causal } from '../../src/protocols/causal/index.ts';
import { chain } from '../../src/protocols/chain/index.ts';
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

it('neither hears nor asks the service while it is cut off, but hears its peers', async () => {
  const world = new FakeEnv({ id: 0, incarnation: 1 }, chain.messages);
  const options = completeOptions(chain, {});
  const node = createServerNode({ env: world.env as never, protocol: chain, options });
  const reach = () => node.handle('master', 'reach', { peers: [] });
  const round = { round: 1, avoid: [], known: [0], budgetMs: 1_000 };
  /** How many calls of the service a round makes, without their answers. */
  const asked = (): number => {
    const before = world.calls.length;
    void node.handle('master', 'stabilize', round);
    return world.calls.slice(before).filter(({ to }) => to === 'service').length;
  };
  expect([await reach(), asked()]).toEqual([{ reached: [] }, 1]);

  node.handle('master', 'disconnectService', {});
  expect(reach).toThrow(UNREACHABLE);
  expect(asked()).toBe(0);
  expect(node.handle('master', 'printStore', {})).toEqual({ entries: [] });
  node.handle('master', 'fail', {});
  node.handle('master', 'recover', {});
  expect(reach).toThrow(UNREACHABLE);

  node.handle('master', 'connectService', {});
  expect([await reach(), asked()]).toEqual([{ reached: [] }, 1]);
});

import { expect, it } from 'vitest';
import { CallError } from '../../src/kernel/errors.ts';
import { Peers } from '../../src/replication/peers.ts';
import { FakeEnv, settled } from '../support/fakeEnv.ts';

function createPeers() {
  const world = new FakeEnv({ id: 0, incarnation: 1 }, {});
  return { world, peers: new Peers(world.env) };
}

it('are the linked servers, in the order of their links', () => {
  const { peers } = createPeers();
  peers.connected(3, 'server');
  peers.connected(1, 'server');
  peers.connected(5, 'client');
  peers.connected(3, 'server');
  expect([...peers]).toEqual([3, 1]);
  peers.disconnected(3);
  peers.connected(3, 'server');
  expect([...peers]).toEqual([1, 3]);
});

it('are told what the others are told, although one of them does not answer', async () => {
  const { peers } = createPeers();
  for (const id of [1, 2, 3]) peers.connected(id, 'server');
  const told: number[] = [];
  peers.tell(async (peer) => {
    if (peer === 2) throw new CallError('ERR_UNREACHABLE');
    told.push(peer);
  });
  await peers.quiesced();
  expect(told).toEqual([1, 3]);
});

it('are quiet when all calls have ended', async () => {
  const { peers } = createPeers();
  peers.connected(1, 'server');
  let answer = () => {};
  peers.tell(
    () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      }),
  );
  let isQuiet = false;
  void peers.quiesced().then(() => {
    isQuiet = true;
  });
  await settled();
  expect(isQuiet).toBe(false);
  await settled(answer);
  expect(isQuiet).toBe(true);
});

it('do not hide a bug: it ends the life of the node', async () => {
  const { world, peers } = createPeers();
  peers.connected(1, 'server');
  peers.tell(async () => {
    throw new Error('a bug');
  });
  await settled();
  await expect(world.pass(0)).rejects.toThrow('a bug');
});

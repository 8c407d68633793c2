// The configuration service. The test plays the servers: it holds the calls of the service until it
// answers them.
import { describe, expect, it } from 'vitest';
import type { ServiceEnv } from '../../../src/kernel/service.ts';
import type { Configuration } from '../../../src/protocols/chain/configuration.ts';
import { type ChainMessages, messages } from '../../../src/protocols/chain/messages.ts';
import { createChainService } from '../../../src/protocols/chain/service.ts';
import { FakeEnv, settled } from '../../support/fakeEnv.ts';

const life = (id: number, incarnation = 1) => ({ id, incarnation });

function createService(earlier: readonly number[] = []) {
  const warnings: string[] = [];
  const world = new FakeEnv(life(0), messages);
  const env: ServiceEnv<ChainMessages> = {
    earlier,
    generation: 0,
    now: () => world.env.now(),
    random: () => world.env.random(),
    after: world.env.after,
    tell: world.env.call as ServiceEnv<ChainMessages>['tell'],
    warn: (text) => warnings.push(text),
    note: () => undefined,
  };
  const service = createChainService(env);
  const hello = (id: number, incarnation = 1) =>
    service.handlers.hello(life(id, incarnation), { recovered: null });
  return { world, service, hello, warnings };
}

/** Answers everything that servers are told, as healthy ones, until nothing more is told. */
async function obey({ world, service }: ReturnType<typeof createService>): Promise<void> {
  for (let call = world.calls.shift(); call !== undefined; call = world.calls.shift()) {
    const { to, method, params } = call;
    if (method === 'reach') await call.answer({ reached: params.peers });
    else {
      const { epoch } = params.configuration as Configuration;
      await call.answer({ epoch });
      service.handlers.synced(life(to as number), { epoch });
    }
    await settled();
  }
}

async function createCluster(...ids: number[]) {
  const cluster = createService();
  for (const id of ids) {
    cluster.hello(id);
    await settled();
    await obey(cluster);
  }
  return cluster;
}

describe('the configuration service', () => {
  it('takes servers in one after the other, and says when all is whole', async () => {
    const { service } = await createCluster(0, 1, 2);
    expect(service.handlers.status(life(0), {})).toEqual({ isWhole: true, serving: [0, 1, 2] });
  });

  it('confirms the current epoch, and answers any other with the configuration', async () => {
    const { service } = await createCluster(0, 1);
    expect(service.handlers.confirm(life(0), { epoch: 3 })).toEqual({ configuration: null });
    expect(service.handlers.confirm(life(0), { epoch: 2 })).toMatchObject({
      configuration: { epoch: 3 },
    });
  });

  it('tells the survivors of a death at once', async () => {
    const { service, world } = await createCluster(0, 1, 2);
    service.ended(life(1));
    expect(world.calls.map(({ to, method }) => `${method} ${to}`)).toEqual([
      'configure 0',
      'configure 2',
    ]);
    expect(world.calls[0]?.params).toMatchObject({ configuration: { epoch: 6 } });
  });

  it('removes no server for a suspicion alone: it asks the servers', async () => {
    const cluster = await createCluster(0, 1, 2);
    cluster.service.handlers.suspect(life(0), { epoch: 5, server: 1 });
    expect(cluster.world.calls.map(({ method }) => method)).toEqual(['reach', 'reach', 'reach']);
    await obey(cluster);
    expect(cluster.service.handlers.status(life(0), {})).toMatchObject({ serving: [0, 1, 2] });
  });

  it('leaves out who does not answer, and takes it in again when it asks', async () => {
    const cluster = await createCluster(0, 1, 2);
    const { world, service } = cluster;
    service.handlers.suspect(life(0), { epoch: 5, server: 1 });
    for (const call of world.calls.splice(0)) {
      if (call.to === 1) await call.fail('ERR_UNREACHABLE');
      else await call.answer({ reached: [0, 2].filter((id) => id !== call.to) });
    }
    await settled();
    expect(service.handlers.status(life(0), {})).toMatchObject({ serving: [0, 2] });
    await obey(cluster);
    cluster.hello(1);
    await obey(cluster);
    expect(service.handlers.status(life(0), {})).toMatchObject({ serving: [0, 1, 2] });
  });

  it('tells a server that was left out until it knows', async () => {
    const { service, world } = await createCluster(0, 1, 2);
    service.ended(life(1));
    for (const call of world.calls.splice(0)) await call.fail('ERR_UNREACHABLE');
    await world.pass(250);
    expect(world.calls.some(({ method }) => method === 'configure')).toBe(true);
  });

  it('does not listen to suspicions of another epoch', async () => {
    const { service, world } = await createCluster(0, 1, 2);
    service.handlers.suspect(life(0), { epoch: 4, server: 1 });
    expect(world.calls).toEqual([]);
  });

  it('leaves out a server whose disk keeps nothing any more', async () => {
    const { service } = await createCluster(0, 1, 2);
    service.handlers.resign(life(2), {});
    expect(service.handlers.status(life(0), {})).toMatchObject({ serving: [0, 1] });
  });
});

describe('a new run', () => {
  /** A disk that was in this chain, with so much of its only arc. */
  const disk = (members: number[], last: number, committed = last) => ({
    configuration: {
      epoch: 7,
      lives: members.map((id): [number, number] => [id, 1]),
      chains: [{ owner: 0, members, holders: [], joiner: null }],
    },
    logs: [{ owner: 0, last, committed }],
  });

  const begin = (disks: [id: number, disk: ReturnType<typeof disk>][]) => {
    const { service, warnings } = createService(disks.map(([id]) => id));
    const answers = disks.map(([id, recovered]) =>
      service.handlers.hello(life(id, 9), { recovered }),
    );
    return { awaited: answers.map((answer) => 'awaited' in answer && answer.awaited), warnings };
  };

  it('says whom a server has to wait for, and nothing where all is well', () => {
    const well = disk([0, 1], 5);
    const { awaited, warnings } = begin([
      [1, well],
      [0, well],
    ]);
    expect([awaited, warnings]).toEqual([[[0], []], []]);
  });

  it('warns of a disk that lacks what it had', () => {
    const { warnings } = begin([
      [0, disk([0, 1], 4)],
      [1, disk([0, 1], 5)],
    ]);
    expect(warnings).toEqual(['server 0: its disk lacks what it had: others bring it up to date']);
  });

  it('warns of keys that it has to refuse', () => {
    const { warnings } = begin([
      [0, disk([0], 4)],
      [1, disk([0], 5)],
    ]);
    expect(warnings).toEqual([
      'server 0: its disk lacks what it had',
      'keys of the arc of server 0 are refused: no disk has all that was acknowledged there',
    ]);
  });
});

// Servers of the simulation with logs on simulated disks, which lose unsynced data in a crash.
import { afterEach, describe, expect, it, test } from 'vitest';
import type { Death } from '../../src/kernel/cluster.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import { type FaultPlan, NO_FAULTS } from '../../src/sim/faultPlan.ts';
import { createSimCluster, type SimCluster } from '../../src/sim/world.ts';
import { tiny } from '../support/tinyProtocol.ts';

const clusters: SimCluster[] = [];
afterEach(async () => {
  await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
});

interface World {
  readonly cluster: SimCluster;
  readonly warnings: string[];
  readonly deaths: Death[];
  join(id: NodeId): Promise<void>;
  put(key: string, value: string): Promise<string>;
  store(id: NodeId): Promise<string>;
}

/** Server 0, which client 9 uses. */
async function createWorld(storage: string, seed = 1, plan?: FaultPlan): Promise<World> {
  const warnings: string[] = [];
  const deaths: Death[] = [];
  const warn = (text: string): void => void warnings.push(text);
  const faults = plan && { faults: plan };
  const cluster = createSimCluster({ protocol: tiny, options: { storage }, seed, warn, ...faults });
  cluster.onDeath((death) => deaths.push(death));
  clusters.push(cluster);
  const lives = new Map<NodeId, number>();
  const world: World = {
    cluster,
    warnings,
    deaths,
    join: async (id) => {
      const incarnation = (lives.get(id) ?? 0) + 1;
      lives.set(id, incarnation);
      await cluster.start({ role: id === 9 ? 'client' : 'server', id, incarnation });
      if (id === 9) await cluster.ask(9, 'connect', { peer: 0, role: 'server' });
      await cluster.link(9, 0);
    },
    put: async (key, value) => {
      const answer = await cluster.ask(9, 'put', { key, value });
      return (answer as { outcome: string }).outcome;
    },
    store: async (id) => JSON.stringify(await cluster.ask(id, 'printStore', {})),
  };
  await world.join(0);
  await world.join(9);
  return world;
}

describe('a server that is killed and joins again', () => {
  it('has everything that it acknowledged, under any seed', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const world = await createWorld('log', seed);
      const acked: string[] = [];
      for (let count = 0; count < 10; count += 1) {
        if ((await world.put(`k${count}`, 'v')) === 'ok') acked.push(`k${count}`);
      }
      expect(acked.length).toBe(10);
      // One more is under way when it dies.
      const lost = world.put('late', 'v');
      await world.cluster.sleep(seed % 5);
      await world.cluster.kill(0);
      await world.join(0);
      const store = await world.store(0);
      for (const key of acked) expect(store).toContain(`"${key}"`);
      expect(['ok', 'unknown']).toContain(await lost);
      await world.cluster.stop();
    }
  });

  it('has nothing without a log', async () => {
    const world = await createWorld('memory');
    await world.put('k', 'v');
    await world.cluster.kill(0);
    await world.join(0);
    expect(await world.store(0)).toBe('{"entries":[]}');
  });

  it('is told nothing before it is restored: the join returns then', async () => {
    const world = await createWorld('log');
    await world.put('k', 'v');
    await world.cluster.kill(0);
    const before = world.cluster.now();
    await world.join(0);
    expect(world.cluster.now()).toBeGreaterThan(before);
    expect(await world.store(0)).toBe('{"entries":[["k","v"]]}');
  });
});

test('time stands still for a node told something in its sleep, until a caller waits', async () => {
  const { cluster } = await createWorld('memory');
  await cluster.pause(0);
  const before = cluster.now();
  const told = cluster.tell(0, 'settle', {});
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  expect(cluster.now()).toBe(before);
  await cluster.resume(0);
  await cluster.sleep(1);
  await told;
});

test('what is on its way to a disk is shown until the server hears of it', async () => {
  const { cluster, put } = await createWorld('log');
  const pending = (): unknown =>
    cluster
      .living()
      .find(({ life }) => life.id === 0)
      ?.pending?.();
  const seen = new Set<string>();
  const answer = put('k', 'v');
  for (let step = 0; step < 40; step += 1) {
    await cluster.sleep(0.25);
    seen.add(JSON.stringify(pending()));
  }
  expect(await answer).toBe('ok');
  expect([...seen].map((text) => text.includes('"k"'))).toEqual([false, true]);
  expect(pending()).toEqual([]);
});

describe('a disk', () => {
  it('takes time of the world, and reshuffles no other chance', async () => {
    const [memory, log] = [await createWorld('memory'), await createWorld('log')];
    const random = async ({ cluster }: World): Promise<unknown> => {
      await cluster.ask(9, 'put', { key: 'k', value: 'v' });
      return cluster.ask(0, 'command', { name: 'random', args: [] });
    };
    expect(await random(log)).toEqual(await random(memory));
    expect(log.cluster.random()).toBe(memory.cluster.random());
  });

  it('without room makes a put fail, certainly, and the server goes on reading (F15)', async () => {
    const world = await createWorld('log');
    expect(await world.put('a', '1')).toBe('ok');
    world.cluster.disk(0).setFault({ code: 'ENOSPC', at: 1, lasts: false });
    expect(await world.put('b', '2')).toBe('fail');
    expect(await world.put('c', '3')).toBe('fail');
    expect(await world.store(0)).toBe('{"entries":[["a","1"]]}');
    await world.cluster.kill(0);
    await world.join(0);
    expect(await world.store(0)).toBe('{"entries":[["a","1"]]}');
    expect(world.deaths).toEqual([]);
  });

  it.each([1, 2])(
    'that fails at its operation %i ends the server, and the rest goes on (F16)',
    async (at) => {
      const world = await createWorld('log');
      expect(await world.put('a', '1')).toBe('ok');
      world.cluster.disk(0).setFault({ code: 'EIO', at, lasts: true });
      expect(await world.put('b', '2')).toBe('unknown');
      expect(world.deaths).toEqual([
        { id: 0, incarnation: 1, why: 'exit status 71', isBug: false },
      ]);
      expect(world.warnings).toEqual(['server 0: E_IO: server-0: EIO']);
      await expect(world.join(0)).rejects.toMatchObject({ code: 'E_IO' });
      world.cluster.disk(0).setFault();
      await world.join(0);
      expect(await world.store(0)).toContain('["a","1"]');
    },
  );

  it('whose log is damaged lets no server begin', async () => {
    const world = await createWorld('log');
    for (const key of ['a', 'b']) await world.put(key, '1');
    await world.cluster.kill(0);
    const file = world.cluster.disk(0).files.get('log');
    file?.write(file.size - 80, Buffer.from('?'));
    await expect(world.join(0)).rejects.toMatchObject({
      name: 'EnvironmentError',
      code: 'E_LOG_CORRUPT',
    });
  });

  it('gives a compacted log back', async () => {
    const world = await createWorld('log');
    for (const value of ['1', '2', '3']) await world.put('a', value);
    await world.cluster.ask(0, 'command', { name: 'compact', args: ['now'] });
    await world.put('b', '4');
    await world.cluster.kill(0);
    await world.join(0);
    expect(await world.store(0)).toBe('{"entries":[["a","3"],["b","4"]]}');
  });
});

describe('a disk that the fault plan makes', () => {
  const withDisks = (disks: Partial<FaultPlan['disks']>): FaultPlan => ({
    ...NO_FAULTS,
    disks: { ...NO_FAULTS.disks, ...disks },
  });

  it('fail ends a server, though not before it has kept something', async () => {
    const world = await createWorld('log', 1, withDisks({ failure: 1 }));
    expect(await world.put('a', '1')).toBe('ok');
    expect(await world.put('b', '2')).toBe('unknown');
    expect(world.deaths).toEqual([{ id: 0, incarnation: 1, why: 'exit status 71', isBug: false }]);
    expect(world.warnings).toEqual(['server 0: E_IO: server-0: EIO']);
    await world.join(0);
    expect(await world.store(0)).toContain('["a","1"]');
    expect(world.cluster.disk(0).troubles).toEqual({ full: 0, failed: 1, slow: 0 });
  });

  it('full refuses writes until the server begins again', async () => {
    const world = await createWorld('log', 1, withDisks({ full: 1 }));
    expect([await world.put('a', '1'), await world.put('b', '2')]).toEqual(['ok', 'fail']);
    world.cluster.setFaults(NO_FAULTS);
    expect(await world.put('c', '3')).toBe('fail');
    expect(await world.store(0)).toBe('{"entries":[["a","1"]]}');
    await world.cluster.kill(0);
    await world.join(0);
    expect(await world.put('c', '3')).toBe('ok');
    expect(world.deaths).toEqual([]);
  });

  it('slow makes an acknowledgement wait, until the faults are over', async () => {
    const slow = { minDelayMs: 400, maxDelayMs: 400, tail: 1, tailDelayMs: 900 };
    const world = await createWorld('log', 1, withDisks(slow));
    const timed = async (key: string): Promise<number> => {
      const begun = world.cluster.now();
      await world.put(key, '1');
      return world.cluster.now() - begun;
    };
    expect(await timed('a')).toBeGreaterThan(800);
    expect(world.cluster.disk(0).troubles.slow).toBeGreaterThan(1);
    world.cluster.setFaults(NO_FAULTS);
    expect(await timed('b')).toBeLessThan(50);
  });

  it('tells of it where the fence does not stand in the way', async () => {
    const world = await createWorld('log', 1, withDisks({ failure: 1 }));
    const told: string[] = [];
    world.cluster.onDeath(({ id }) => {
      setImmediate(() => undefined);
      told.push(`${id}`);
    });
    await world.put('a', '1');
    await world.put('b', '2');
    expect(told).toEqual(['0']);
  });
});

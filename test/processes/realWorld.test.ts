// The real world, with the tiny protocol on real processes: lives, links, calls and their ends.
import { describe, expect, it } from 'vitest';
import type { Death } from '../../src/kernel/cluster.ts';
import { CallError } from '../../src/kernel/errors.ts';
import { CALL_TIMEOUT_MS } from '../../src/kernel/limits.ts';
import { createRandomStream } from '../../src/kernel/random.ts';
import { extent, IS_FULL } from '../support/extent.ts';
import { isAlive } from '../support/processTree.ts';
import { useTinyWorlds } from '../support/tinyWorld.ts';

const openWorld = useTinyWorlds();

function codeOf(error: unknown): string {
  return error instanceof CallError ? error.code : String(error);
}

describe('a second protocol on real processes', () => {
  it('puts, gets, appends with its own command, and shows its store', async () => {
    const world = openWorld();
    await world.start({ 0: 'server', 1: 'server', 5: 'client' });
    await world.join(5, 1);
    await world.join(5, 0);
    const { cluster } = world;
    await cluster.ask(5, 'put', { key: '__proto__', value: 'a  b' });
    await cluster.ask(5, 'command', { name: 'append', args: ['__proto__', 'c'] });
    const answer = { value: 'a  bc', server: 0, version: null, applied: null, outcome: 'ok' };
    expect(await cluster.ask(5, 'get', { key: '__proto__' })).toEqual(answer);
    expect(await cluster.ask(0, 'printStore', {})).toEqual({ entries: [['__proto__', 'a  bc']] });
    expect(await cluster.ask(1, 'printStore', {})).toEqual({ entries: [] });
  });

  it('gives each life its own seeded stream, the one that every world uses', async () => {
    const world = openWorld({ seed: 42 });
    await world.start({ 3: 'server' });
    const [line] = await world.command(3, 'random', '');
    expect(Number(line)).toBe(createRandomStream(42, 'node 3.1')());
    expect(world.cluster.random()).toBe(createRandomStream(42, 'master')());
  });

  it("lets the script move a node's wall clock, and no other", async () => {
    const world = openWorld();
    await world.start({ 0: 'server', 1: 'server' });
    const ahead = async (): Promise<number> => {
      const [moved, other] = await Promise.all(
        [0, 1].map(async (id) => Number((await world.command(id, 'wallClock', ''))[0])),
      );
      return (moved ?? 0) - (other ?? 0);
    };
    expect(Math.abs(await ahead())).toBeLessThan(30_000);
    await world.cluster.ask(0, 'setClock', { offsetMs: 3_600_000 });
    expect(await ahead()).toBeGreaterThan(3_570_000);
    await world.cluster.ask(0, 'setClock', { offsetMs: -3_600_000 });
    expect(await ahead()).toBeLessThan(-3_570_000);
  });

  it('can be woken from every sleep', async () => {
    const { cluster } = openWorld();
    const slept = [cluster.sleep(3_600_000), cluster.sleep(1_800_000)];
    cluster.wake();
    await Promise.all(slept);
    expect(cluster.now()).toBeLessThan(60_000);
  });

  it('wants a control method to be one, with its parameters', async () => {
    const world = openWorld();
    await world.start({ 0: 'server' });
    const ask = (method: string, params: object) =>
      world.cluster.ask(0, method, params as never).catch(codeOf);
    expect(await ask('frobnicate', {})).toBe('E_NO_METHOD');
    expect(await ask('constructor', {})).toBe('E_NO_METHOD');
    expect(await ask('put', { key: 'k', value: 'v' })).toBe('E_NO_METHOD');
    expect(await ask('printStore', { extra: 1 })).toBe('E_BAD_REQUEST');
  });
});

describe('links', () => {
  it('carry calls both ways, also when both ends dial at once', async () => {
    const world = openWorld();
    await world.start({ 0: 'server', 1: 'server' });
    await world.join(0, 1);
    const calls = [0, 1, 0, 1].map((from) => world.call(from, 1 - from, 'echo', { text: 'é' }));
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['{"text":"é"}']));
  });

  it('bring back call errors with their code', async () => {
    const world = openWorld();
    await world.start({ 0: 'server', 1: 'server' });
    await world.join(0, 1);
    const refusal = 'E_CLOCK_JUMP a clock too far in the future: a year ahead';
    expect(await world.call(0, 1, 'refuse')).toBe(refusal);
    expect(await world.call(0, 1, 'echo', { text: 7 })).toMatch(/^E_BAD_REQUEST /);
    expect(await world.call(0, 1, 'echo', { text: 'x', extra: 1 })).toMatch(/^E_BAD_REQUEST /);
    expect(await world.call(0, 1, 'write', { key: 'k', value: 'v', isAppend: false })).toMatch(
      /^E_NO_METHOD /,
    );
    expect(await world.call(0, 1, 'lie')).toMatch(/^ERR_UNREACHABLE .*unusable/);
  });

  it('carry nothing before they are there and after they are cut', async () => {
    const world = openWorld();
    await world.start({ 0: 'server', 1: 'server' });
    expect(await world.call(0, 1, 'echo', { text: 'x' })).toMatch(/^ERR_NOT_CONNECTED /);
    await world.join(0, 1);
    await world.call(0, 1, 'echo', { text: 'x' });
    await world.cluster.unlink(0, 1);
    expect(await world.call(0, 1, 'echo', { text: 'x' })).toMatch(/^ERR_NOT_CONNECTED /);
    expect(await world.call(1, 0, 'echo', { text: 'x' })).toMatch(/^ERR_NOT_CONNECTED /);
    await world.cluster.link(1, 0);
    expect(await world.call(0, 1, 'echo', { text: 'x' })).toBe('{"text":"x"}');
  });

  it.runIf(IS_FULL)(
    'delay messages as set for a direction, also after a cut, a restart, and if new',
    async () => {
      const world = openWorld();
      const { cluster } = world;
      const delay = (ms: number) => ({
        delay: { kind: 'uniform', leastMs: ms, mostMs: ms } as const,
      });
      const callMs = async (from: number, to: number): Promise<number> => {
        const before = cluster.now();
        expect(await world.call(from, to, 'echo', { text: 'x' })).toBe('{"text":"x"}');
        return cluster.now() - before;
      };
      await world.start({ 0: 'server', 1: 'server', 2: 'server' });
      await world.join(0, 1);
      await cluster.setLink({ direction: [0, 1], setting: delay(150) });
      expect(await callMs(0, 1)).toBeGreaterThanOrEqual(150);
      expect(await callMs(1, 0)).toBeGreaterThanOrEqual(150);
      await cluster.setLink({ direction: [1, 0], setting: delay(100) });
      expect(await callMs(0, 1)).toBeGreaterThanOrEqual(250);
      await cluster.unlink(0, 1);
      await world.join(0, 1);
      expect(await callMs(0, 1)).toBeGreaterThanOrEqual(250);
      await cluster.kill(0);
      await cluster.start({ role: 'server', id: 0, incarnation: 2 });
      await world.join(0, 1);
      expect(await callMs(0, 1)).toBeGreaterThanOrEqual(250);
      await cluster.setLink({ direction: 'all', setting: delay(0) });
      await cluster.setLink({ direction: 'all', setting: { loss: 1 } });
      await world.join(1, 2);
      const lost = [0, 2].map((from) => world.call(from, 1, 'echo', { text: 'x' }));
      for (const answer of await Promise.all(lost)) expect(answer).toMatch(/^ERR_UNREACHABLE /);
      await cluster.setLink({ direction: 'all', setting: null });
      expect(await callMs(2, 1)).toBeLessThan(CALL_TIMEOUT_MS);
    },
  );

  it('fail the calls under way when they are cut, and when the peer dies', async () => {
    const world = openWorld();
    await world.start({ 0: 'server', 1: 'server', 2: 'server' });
    await world.join(0, 1);
    await world.join(0, 2);
    const begun = world.cluster.now();
    const held = [world.call(0, 1, 'hold'), world.call(0, 2, 'hold')];
    await Promise.all([
      world.call(0, 1, 'echo', { text: '' }),
      world.call(0, 2, 'echo', { text: '' }),
    ]);
    await Promise.all([world.cluster.unlink(0, 1), world.cluster.kill(2)]);
    for (const line of await Promise.all(held)) expect(line).toMatch(/^ERR_UNREACHABLE /);
    expect(world.cluster.now() - begun).toBeLessThan(900);
    expect(await world.call(0, 2, 'echo', { text: 'x' })).toMatch(/^ERR_NOT_CONNECTED /);
  });

  it.runIf(IS_FULL)(
    'lose one direction, requests and replies, until they are made again',
    async () => {
      const world = openWorld();
      await world.start({ 0: 'server', 1: 'server' });
      await world.join(0, 1);
      await world.cluster.mute(0, 1);
      const [request, reply] = await Promise.all([
        world.call(0, 1, 'echo', { text: 'x' }),
        world.call(1, 0, 'echo', { text: 'x' }),
      ]);
      expect(request).toMatch(/^ERR_UNREACHABLE .*no answer in time/);
      expect(reply).toMatch(/^ERR_UNREACHABLE .*no answer in time/);
      await world.cluster.link(0, 1);
      expect(await world.call(0, 1, 'echo', { text: 'x' })).toBe('{"text":"x"}');
    },
  );

  it('carry a message of almost the limit and refuse one above it, at either end', async () => {
    const world = openWorld();
    await world.start({ 0: 'server', 1: 'server' });
    await world.join(0, 1);
    const most = 1024 * 1024 - 1024;
    expect(await world.call(0, 1, 'echo', { text: 'x'.repeat(most) })).toHaveLength(most + 11);
    expect(await world.call(0, 1, 'echo', { text: 'é'.repeat(most) })).toMatch(/^E_TOO_LARGE /);
    expect(await world.call(0, 1, 'size', { length: 2_000_000 })).toMatch(/^ERR_UNREACHABLE /);
    expect(await world.call(0, 1, 'echo', { text: 'x' })).toBe('{"text":"x"}');
  });
});

describe('lives', () => {
  it('begin anew under the same id, with nothing of the former one', async () => {
    const world = openWorld();
    await world.start({ 0: 'server', 5: 'client' });
    await world.join(5, 0);
    await world.cluster.ask(5, 'put', { key: 'k', value: 'v' });
    for (let incarnation = 2; incarnation < extent({ full: 6, quick: 4 }); incarnation += 1) {
      await world.cluster.kill(0);
      expect(await world.cluster.ask(0, 'printStore', {}).catch(codeOf)).toBe('ERR_UNREACHABLE');
      await world.cluster.start({ role: 'server', id: 0, incarnation });
      expect(await world.cluster.ask(0, 'printStore', {})).toEqual({ entries: [] });
    }
    expect(await world.cluster.ask(5, 'get', { key: 'k' })).toMatchObject({ outcome: 'fail' });
    await world.cluster.link(5, 0);
    expect(await world.cluster.ask(5, 'get', { key: 'k' })).toMatchObject({ outcome: 'absent' });
  });

  it('tell of a death that was not ordered, once, and of no other', async () => {
    const world = openWorld();
    const deaths: Death[] = [];
    await world.start({ 0: 'server', 1: 'server', 2: 'server' });
    await world.join(0, 1);
    const pid = world.cluster.pids()[0]?.pid;
    expect(pid).toBeTypeOf('number');
    const died = new Promise<void>((resolve) => {
      world.cluster.onDeath((death) => {
        deaths.push(death);
        resolve();
      });
    });
    await world.cluster.kill(2);
    process.kill(Number(pid), 'SIGKILL');
    await died;
    expect(deaths).toEqual([{ id: 0, incarnation: 1, why: 'signal SIGKILL', isBug: false }]);
    expect(await world.call(1, 0, 'echo', { text: 'x' })).toMatch(/^ERR_NOT_CONNECTED /);
  });

  it.each([
    ['a handler that throws', ['call', '1', 'fault', '{}']],
    ['a rejection without a handler', ['reject', '']],
  ])('end after %s, never half alive', async (_name, [name = '', ...args]) => {
    const world = openWorld();
    const dead = name === 'reject' ? 0 : 1;
    await world.start({ 0: 'server', 1: 'server' });
    await world.join(0, 1);
    const death = new Promise<Death>((resolve) => world.cluster.onDeath(resolve));
    await world.command(0, name, ...args).catch(() => undefined);
    expect(await death).toEqual({ id: dead, incarnation: 1, why: 'exit status 70', isBug: true });
  });

  it('are told of a bug that nobody has noticed before the end of the world', async () => {
    const world = openWorld();
    await world.start({ 0: 'server', 1: 'server' });
    await world.join(0, 1);
    const deaths: Death[] = [];
    world.cluster.onDeath((death) => deaths.push(death));
    const failed = world.command(0, 'call', '1', 'fault', '{}').catch(() => undefined);
    await failed;
    await world.cluster.stop();
    expect(deaths).toEqual([{ id: 1, incarnation: 1, why: 'exit status 70', isBug: true }]);
  });

  it.runIf(IS_FULL)(
    'hear and answer nothing while they are stopped, and go on afterwards',
    async () => {
      const world = openWorld();
      await world.start({ 0: 'server', 1: 'server' });
      await world.join(0, 1);
      await world.cluster.pause(1);
      await world.cluster.pause(1);
      expect(await world.call(0, 1, 'echo', { text: 'x' })).toMatch(/^ERR_UNREACHABLE /);
      expect(await world.cluster.ask(1, 'settle', {}, 50).catch(codeOf)).toBe('ERR_UNREACHABLE');
      await world.cluster.unlink(0, 1);
      await world.cluster.link(0, 1);
      await world.cluster.resume(1);
      expect(await world.call(0, 1, 'echo', { text: 'x' })).toBe('{"text":"x"}');
      await world.cluster.pause(1);
      await world.cluster.kill(1);
    },
  );

  it('are linked when they have begun, if the link is ordered before', async () => {
    const world = openWorld();
    const begun = world.start({ 0: 'server', 1: 'server' });
    expect(world.cluster.endpoints().nodes).toEqual([]);
    await Promise.all([begun, world.join(0, 1)]);
    expect(await world.call(0, 1, 'echo', { text: 'x' })).toBe('{"text":"x"}');
    expect(
      world.cluster
        .endpoints()
        .nodes.map(({ id }) => id)
        .sort(),
    ).toEqual([0, 1]);
  });

  it('may begin together only without a trace', () => {
    expect(openWorld().cluster.startsTogether).toBe(true);
    expect(openWorld({ trace: () => undefined }).cluster.startsTogether).toBe(false);
  });

  it('are all over after stop, which may be called twice', async () => {
    const world = openWorld();
    await world.start({ 0: 'server', 1: 'server', 5: 'client' });
    await world.cluster.pause(1);
    const pids = world.cluster.pids().map(({ pid }) => pid);
    expect(pids).toHaveLength(4);
    expect(pids.every(isAlive)).toBe(true);
    await Promise.all([world.cluster.stop(), world.cluster.stop()]);
    expect(pids.some(isAlive)).toBe(false);
    const spec = { role: 'server', id: 9, incarnation: 1 } as const;
    await expect(world.cluster.start(spec)).rejects.toMatchObject({ code: 'E_SPAWN' });
  });
});

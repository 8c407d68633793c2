import { describe, expect, it } from 'vitest';
import { CALL_TIMEOUT_MS } from '../../src/kernel/limits.ts';
import { completeOptions } from '../../src/kernel/protocol.ts';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { createSimCluster } from '../../src/sim/world.ts';
import { tiny } from '../support/tinyProtocol.ts';
import { createOpenWorld, type OpenWorld, startServers } from './openProtocol.ts';

const LONGER_THAN_A_CALL_MS = 1.1 * CALL_TIMEOUT_MS;

/** What has become of a call so far. */
function watch(call: Promise<unknown>): { outcome: unknown } {
  const watched: { outcome: unknown } = { outcome: 'open' };
  call.then(
    (result) => {
      watched.outcome = result;
    },
    (error: { code?: unknown }) => {
      watched.outcome = error.code;
    },
  );
  return watched;
}

async function createStarted(count: number, ...setup: Parameters<typeof createOpenWorld>) {
  const world = createOpenWorld(...setup);
  await startServers(world, count);
  return world;
}

const happened = ({ trace }: OpenWorld, event: TraceEvent['event'], node?: number) =>
  trace.filter((entry) => entry.event === event && (node === undefined || entry.node === node));

describe('a call', () => {
  it('is answered by the peer, after the network has carried it there and back', async () => {
    const world = await createStarted(2);
    world.onHit = (from, params: { n: number }) => ({ from, n: params.n + 1 });
    const before = world.cluster.now();
    const call = watch(world.env(0).call(1, 'hit', { n: 1 }));
    await world.cluster.sleep(10);
    expect(call.outcome).toEqual({ from: 0, n: 2 });
    expect(world.cluster.now() - before).toBe(10);
  });

  it('fails at once where there is no link', async () => {
    const world = await createStarted(2);
    await world.cluster.unlink(0, 1);
    await expect(world.env(0).call(1, 'hit', {})).rejects.toMatchObject({
      code: 'ERR_NOT_CONNECTED',
    });
    await expect(world.env(0).call(7, 'hit', {})).rejects.toMatchObject({
      code: 'ERR_NOT_CONNECTED',
    });
  });

  it.each([
    ['the request', [0, 1]],
    ['the answer', [1, 0]],
  ] as const)(
    'times out when %s is lost, and leaves the other way alone',
    async (_what, [from, to]) => {
      const world = await createStarted(2);
      await world.cluster.mute(from, to);
      const short = watch(world.env(0).call(1, 'hit', {}, 200));
      const long = watch(world.env(0).call(1, 'hit', {}));
      await world.cluster.sleep(201);
      expect([short.outcome, long.outcome]).toEqual(['ERR_UNREACHABLE', 'open']);
      await world.cluster.sleep(CALL_TIMEOUT_MS - 200);
      expect(long.outcome).toBe('ERR_UNREACHABLE');
      expect(happened(world, 'drop')).toHaveLength(2);
      await world.cluster.link(0, 1);
      const healed = watch(world.env(0).call(1, 'hit', { n: 1 }));
      await world.cluster.sleep(10);
      expect(healed.outcome).toEqual({ n: 1 });
    },
  );

  it('settles once, though every message comes twice', async () => {
    const world = await createStarted(2, { duplication: 1 });
    let hits = 0;
    world.onHit = () => {
      hits += 1;
      return { hits };
    };
    const call = watch(world.env(0).call(1, 'hit', {}));
    await world.cluster.sleep(50);
    expect(hits).toBe(2);
    expect([{ hits: 1 }, { hits: 2 }]).toContainEqual(call.outcome);
    const late = happened(world, 'receive', 0).map((event) => 'late' in event);
    expect(late).toEqual([false, true, true, true]);
  });

  it('is over before its answer comes: that is in the trace, as late', async () => {
    const world = await createStarted(2, { minDelayMs: 50, maxDelayMs: 50 });
    const call = watch(world.env(0).call(1, 'hit', {}, 90));
    await world.cluster.sleep(99);
    expect([call.outcome, happened(world, 'receive', 0)]).toEqual(['ERR_UNREACHABLE', []]);
    await world.cluster.sleep(1);
    expect(happened(world, 'receive', 0)).toMatchObject([{ method: 'hit', late: true }]);
    const other = watch(world.env(0).call(1, 'hit', {}, 101));
    await world.cluster.sleep(101);
    const [, inTime] = happened(world, 'receive', 0);
    expect(other.outcome).toEqual({});
    expect(inTime).not.toHaveProperty('late');
  });

  it('overtakes others: links reorder', async () => {
    const world = await createStarted(2);
    const order: number[] = [];
    world.onHit = (_from, { n }: { n: number }) => ({ n: order.push(n) });
    for (let n = 0; n < 20; n += 1) void world.env(0).call(1, 'hit', { n });
    await world.cluster.sleep(10);
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });
});

describe('a cut link', () => {
  it('loses what is under way, and fails the calls that wait', async () => {
    const world = await createStarted(2, { minDelayMs: 50, maxDelayMs: 50 });
    let hits = 0;
    world.onHit = () => {
      hits += 1;
      return {};
    };
    const call = watch(world.env(0).call(1, 'hit', {}));
    await world.cluster.sleep(20);
    await world.cluster.unlink(0, 1);
    await world.cluster.sleep(0);
    expect(call.outcome).toBe('ERR_UNREACHABLE');
    await world.cluster.sleep(LONGER_THAN_A_CALL_MS);
    expect(hits).toBe(0);
  });

  it('does not deliver on the link that is made in its place', async () => {
    const world = await createStarted(2, { minDelayMs: 50, maxDelayMs: 50 });
    let hits = 0;
    world.onHit = () => {
      hits += 1;
      return {};
    };
    const request = watch(world.env(0).call(1, 'hit', {}));
    await world.cluster.sleep(20);
    await world.cluster.unlink(0, 1);
    await world.cluster.link(0, 1);
    await world.cluster.sleep(LONGER_THAN_A_CALL_MS);
    expect([hits, request.outcome]).toEqual([0, 'ERR_UNREACHABLE']);
    const answer = watch(world.env(0).call(1, 'hit', {}));
    await world.cluster.sleep(60);
    await world.cluster.unlink(0, 1);
    await world.cluster.link(0, 1);
    await world.cluster.sleep(LONGER_THAN_A_CALL_MS);
    expect([hits, answer.outcome]).toEqual([1, 'ERR_UNREACHABLE']);
    expect(happened(world, 'drop')).toMatchObject([{ why: 'cut' }, { why: 'cut' }]);
  });
});

describe('a pause', () => {
  it('holds everything back; then each link has its turn, and timers come last', async () => {
    const run = async (isPaused: boolean) => {
      const world = await createStarted(3, { maxDelayMs: 40 });
      const order: string[] = [];
      world.onHit = (_from, { name }: { name: string }) => ({ n: order.push(name) });
      if (isPaused) await world.cluster.pause(0);
      else await world.cluster.sleep(0);
      for (let n = 0; n < 10; n += 1) {
        world.env(0).after(n * 4, () => order.push(`timer ${n}`));
        for (const peer of [1, 2]) {
          void world.env(peer).call(0, 'hit', { name: `${peer} hit ${n}` });
        }
      }
      await world.cluster.sleep(50);
      if (isPaused) expect(order).toEqual([]);
      await world.cluster.resume(0);
      await world.cluster.sleep(1);
      return order;
    };
    const order = await run(false);
    expect(order).toHaveLength(30);
    const first = order.find((name) => name.includes('hit'))?.[0] as string;
    const second = first === '1' ? '2' : '1';
    const inTurn = [first, second, 't'].flatMap((source) =>
      order.filter((name) => name.startsWith(source)),
    );
    expect(order).not.toEqual(inTurn);
    expect(await run(true)).toEqual(inTurn);
  });

  it('keeps what comes at the very moment of its end behind what came before', async () => {
    const world = await createStarted(1);
    const order: string[] = [];
    const env = world.env(0);
    await world.cluster.pause(0);
    env.after(5, () => order.push('first'));
    env.after(10, () => order.push('second'));
    await world.cluster.sleep(20);
    const woken = world.cluster.resume(0);
    env.after(0, () => order.push('third'));
    await woken;
    env.after(0, () => order.push('fourth'));
    await world.cluster.sleep(1);
    expect(order).toEqual(['first', 'second', 'third', 'fourth']);
  });

  it('may begin again before all is done, and nothing is out of order', async () => {
    const world = await createStarted(1);
    const order: number[] = [];
    const env = world.env(0);
    await world.cluster.pause(0);
    for (let n = 0; n < 6; n += 1) env.after(n, () => order.push(n));
    await world.cluster.sleep(10);
    await Promise.all([world.cluster.resume(0), world.cluster.pause(0)]);
    env.after(0, () => order.push(6));
    await world.cluster.sleep(10);
    expect(order.length).toBeLessThan(7);
    await world.cluster.resume(0);
    await world.cluster.resume(0);
    await world.cluster.sleep(0);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('lets a timer be cancelled that was due in it', async () => {
    const world = await createStarted(1);
    const order: string[] = [];
    const env = world.env(0);
    await world.cluster.pause(0);
    env.after(5, () => {
      order.push('cancels');
      cancel();
    });
    const cancel = env.after(6, () => order.push('cancelled'));
    await world.cluster.sleep(10);
    await world.cluster.resume(0);
    await world.cluster.sleep(1);
    expect(order).toEqual(['cancels']);
  });

  it('makes calls time out, and the paused node knows only later', async () => {
    const world = await createStarted(2);
    await world.cluster.pause(1);
    const asked = watch(world.env(0).call(1, 'hit', {}));
    const asking = watch(world.env(1).call(0, 'hit', {}));
    await world.cluster.sleep(LONGER_THAN_A_CALL_MS);
    expect([asked.outcome, asking.outcome]).toEqual(['ERR_UNREACHABLE', 'open']);
    await world.cluster.resume(1);
    await world.cluster.sleep(10);
    expect(asking.outcome).toEqual({});
  });
});

describe('a kill', () => {
  it('ends everything of that life: nothing fires, sends, resolves or rejects', async () => {
    const world = await createStarted(2, { minDelayMs: 5, maxDelayMs: 5 });
    const ghosts: string[] = [];
    const env = world.env(0);
    let finish: (result: object) => void = () => undefined;
    world.onHit = (_from, _params, { self }) =>
      self.id === 0
        ? new Promise((resolve) => {
            finish = resolve;
          })
        : {};
    env.after(20, () => ghosts.push('timer'));
    const answered = watch(env.call(1, 'hit', {}));
    const pending = watch(world.env(1).call(0, 'hit', {}));
    await world.cluster.sleep(8);
    await world.cluster.kill(0);
    finish({ from: 'the dead' });
    const sent = happened(world, 'send', 0).length;
    await world.cluster.sleep(LONGER_THAN_A_CALL_MS);
    expect(ghosts).toEqual([]);
    expect(answered.outcome).toBe('open');
    expect(pending.outcome).toBe('ERR_UNREACHABLE');
    expect(happened(world, 'send', 0)).toHaveLength(sent);
    expect(world.trace.findLast(({ node }) => node === 0)).toMatchObject({ event: 'crash' });
    expect(world.cluster.living().map(({ life }) => life.id)).toEqual([1]);
  });

  it.each([
    ['paused', false],
    ['just resumed', true],
  ])('of a node that is %s ends what it was to do, too', async (_when, isResumed) => {
    const world = await createStarted(1);
    let fired = false;
    world.env(0).after(1, () => {
      fired = true;
    });
    await world.cluster.pause(0);
    await world.cluster.sleep(5);
    const resumed = isResumed ? world.cluster.resume(0) : undefined;
    await Promise.all([resumed, world.cluster.kill(0)]);
    await world.cluster.resume(0);
    await world.cluster.sleep(5);
    expect(fired).toBe(false);
  });

  it('leaves nothing to the next life of that id, not even a message on its way', async () => {
    const world = await createStarted(2, { minDelayMs: 50, maxDelayMs: 50 });
    const hits: number[] = [];
    world.onHit = (_from, _params, { self }) => ({ hits: hits.push(self.incarnation) });
    void world
      .env(1)
      .call(0, 'hit', {})
      .catch(() => undefined);
    await world.cluster.sleep(10);
    await world.cluster.kill(0);
    await world.cluster.start({ role: 'server', id: 0, incarnation: 2 });
    await world.cluster.link(0, 1);
    await world.cluster.sleep(200);
    expect(hits).toEqual([]);
    const call = watch(world.env(1).call(0, 'hit', {}));
    await world.cluster.sleep(200);
    expect([hits, call.outcome]).toEqual([[2], { hits: 1 }]);
  });

  it('of a node that does not live changes nothing', async () => {
    const world = await createStarted(1);
    await world.cluster.kill(5);
    await world.cluster.pause(5);
    await world.cluster.link(0, 5);
    await expect(world.env(0).call(5, 'hit', {})).rejects.toMatchObject({
      code: 'ERR_NOT_CONNECTED',
    });
  });
});

describe('what is sent', () => {
  it('is a copy: nothing that a node does with it shows anywhere else', async () => {
    const world = await createStarted(2, { duplication: 1 });
    const seen: unknown[] = [];
    const kept = { list: [1] };
    world.onHit = (_from, params: { list: number[] }) => {
      seen.push(structuredClone(params));
      params.list.push(99);
      return kept;
    };
    const sent = { list: [1, 2] };
    const call = watch(world.env(0).call(1, 'hit', sent));
    sent.list.push(3);
    await world.cluster.sleep(20);
    expect(seen).toEqual([{ list: [1, 2] }, { list: [1, 2] }]);
    expect(sent).toEqual({ list: [1, 2, 3] });
    (call.outcome as typeof kept).list.push(77);
    expect(kept).toEqual({ list: [1] });
  });

  it.each([
    ['undefined', { a: undefined }],
    ['a Map', { a: new Map() }],
    ['NaN', { a: Number.NaN }],
  ])('must be JSON: %s is a bug that ends the run', async (_what, content) => {
    const world = await createStarted(2);
    world.onHit = () => content;
    const call = watch(world.env(0).call(1, 'hit', {}));
    await expect(world.cluster.sleep(100)).rejects.toThrow('not JSON');
    expect(call.outcome).toBe('open');
    expect(() => world.env(0).call(1, 'hit', content)).toThrow('not JSON');
    await world.cluster.stop();
  });

  it('shows a bug of a node to the caller that waits for the world', async () => {
    const world = await createStarted(2);
    world.onHit = () => Promise.reject(new Error('a slip'));
    void world.env(0).call(1, 'hit', {});
    await expect(world.cluster.sleep(100)).rejects.toThrow('a slip');
    await expect(world.cluster.kill(0)).rejects.toThrow('a slip');
  });
});

describe('the master', () => {
  it('hears of a node that does not answer', async () => {
    const world = await createStarted(1);
    await world.cluster.pause(0);
    const before = world.cluster.now();
    await expect(world.cluster.ask(0, 'settle', {}, 300)).rejects.toMatchObject({
      code: 'ERR_UNREACHABLE',
    });
    expect(world.cluster.now() - before).toBe(300);
    await expect(world.cluster.ask(7, 'settle', {})).rejects.toMatchObject({
      code: 'ERR_UNREACHABLE',
    });
    await expect(world.cluster.ask(0, 'settle', { a: undefined } as never)).rejects.toThrow(
      TypeError,
    );
  });
});

describe('the trace', () => {
  const interventions = ({ trace }: OpenWorld): string[] =>
    trace.flatMap((event) => {
      if (['start', 'send', 'receive', 'note'].includes(event.event)) return [];
      const peer = 'peer' in event ? ` ${event.peer}` : '';
      return `${event.line}: ${event.event} ${event.node}${peer}`;
    });

  it('says what was done to links and nodes, and for which line', async () => {
    const world = await createStarted(3);
    const { cluster } = world;
    world.trace.length = 0;
    await cluster.mute(0, 1, 7);
    await cluster.link(0, 1, 8);
    await cluster.unlink(1, 0, 9);
    await cluster.unlink(0, 1, 10);
    await cluster.mute(0, 1, 11);
    await cluster.link(0, 9, 12);
    await cluster.pause(2, 13);
    await cluster.pause(2, 14);
    await cluster.resume(2, 15);
    await cluster.resume(2, 16);
    await cluster.pause(9, 17);
    await cluster.unlink(0, 2);
    await cluster.kill(1, 18);
    await cluster.kill(0);
    await cluster.stop();
    expect(interventions(world)).toEqual([
      ...['7: mute 0 1', '8: link 0 1', '9: cut 1 0', '13: pause 2', '15: resume 2'],
      ...['undefined: cut 0 2', '18: crash 1', 'undefined: crash 0'],
    ]);
  });

  it('takes no step of a clock for what it sees from above', async () => {
    const world = await createStarted(2);
    await world.cluster.unlink(0, 1, 5);
    const [start] = happened(world, 'start', 0);
    const [cut] = happened(world, 'cut', 0);
    expect(cut).toMatchObject({ peer: 1, lamport: start?.lamport, line: 5 });
    await world.cluster.kill(0, 6);
    expect(happened(world, 'crash', 0)).toMatchObject([{ lamport: 2, line: 6 }]);
  });

  it('names the line of a start, and of a call with its answer', async () => {
    const world = createOpenWorld();
    await world.cluster.start({ role: 'server', id: 0, incarnation: 1, line: 3 });
    await world.cluster.ask(0, 'settle', {}, undefined, 4);
    await world.cluster.ask(0, 'settle', {});
    expect(world.trace.map(({ event, line }) => [event, line])).toEqual([
      ['start', 3],
      ...[
        ['receive', 4],
        ['send', 4],
      ],
      ...[
        ['receive', undefined],
        ['send', undefined],
      ],
    ]);
  });
});

describe('a request that the table does not allow', () => {
  it('is a bug, which names its sender, its receiver and the field', async () => {
    const setup = { protocol: tiny, options: completeOptions(tiny, {}), seed: 1 };
    const cluster = createSimCluster(setup);
    for (const id of [0, 1]) await cluster.start({ role: 'server', id, incarnation: 1 });
    await cluster.link(0, 1);
    const call = { name: 'call', args: ['1', 'echo', '{"text":1}'] };
    const why = /^server 1 refused 'echo' of server 0: .*: text: /;
    await expect(cluster.ask(0, 'command', call)).rejects.toThrow(why);
    await cluster.stop();
  });
});

describe('an answer that the table does not allow', () => {
  it('is a bug, since all code in here is the protocol itself', async () => {
    const setup = { protocol: tiny, options: completeOptions(tiny, {}), seed: 1 };
    const cluster = createSimCluster(setup);
    for (const id of [0, 1]) await cluster.start({ role: 'server', id, incarnation: 1 });
    await cluster.link(0, 1);
    const call = { name: 'call', args: ['1', 'lie', '{}'] };
    await expect(cluster.ask(0, 'command', call)).rejects.toThrow(
      /^server 1 answered 'lie' with an unusable answer: text: /,
    );
    await cluster.stop();
  });
});

describe('the wall clock', () => {
  it('is virtual, the same at every node, until the script moves one', async () => {
    const world = await createStarted(2);
    const [moved, other] = [world.env(0), world.env(1)];
    const before = moved.wallClock();
    expect(new Date(before).getUTCFullYear()).toBe(2000);
    await world.cluster.sleep(1500);
    expect([moved.wallClock(), other.wallClock()]).toEqual([before + 1500, before + 1500]);
    await world.cluster.ask(0, 'setClock', { offsetMs: -60_000 });
    expect([moved.wallClock(), other.wallClock()]).toEqual([before - 58_500, before + 1500]);
  });
});

// The trace of a real run: every message is sent once and received once, in Lamport order.
import { beforeAll, describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { takesStep } from '../support/clockSteps.ts';
import { post } from '../support/hostedNode.ts';
import { useTinyWorlds } from '../support/tinyWorld.ts';

const openWorld = useTinyWorlds();

async function runTraced(): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  const world = openWorld({ trace: (event) => events.push(event) });
  await world.start({ 0: 'server', 1: 'server', 5: 'client' });
  await world.join(0, 1);
  await world.join(5, 0);
  await world.cluster.ask(5, 'put', { key: 'k', value: 'v' });
  await world.call(0, 1, 'echo', { text: 'x' });
  await world.command(0, 'note', 'decided');
  await world.cluster.mute(0, 1);
  await world.call(1, 0, 'echo', { text: 'lost' });
  await world.cluster.kill(1);
  await world.cluster.stop();
  return events;
}

describe('the trace', () => {
  let events: readonly TraceEvent[];
  beforeAll(async () => {
    events = await runTraced();
  });

  it('orders every message: its receipt is later than its sending', () => {
    const sent = new Map<string, TraceEvent>();
    for (const event of events) {
      if (event.event === 'send') {
        expect(sent.has(event.message)).toBe(false);
        sent.set(event.message, event);
      }
    }
    const received = events.filter((event) => event.event === 'receive');
    const fromNodes = received.filter(({ from }) => from !== 'master');
    expect(fromNodes.length).toBeGreaterThanOrEqual(5);
    for (const receipt of fromNodes) {
      const origin = sent.get(receipt.message);
      expect(origin).toMatchObject({ to: receipt.node, method: receipt.method });
      expect(receipt.lamport).toBeGreaterThan(origin?.lamport ?? Number.POSITIVE_INFINITY);
      expect(receipt.at).toBeGreaterThanOrEqual(origin?.at ?? Number.POSITIVE_INFINITY);
      if (receipt.answers !== undefined) {
        expect(sent.get(receipt.answers)).toMatchObject({ node: receipt.node });
      }
    }
  });

  it('steps each life’s clock by every event, from its start to its death', () => {
    for (const node of [0, 1, 5]) {
      const own = events.filter((event) => event.node === node && takesStep(event));
      const stamps = own.map(({ lamport }) => lamport);
      expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => a - b));
      expect(own[0]).toMatchObject({ event: 'start', lamport: 1, incarnation: 1 });
    }
    const deaths = events.filter(({ event }) => event === 'crash');
    expect(deaths.map(({ node }) => node)).toEqual([1]);
  });

  it('shows the master’s calls, decisions, and what was lost on a one-way cut', () => {
    expect(events).toContainEqual(
      expect.objectContaining({ node: 5, event: 'receive', from: 'master', method: 'put' }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ node: 5, event: 'send', to: 'master', method: 'put' }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({
        node: 0,
        event: 'note',
        label: 'decided',
        detail: { why: 'a test' },
      }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({
        node: 0,
        event: 'drop',
        to: 1,
        method: 'echo',
        why: 'one-way cut',
      }),
    );
  });
});

it('shows a reply that no call waits for any more, as late', async () => {
  const events: TraceEvent[] = [];
  const world = openWorld({ trace: (event) => events.push(event) });
  await world.start({ 0: 'server', 1: 'server' });
  await world.join(0, 1);
  await world.call(0, 1, 'echo', { text: 'in time' });
  await world.cluster.pause(1);
  expect(await world.call(0, 1, 'echo', { text: 'too late' })).toMatch(/^ERR_UNREACHABLE/);
  await world.cluster.resume(1);
  // This one comes after it, on the same link.
  await world.call(0, 1, 'echo', { text: 'in time' });
  await world.cluster.stop();
  const replies = events.filter((event) => event.event === 'receive' && event.from === 1);
  expect(replies.map((event) => 'late' in event && event.late)).toEqual([false, true, false]);
});

describe('the endpoints', () => {
  it('let people call what the master calls', async () => {
    const world = openWorld();
    await world.start({ 0: 'server', 5: 'client' });
    await world.join(5, 0);
    const { nodes, tokens } = world.cluster.endpoints();
    const [server, client] = nodes;
    const ask = (port: number, method: string, params: object) =>
      post(port, {
        headers: { authorization: `Bearer ${tokens.master}` },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      });
    const put = await ask(client?.port ?? 0, 'put', { key: 'k', value: 'v' });
    expect(put).toMatchObject({ status: 200, json: { result: { outcome: 'ok' } } });
    const store = await ask(server?.port ?? 0, 'printStore', {});
    expect(store).toMatchObject({ status: 200, json: { result: { entries: [['k', 'v']] } } });
    const order = await ask(server?.port ?? 0, 'world.close', { peer: 5 });
    expect(order).toMatchObject({ status: 200, json: { error: { code: -32601 } } });
  });
});

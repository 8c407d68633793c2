import { describe, expect, it } from 'vitest';
import { HEALTHY_NETWORK, Network, type NetworkPlan } from '../../src/sim/network.ts';

const SENT = 20_000;

/** A network with servers 0, 1 and 2, each linked to every other. */
function createNetwork(faults: Partial<NetworkPlan> = {}, seed = 1): Network {
  const network = new Network(seed, { ...HEALTHY_NETWORK, ...faults });
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const)
    network.link(a, b);
  return network;
}

function countCopies(
  network: Network,
  from = 0,
  to = 1,
): [lost: number, once: number, twice: number] {
  const counts: [number, number, number] = [0, 0, 0];
  for (let sent = 0; sent < SENT; sent += 1) {
    const copies = network.send(from, to, 0).length as 0 | 1 | 2;
    counts[copies] += 1;
  }
  return counts;
}

describe('messages', () => {
  it('all arrive, once, on a healthy network', () => {
    expect(countCopies(createNetwork())).toEqual([0, SENT, 0]);
  });

  it('are lost and repeated as often as the plan says', () => {
    const [lost, once, twice] = countCopies(createNetwork({ loss: 0.3, duplication: 0.5 }));
    expect(lost / SENT).toBeCloseTo(0.3, 1);
    expect(twice / (once + twice)).toBeCloseTo(0.5, 1);
  });

  it('can all be lost, or all repeated', () => {
    expect(countCopies(createNetwork({ loss: 1 }))).toEqual([SENT, 0, 0]);
    expect(countCopies(createNetwork({ duplication: 1 }))).toEqual([0, 0, SENT]);
  });

  it('take from the shortest to the longest delay, in eighths of a millisecond', () => {
    const network = createNetwork({ minDelayMs: 2, maxDelayMs: 6 });
    const delays = Array.from({ length: SENT }, () => network.delay());
    expect(Math.min(...delays)).toBe(2);
    expect(Math.max(...delays)).toBe(6);
    expect(delays.every((ms) => Number.isInteger(ms * 8))).toBe(true);
    expect(new Set(delays).size).toBe(33);
  });

  it('are held up much longer now and then', () => {
    const network = createNetwork({ tail: 0.1, tailDelayMs: 1_000 });
    const delays = Array.from({ length: SENT }, () => network.delay());
    expect(delays.filter((ms) => ms > 5).length / SENT).toBeCloseTo(0.1, 1);
    expect(Math.max(...delays)).toBeGreaterThan(950);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1_000);
  });

  it('have the same fate for the same seed', () => {
    const fate = (seed: number) => {
      const network = createNetwork({ loss: 0.2, duplication: 0.2, tail: 0.1 }, seed);
      return Array.from({ length: 100 }, () => network.send(0, 1, 0));
    };
    expect(fate(1)).toEqual(fate(1));
    expect(fate(1)).not.toEqual(fate(2));
  });
});

describe('a message that certainly arrives once', () => {
  const delaysOf = (faults: Partial<NetworkPlan>, prepare: (network: Network) => void) => {
    const [network, same] = [createNetwork(faults, 3), createNetwork(faults, 3)];
    for (const one of [network, same]) prepare(one);
    const link = network.find(0, 1);
    return Array.from({ length: 50 }, (_, at) => {
      const certain = link && network.delayIfCertain(0, 1, link);
      const sent = certain === undefined ? network.send(0, 1, at) : [certain];
      expect(sent).toEqual(same.send(0, 1, at));
      return certain;
    }).filter((certain) => certain !== undefined);
  };

  it('has the delay that sending it would give', () => {
    expect(delaysOf({ tail: 0.5, tailDelayMs: 700 }, () => undefined)).toHaveLength(50);
  });

  it('is none where it may be lost, repeated or held up', () => {
    expect(delaysOf({ loss: 0.1 }, () => undefined)).toEqual([]);
    expect(delaysOf({ duplication: 0.1 }, () => undefined)).toEqual([]);
    expect(delaysOf({}, (network) => network.mute(0, 1))).toEqual([]);
    const setting = { isOrdered: true };
    expect(delaysOf({}, (one) => one.setLink({ direction: [0, 1], setting }))).toEqual([]);
    const network = createNetwork();
    const link = network.find(0, 1);
    network.unlink(0, 1);
    expect(link && network.delayIfCertain(0, 1, link)).toBeUndefined();
    expect(link?.isCut).toBe(true);
  });
});

describe('links', () => {
  it('are there both ways, until they are cut', () => {
    const network = createNetwork();
    expect(network.find(0, 1)).toBe(network.find(1, 0));
    expect(network.peersOf(1)).toEqual([0, 2]);
    network.unlink(1, 0);
    expect(network.find(0, 1)).toBeUndefined();
    expect(network.find(1, 0)).toBeUndefined();
    expect(network.peersOf(1)).toEqual([2]);
    expect(network.find(0, 2)).toBeDefined();
    network.unlink(1, 0);
    expect(network.peersOf(0)).toEqual([2]);
  });

  it('that are made again are others', () => {
    const network = createNetwork();
    const former = network.find(0, 1);
    network.link(0, 1);
    expect(network.find(0, 1)).toBe(former);
    network.unlink(0, 1);
    network.link(0, 1);
    expect(network.find(0, 1)).toBeDefined();
    expect(network.find(0, 1)).not.toBe(former);
  });

  it('can be mute one way, until they are made again', () => {
    const network = createNetwork();
    network.mute(0, 1);
    expect(countCopies(network, 0, 1)).toEqual([SENT, 0, 0]);
    expect(countCopies(network, 1, 0)).toEqual([0, SENT, 0]);
    expect(countCopies(network, 0, 2)).toEqual([0, SENT, 0]);
    network.link(1, 0);
    expect(countCopies(network, 0, 1)).toEqual([0, SENT, 0]);
  });

  it('that are not there cannot be mute later', () => {
    const network = createNetwork();
    network.unlink(0, 1);
    network.mute(0, 1);
    network.link(0, 1);
    expect(countCopies(network, 0, 1)).toEqual([0, SENT, 0]);
  });
});

describe('what is set for a direction', () => {
  const always = { kind: 'uniform', leastMs: 9, mostMs: 9 } as const;
  const delaysOf = (network: Network, from: number, to: number): Set<number> =>
    new Set(Array.from({ length: 200 }, (_, at) => network.send(from, to, at)).flat());

  it('counts there in place of the plan, and the plan in all else', () => {
    const network = createNetwork({ loss: 1, duplication: 1, tail: 1, tailDelayMs: 700 });
    network.setLink({ direction: [0, 1], setting: { loss: 0, delay: always } });
    expect(network.send(0, 1, 0)).toEqual([9, 9]);
    expect(network.send(1, 0, 0)).toEqual([]);
    network.plan = HEALTHY_NETWORK;
    expect(network.send(0, 1, 0)).toEqual([9]);
    expect(Math.max(...delaysOf(network, 1, 0))).toBeLessThanOrEqual(5);
    network.setLink({ direction: [0, 1], setting: null });
    expect(Math.max(...delaysOf(network, 0, 1))).toBeLessThanOrEqual(5);
  });

  it('outlives a cut, and holds for links that are made later', () => {
    const network = createNetwork();
    network.setLink({ direction: [0, 1], setting: { delay: always } });
    network.unlink(0, 1);
    network.link(0, 1);
    expect(delaysOf(network, 0, 1)).toEqual(new Set([9]));
    network.setLink({ direction: 'all', setting: { delay: always } });
    network.link(3, 4);
    expect(delaysOf(network, 3, 4)).toEqual(new Set([9]));
  });

  it('does not hold where the direction is cut', () => {
    const network = createNetwork();
    network.setLink({ direction: 'all', setting: { loss: 0, duplication: 1 } });
    network.mute(0, 1);
    expect(network.send(0, 1, 0)).toEqual([]);
    expect(network.send(1, 0, 0)).toHaveLength(2);
  });

  it('can keep the order of messages that the plan would let overtake each other', () => {
    const network = createNetwork();
    network.setLink({ direction: [0, 1], setting: { isOrdered: true } });
    const arrivals = Array.from({ length: 500 }, (_, at) =>
      network.send(0, 1, at).map((ms) => at + ms),
    );
    expect(arrivals.flat()).toEqual([...arrivals.flat()].sort((a, b) => a - b));
    expect(new Set(arrivals.map(([at = 0], sent) => at - sent)).size).toBeGreaterThan(10);
  });
});

// What a workload asks for, without a cluster.
import { describe, expect, it } from 'vitest';
import { completeOptions, type Protocol } from '../../src/kernel/protocol.ts';
import { createRandomStream } from '../../src/kernel/random.ts';
import { type LoadOrder, LoadOrders, type Shares } from '../../src/language/loadOrders.ts';
import { causal } from '../../src/protocols/causal/index.ts';
import { chain } from '../../src/protocols/chain/index.ts';
import { weak } from '../../src/protocols/weak/index.ts';

const PUTS: Shares = { keys: 1, reads: 0, appends: 0, pops: 0, cas: 0 };

/** The first operations of a lane; the operation i writes `w<i>`. */
function draw(count: number, shares: Partial<Shares>, protocol: Protocol = chain): LoadOrder[] {
  const run = { protocol, options: completeOptions(protocol, {}) };
  const orders = new LoadOrders(run, { ...PUTS, ...shares }, createRandomStream(1, 'a lane'));
  return Array.from({ length: count }, (_, index) => orders.next(`w${index}`));
}

const textsOf = (orders: readonly LoadOrder[]) =>
  orders.map((order) => ('texts' in order ? order.texts.join(' ') : order.kind));

describe('compare-and-sets', () => {
  it('expect what the one before wrote, and each fourth time an older value', () => {
    expect(textsOf(draw(9, { cas: 1 }))).toEqual([
      ...[' w0', 'w0 w1', 'w1 w2', 'w1 w3', 'w2 w4', 'w4 w5', 'w5 w6', 'w5 w7', 'w6 w8'],
    ]);
  });

  it('expect what a put of their key wrote', () => {
    const orders = draw(40, { cas: 0.5 });
    const last: string[] = [''];
    let comparisons = 0;
    for (const order of orders) {
      if (order.kind === 'put') last.unshift(order.value);
      if (order.kind !== 'cas') continue;
      comparisons += 1;
      const [expected, value = ''] = order.texts;
      const isOld = comparisons % 4 === 0;
      expect(expected).toBe(last[isOld ? 1 : 0]);
      if (!isOld) last.unshift(value);
    }
    expect(comparisons).toBeGreaterThan(12);
  });

  it('expect nothing that was written to another key', () => {
    const textsByKey = new Map<string, (readonly string[])[]>();
    for (const order of draw(200, { cas: 1, keys: 3 })) {
      const texts = 'texts' in order ? order.texts : [];
      textsByKey.set(order.key, [...(textsByKey.get(order.key) ?? []), texts]);
    }
    expect(textsByKey.size).toBe(3);
    for (const [first, second, third] of textsByKey.values()) {
      expect([first?.[0], second?.[0], third?.[0]]).toEqual(['', first?.[1], second?.[1]]);
    }
  });

  it.each([chain, weak])('are drawn in their share: $name', (protocol) => {
    const kinds = draw(1_000, { reads: 0.3, cas: 0.4 }, protocol).map(({ kind }) => kind);
    const countOf = (kind: string) => kinds.filter((one) => one === kind).length / 1_000;
    expect(countOf('get')).toBeCloseTo(0.3, 1);
    expect(countOf('cas')).toBeCloseTo(0.4, 1);
    expect(countOf('put')).toBeCloseTo(0.3, 1);
  });

  it('change no other operation where there are none', () => {
    const shares = { reads: 0.4, keys: 5 };
    expect(draw(50, shares)).toEqual(draw(50, shares, causal));
    const some = draw(50, { ...shares, cas: 0.2 });
    const others = draw(50, shares);
    expect(some.map(({ key }) => key)).toEqual(others.map(({ key }) => key));
    expect(some.filter(({ kind }) => kind === 'get')).toEqual(
      others.filter(({ kind }) => kind === 'get'),
    );
  });
});

// Equal seeds give equal runs, byte for byte; different seeds give different runs. All faults are
// on, so that a dependence on anything but the seed would show.
import { describe, expect, it } from 'vitest';
import { completeOptions } from '../../src/kernel/protocol.ts';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { runExercise } from '../conformance/exercise.ts';
import { PLANS } from '../conformance/plans.ts';
import { takesStep } from '../support/clockSteps.ts';
import { sample } from '../support/extent.ts';

const SEEDS = sample([1, 2, 3], 2);
const plan = PLANS.find(({ name }) => name === 'everything');

async function traceOf(seed: number, gossip: string): Promise<string[]> {
  const [protocol] = PROTOCOLS;
  if (protocol === undefined || plan === undefined) throw new Error('nothing to run');
  const lines: string[] = [];
  const trace = (event: TraceEvent) => lines.push(JSON.stringify(event));
  const options = completeOptions(protocol, { gossip });
  await runExercise({ protocol, options, plan, seed, trace }, new Map());
  return lines;
}

describe('a run', () => {
  it.each(['eager', '200ms'])('has one trace for each seed, gossip %s', async (gossip) => {
    const traces = new Set<string>();
    for (const seed of SEEDS) {
      const [first, second] = [await traceOf(seed, gossip), await traceOf(seed, gossip)];
      expect(first.length).toBeGreaterThan(500);
      expect(second).toEqual(first);
      traces.add(first.join('\n'));
    }
    expect(traces.size).toBe(SEEDS.length);
  });

  it('has the same trace beside another world that runs at the same time', async () => {
    const alone = await traceOf(4, 'eager');
    const [beside] = await Promise.all([traceOf(4, 'eager'), traceOf(5, 'eager')]);
    expect(beside).toEqual(alone);
  });

  it('orders every message by its Lamport stamps: sent before received', async () => {
    const events = (await traceOf(6, 'eager')).map((line) => JSON.parse(line) as TraceEvent);
    const sentAt = new Map<string, number>();
    const lastByNode = new Map<string, number>();
    let received = 0;
    for (const event of events) {
      if (!takesStep(event)) continue;
      const life = `${event.node}.${event.incarnation}`;
      expect(event.lamport).toBeGreaterThan(lastByNode.get(life) ?? 0);
      lastByNode.set(life, event.lamport);
      if (event.event === 'send') sentAt.set(event.message, event.lamport);
      if (event.event !== 'receive' || event.from === 'master') continue;
      expect(event.lamport).toBeGreaterThan(sentAt.get(event.message) ?? Number.POSITIVE_INFINITY);
      received += 1;
    }
    expect(received).toBeGreaterThan(200);
  });
});

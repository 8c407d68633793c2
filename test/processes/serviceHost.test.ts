// The configuration service in the master of real processes: as in the simulation, with a clock,
// chance from the seed, and commands.
import { expect, it } from 'vitest';
import { CallError } from '../../src/kernel/errors.ts';
import type { Protocol } from '../../src/kernel/protocol.ts';
import type { TraceEvent, TraceSink } from '../../src/kernel/trace.ts';
import { ServiceHost } from '../../src/processes/serviceHost.ts';
import { causal } from '../../src/protocols/causal/index.ts';
import { createSimCluster } from '../../src/sim/world.ts';
import { TEST_PROTOCOLS } from '../support/protocols/registry.ts';

const [own] = TEST_PROTOCOLS as [Protocol];

function createHost(protocol: Protocol, seed: number, trace?: TraceSink): ServiceHost {
  const ask = () => Promise.reject(new CallError('ERR_UNREACHABLE'));
  const now = () => 0;
  return new ServiceHost({
    protocol,
    options: {},
    seed,
    earlier: [],
    generation: 0,
    now,
    ask,
    ...(trace && { trace }),
  });
}

it('runs commands, with the chance that the simulation has for the same seed', async () => {
  for (const seed of [1, 2, 3]) {
    const host = createHost(own, seed);
    const simulated = createSimCluster({ protocol: own, options: {}, seed });
    for (let count = 0; count < 3; count += 1) {
      const lines = await host.command('audit', []);
      expect(lines[0]).toBe('0 entries');
      expect(await simulated.service.command('audit', [])).toEqual(lines);
    }
    await simulated.stop();
  }
});

it('answers servers, with what an error carries', async () => {
  const notes: TraceEvent[] = [];
  const host = createHost(own, 1, (event) => notes.push(event));
  const params = { session: '5.1', seq: 1, key: 'k', value: 'v', edit: null };
  const from = { id: 0, incarnation: 1, role: 'server' as const };
  expect(await host.callService(from, { method: 'book', params })).toEqual({
    version: [1, 0, 1],
    value: null,
  });
  expect(notes).toMatchObject([{ event: 'note', node: 'master', label: 'book' }]);
  expect(await host.inspect()).toEqual({ count: 1, isClosed: false });
  await host.command('close', []);
  const later = host.callService(from, { method: 'book', params: { ...params, seq: 2 } });
  await expect(later).rejects.toMatchObject({ code: 'ERR_CLOSED', data: { entries: 1 } });
});

it('has no commands where the protocol has no service', async () => {
  const refused = { code: 'E_NO_METHOD' };
  await expect(createHost(causal, 1).command('audit', [])).rejects.toMatchObject(refused);
  const simulated = createSimCluster({ protocol: causal, options: {}, seed: 1 });
  await expect(simulated.service.command('audit', [])).rejects.toMatchObject(refused);
});

// Calls of a process to the configuration service: every answer is in the trace, also errors and
// late ones.
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { Recorder } from '../../src/rpc/recorder.ts';
import { ServiceCalls } from '../../src/rpc/serviceCalls.ts';

function open() {
  const sent: unknown[] = [];
  const events: TraceEvent[] = [];
  const life = { id: 3, incarnation: 1 };
  const recorder = new Recorder(
    life,
    () => 0,
    (batch) => events.push(...batch),
  );
  const serviceCalls = new ServiceCalls(recorder, (message) => sent.push(message));
  const received = (): TraceEvent[] => {
    recorder.flush();
    return events.filter(({ event }) => event === 'receive');
  };
  return { serviceCalls, sent, received };
}

const receipt = {
  ...{ event: 'receive', from: 'master', method: 'join', node: 3 },
  ...{ message: 'service/3.1#1', answers: '3.1#1' },
};

describe('an answer of the service', () => {
  it('is recorded as it comes', async () => {
    const { serviceCalls, sent, received } = open();
    const asked = serviceCalls.ask('join', { n: 1 }, 10_000);
    expect(sent).toMatchObject([{ id: 1, params: { method: 'join', params: { n: 1 } } }]);
    serviceCalls.receive({ jsonrpc: '2.0', id: 1, result: { ok: true } });
    expect(received()).toMatchObject([receipt]);
    expect(received()[0]).not.toHaveProperty('late');
    expect(await asked).toEqual({ ok: true });
  });

  it('is recorded too if it is an error', async () => {
    const { serviceCalls, received } = open();
    const asked = serviceCalls.ask('join', {}, 10_000);
    serviceCalls.receive({ jsonrpc: '2.0', id: 1, error: { code: -32004, message: 'old' } });
    await expect(asked).rejects.toMatchObject({ code: 'E_CLOCK_JUMP' });
    expect(received()).toMatchObject([receipt]);
  });

  it('that comes too late, or twice, is recorded as late', async () => {
    const { serviceCalls, received } = open();
    await expect(serviceCalls.ask('join', {}, 1)).rejects.toMatchObject({
      code: 'ERR_UNREACHABLE',
    });
    for (let count = 0; count < 2; count += 1) {
      serviceCalls.receive({ jsonrpc: '2.0', id: 1, result: {} });
    }
    expect(received()).toMatchObject([
      { ...receipt, late: true },
      { ...receipt, method: '', late: true },
    ]);
  });
});

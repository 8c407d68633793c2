import { expect, it } from 'vitest';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { LifeTrace } from '../../src/processes/lifeTrace.ts';

const LIFE = { role: 'server', id: 3, incarnation: 2, line: 4 } as const;
const STAMP = { at: 7, node: 3, incarnation: 2, lamport: 5 };

function createTrace(): { trace: LifeTrace; events: TraceEvent[] } {
  const events: TraceEvent[] = [];
  const trace = new LifeTrace(
    LIFE,
    () => 9,
    (event) => events.push(event),
  );
  return { trace, events };
}

const receive = (message: string, from: 'master' | number = 'master'): TraceEvent => ({
  ...{ ...STAMP, event: 'receive', from, message, method: 'put' },
});
const send = (answers: string, to: 'master' | number = 'master'): TraceEvent => ({
  ...{ ...STAMP, event: 'send', to, message: '3.2#1', answers, method: 'put' },
});

it('names the line of a call at its receipt and at its answer, however late, and no other', () => {
  const { trace, events } = createTrace();
  trace.called(1, 12);
  trace.called(2, 13);
  trace.told([receive('master#2'), receive('master#3'), receive('http#1')]);
  trace.told([receive('master#1'), send('master#2')]);
  trace.told([send('master#1'), send('master#3'), send('1.1#2', 1), receive('1.1#2', 1)]);
  expect(events.map(({ line }) => line)).toEqual([
    ...[13, undefined, undefined, 12],
    ...[13, 12, undefined, undefined, undefined],
  ]);
  expect(events[1]).toEqual(receive('master#3'));
});

it('names the line of the start and of the end, and stamps what is seen from above', () => {
  const { trace, events } = createTrace();
  trace.told([{ ...STAMP, event: 'start', role: 'server' }]);
  trace.see({ event: 'cut', peer: 1 }, 20);
  trace.see({ event: 'pause' });
  trace.end(21);
  const seen = { ...STAMP, at: 9 };
  expect(events).toEqual([
    { ...STAMP, event: 'start', role: 'server', line: 4 },
    { ...seen, event: 'cut', peer: 1, line: 20 },
    { ...seen, event: 'pause' },
    { ...seen, lamport: 6, event: 'crash', line: 21 },
  ]);
});

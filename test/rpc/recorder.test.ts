// The Lamport clock of a life, and the events that it stamps.
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { Recorder } from '../../src/rpc/recorder.ts';

const life = { id: 3, incarnation: 2 };
const mark = () => ({ message: '3.2#1', method: 'echo' });

function record(): { recorder: Recorder; batches: TraceEvent[][] } {
  const batches: TraceEvent[][] = [];
  return {
    batches,
    recorder: new Recorder(
      life,
      () => 5,
      (events) => batches.push(events),
    ),
  };
}

describe('a recorder', () => {
  it('steps once an event, and above what it has received (Lamport 1978, IR2)', () => {
    for (const recorder of [record().recorder, new Recorder(life, () => 5)]) {
      recorder.started('server');
      expect(recorder.sent(4, mark)).toBe(2);
      recorder.received(4, 10, mark);
      expect(recorder.sent(4, mark)).toBe(12);
      recorder.received(4, 3, mark);
      recorder.dropped(4, 'cut', mark);
      recorder.noted('choose', {});
      expect(recorder.sent(4, mark)).toBe(15);
    }
  });

  it('hands over a turn’s events in one list, in order, whole', async () => {
    const { recorder, batches } = record();
    recorder.started('client');
    recorder.sent(4, mark, { text: 'x' });
    recorder.received(4, 7, () => ({ message: '4.1#1', answers: '3.2#1', method: 'echo' }));
    expect(batches).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    const at = { at: 5, node: 3, incarnation: 2 };
    expect(batches).toEqual([
      [
        { ...at, lamport: 1, event: 'start', role: 'client' },
        { ...at, lamport: 2, event: 'send', to: 4, ...mark(), params: { text: 'x' } },
        {
          ...at,
          lamport: 8,
          event: 'receive',
          from: 4,
          message: '4.1#1',
          answers: '3.2#1',
          method: 'echo',
        },
      ],
    ]);
  });

  it('hands over what waits when told to, and nothing twice', async () => {
    const { recorder, batches } = record();
    recorder.noted('first', {});
    recorder.flush();
    recorder.flush();
    await new Promise((resolve) => setImmediate(resolve));
    expect(batches.map((events) => events.length)).toEqual([1]);
  });

  it('names messages by the life and its own count', () => {
    const { recorder } = record();
    expect([recorder.nextCount(), recorder.nextCount()]).toEqual([1, 2]);
    expect(recorder.nameOf(2)).toBe('3.2#2');
  });
});

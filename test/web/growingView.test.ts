// A view that grows part by part.
import { describe, expect, test } from 'vitest';
import type { InitialWrite, Recorded } from '../../src/kernel/history.ts';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { type FirstView, GrowingView, linesOf } from '../../src/web/growingView.ts';

const first: FirstView = {
  source: { script: 'joinServer 0\nput 5 k v\n', protocol: 'causal', seed: 1, faults: '' },
  world: 'processes',
  options: { gossip: 'eager' },
};
const event: TraceEvent = {
  ...{ at: 1, node: 0, incarnation: 1, lamport: 1, event: 'start', role: 'server', line: 1 },
};
const states = { servers: [{ id: 0, state: null }], service: null };

describe('a growing view', () => {
  test('begins with what is known before the run', () => {
    expect(new GrowingView(first).view()).toEqual({
      ...{ source: first.source, world: 'processes', protocol: 'causal' },
      ...{
        options: { gossip: 'eager' },
        said: [],
        events: [],
        history: [],
        earlier: [],
        looks: [],
      },
      verdict: { lines: [], witness: null },
    });
  });

  test('puts a line before the one that had its number', () => {
    const growing = new GrowingView(first);
    growing.take({ part: 'line', number: 2, text: 'joinClient 5 0' });
    growing.take({ part: 'line', number: 4, text: 'get 5 k' });
    const { script } = growing.view().source;
    expect(linesOf(script)).toEqual(['joinServer 0', 'joinClient 5 0', 'put 5 k v', 'get 5 k']);
  });

  test('gives a look the number of the events before it; the later one counts', () => {
    const growing = new GrowingView(first);
    growing.take({ part: 'look', look: { servers: [], service: null } });
    growing.take({ part: 'event', event });
    growing.take({ part: 'look', look: { servers: [], service: null } });
    growing.take({ part: 'look', look: states });
    expect(growing.view().looks).toEqual([
      { cursor: 0, servers: [], service: null },
      { cursor: 1, ...states },
    ]);
  });

  test('says how many operations came before a write of an earlier run', () => {
    const growing = new GrowingView(first);
    const [operation, write] = [{ line: 2 } as Recorded, { key: 'k' } as InitialWrite];
    growing.take({ part: 'earlier', write });
    growing.take({ part: 'operation', operation });
    growing.take({ part: 'earlier', write });
    expect(growing.view().earlier).toEqual([
      { write, after: 0 },
      { write, after: 1 },
    ]);
  });

  test('leaves earlier views as they were', () => {
    const growing = new GrowingView(first);
    const before = growing.view();
    growing.take({ part: 'event', event });
    growing.take({ part: 'said', said: { stream: 'answer', text: 'k:v', line: 2 } });
    growing.take({ part: 'choice', protocol: 'chain', options: {} });
    expect(before).toMatchObject({ events: [], said: [], protocol: 'causal' });
    expect(growing.view()).toMatchObject({ events: [event], protocol: 'chain', options: {} });
  });

  test('keeps the first failure, which is the cause of later ones', () => {
    const growing = new GrowingView(first);
    growing.take({ part: 'failure', why: 'no port' });
    growing.take({ part: 'failure', why: 'interrupted' });
    expect(growing.view().failure).toBe('no port');
  });
});

test('the lines of a script: the last may lack its end', () => {
  expect(linesOf('')).toEqual([]);
  expect(linesOf('a\n\nb')).toEqual(['a', '', 'b']);
  expect(linesOf('a\n\n')).toEqual(['a', '']);
});

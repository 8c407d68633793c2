// The observer of messages: no message crosses a cut link, and the fate of each is counted.
import { describe, expect, test } from 'vitest';
import { Coverage } from '../../src/fuzz/coverage.ts';
import { TraceWatch } from '../../src/fuzz/traceWatch.ts';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { plain } from '../support/tinyProtocols.ts';

const upToDate = (): boolean => false;

function createWatch(isHashed = false): { watch: TraceWatch; coverage: Coverage } {
  const coverage = new Coverage();
  return { watch: new TraceWatch({ protocol: plain, coverage, isHashed }), coverage };
}

const place = { incarnation: 1, lamport: 1, method: 'push' };
const send = (message: string, at = 0): TraceEvent => ({
  ...{ event: 'send', ...place, at, node: 1, to: 2, message },
});
const receive = (message: string, at = 1): TraceEvent => ({
  ...{ event: 'receive', ...place, at, node: 2, from: 1, message },
});

function hear(watch: TraceWatch, ...events: TraceEvent[]): void {
  for (const event of events) watch.sink(event);
}

test('a note is counted, and must be in the list of a protocol that has one', () => {
  const coverage = new Coverage();
  const protocol = { ...plain, notes: ['choose'] };
  const watch = new TraceWatch({ protocol, coverage, isHashed: false });
  const note = (label: string): TraceEvent => ({
    ...{ event: 'note', at: 0, node: 1, incarnation: 1, lamport: 1, label, detail: {} },
  });
  hear(watch, note('choose'), note('choose'));
  expect(coverage.count('note choose')).toBe(2);
  expect(() => hear(watch, note('other'))).toThrow('plain has no note other in its list');
  expect(() => hear(createWatch().watch, note('other'))).not.toThrow();
});

describe('links', () => {
  test('what travels on a link may arrive', () => {
    const { watch } = createWatch();
    watch.linked(1, 2);
    hear(watch, send('a'), receive('a'));
  });

  test('nothing arrives where there is no link, or none any more', () => {
    const { watch } = createWatch();
    expect(() => hear(watch, receive('a'))).toThrow('across a cut link');
    watch.linked(2, 1);
    hear(watch, send('b'));
    watch.unlinked(1, 2, 0, upToDate);
    expect(() => hear(watch, receive('b'))).toThrow('across a cut link');
  });

  test('the end of a life ends its links', () => {
    const { watch } = createWatch();
    watch.linked(1, 2);
    watch.ended(1, 0, upToDate);
    expect(() => hear(watch, receive('a'))).toThrow('across a cut link');
  });

  test('a node that slept through the cut hears what had come before, until the next link', () => {
    const { watch } = createWatch();
    watch.linked(1, 2);
    hear(watch, send('a'));
    watch.paused(2);
    watch.unlinked(1, 2, 5, upToDate);
    watch.resumed(2, 9);
    hear(watch, receive('a', 9));
    watch.linked(1, 2);
    watch.unlinked(1, 2, 12, upToDate);
    expect(() => hear(watch, receive('b', 13))).toThrow('across a cut link');
  });

  test('so does a node that is behind with its work', () => {
    const { watch } = createWatch();
    watch.linked(1, 2);
    hear(watch, send('a'));
    watch.unlinked(1, 2, 5, (id) => id === 2);
    hear(watch, receive('a', 9));
  });

  test('what is sent into a muted direction does not arrive; what was under way does', () => {
    const { watch } = createWatch();
    watch.linked(1, 2);
    hear(watch, send('before'));
    watch.muted(1, 2);
    hear(watch, send('after'), receive('before'));
    expect(() => hear(watch, receive('after'))).toThrow('whose way to it is cut');
    watch.linked(1, 2);
    hear(watch, send('later'), receive('later'));
  });
});

test('counts what became of messages', () => {
  const { watch, coverage } = createWatch();
  watch.linked(1, 2);
  hear(watch, send('a', 0), send('b', 1), receive('b', 2), receive('a', 3), receive('a', 900));
  watch.sink({ event: 'drop', ...place, at: 1, node: 1, to: 2, message: 'c', why: 'lost' });
  watch.sink({ event: 'drop', ...place, at: 1, node: 1, to: 2, message: 'd', why: 'cut' });
  expect(coverage.toCounts()).toEqual({
    'fault message cut off': 1,
    'fault message held up': 1,
    'fault message lost': 1,
    'fault message overtaken': 2,
    'fault message repeated': 1,
  });
});

test('two traces have one digest only if they are the same', () => {
  const digestOf = (...events: TraceEvent[]): string => {
    const { watch } = createWatch(true);
    watch.linked(1, 2);
    hear(watch, ...events);
    return watch.digest();
  };
  expect(digestOf(send('a'), receive('a'))).toBe(digestOf(send('a'), receive('a')));
  expect(digestOf(send('a'), receive('a'))).not.toBe(digestOf(send('a'), receive('a', 2)));
});

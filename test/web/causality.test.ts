import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { countRelated, RELATION, relateTo } from '../../src/web/picture/causality.ts';
import { modelOf, randomTrace, traceOf } from './runs.ts';

const STEPS = new Set(['start', 'crash', 'send', 'receive', 'note']);

/** Happened-before by its definition: the transitive closure of the direct relation. */
function closeByBrute(events: readonly TraceEvent[]): boolean[][] {
  const isBefore = events.map((a, i) =>
    events.map((b, j) => {
      const isStep = STEPS.has(a.event) && STEPS.has(b.event);
      const isOneLife = a.node === b.node && a.incarnation === b.incarnation;
      if (isStep && isOneLife && i < j) return true;
      const isArrival = b.event === 'receive' || b.event === 'drop';
      return a.event === 'send' && isArrival && a.message === b.message;
    }),
  );
  for (const [k] of events.entries()) {
    for (const [i] of events.entries()) {
      if (isBefore[i]?.[k] !== true) continue;
      for (const [j] of events.entries()) {
        if (isBefore[k]?.[j] === true) (isBefore[i] as boolean[])[j] = true;
      }
    }
  }
  return isBefore;
}

describe('relateTo', () => {
  it.each([1, 2, 3, 4, 5, 6])('is happened-before by its definition, seed %i', (seed) => {
    const events = randomTrace(seed, 70);
    const model = modelOf(events);
    const isBefore = closeByBrute(events);
    for (const [focus] of events.entries()) {
      const expected = events.map((_, other) => {
        if (other === focus) return RELATION.self;
        if (isBefore[other]?.[focus] === true) return RELATION.past;
        return isBefore[focus]?.[other] === true ? RELATION.future : RELATION.concurrent;
      });
      expect([...relateTo(model, focus)], `focus ${focus}`).toEqual(expected);
    }
  });

  it('counts what is before, after and neither', () => {
    const model = modelOf(
      traceOf(
        { event: 'start', node: 0, role: 'server' },
        { event: 'start', node: 1, role: 'server' },
        { event: 'send', node: 0, to: 1, message: 'm', method: 'push' },
        { event: 'receive', node: 1, from: 0, message: 'm', method: 'push' },
      ),
    );
    expect(countRelated(relateTo(model, 2))).toEqual({ past: 1, future: 1, concurrent: 1 });
  });

  it('leaves out a life before, and changes that the world made', () => {
    const model = modelOf(
      traceOf(
        { event: 'start', node: 0, role: 'server' },
        { event: 'crash', node: 0 },
        { event: 'start', node: 0, role: 'server', incarnation: 2 },
        { event: 'pause', node: 0, incarnation: 2 },
        { event: 'note', node: 0, incarnation: 2, label: 'grow', detail: {} },
      ),
    );
    const { concurrent, past, self } = RELATION;
    expect([...relateTo(model, 4)]).toEqual([concurrent, concurrent, past, concurrent, self]);
  });
});

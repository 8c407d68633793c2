import { describe, expect, it } from 'vitest';
import { findBands } from '../../src/web/picture/bands.ts';
import { type Frame, fitAll, toPixel, toY } from '../../src/web/picture/frame.ts';
import { findAt, mainEvent } from '../../src/web/picture/hit.ts';
import { type Layout, layOut, place } from '../../src/web/picture/layout.ts';
import type { Model } from '../../src/web/picture/model.ts';
import { eventAt, extentOfLine, neighbour } from '../../src/web/picture/moves.ts';
import { showOperation } from '../../src/web/picture/operationText.ts';
import type { Order } from '../../src/web/picture/places.ts';
import { toScene } from '../../src/web/picture/scene.ts';
import { widthOf } from '../../src/web/picture/sceneParts.ts';
import { Search } from '../../src/web/picture/search.ts';
import { modelOf, operationOf, randomTrace, traceOf } from './runs.ts';

const START = { event: 'start', role: 'server' } as const;

/** A client's put that a server acknowledges, and that the server sends to another one. */
const PUT = traceOf(
  { ...START, node: 0, line: 1 },
  { ...START, node: 1, line: 2 },
  { event: 'start', role: 'client', node: 9, line: 3 },
  { event: 'receive', node: 9, from: 'master', message: 'master#1', method: 'put', line: 4 },
  { event: 'send', node: 9, to: 0, message: 'a', method: 'write', params: { key: 'tea' }, line: 4 },
  { event: 'receive', node: 0, from: 9, message: 'a', method: 'write' },
  { event: 'send', node: 0, to: 9, message: 'b', method: 'write', answers: 'a' },
  { event: 'receive', node: 9, from: 0, message: 'b', method: 'write', answers: 'a', line: 4 },
  {
    ...{ event: 'send', node: 9, to: 'master', message: 'c', method: 'put' },
    ...{ answers: 'master#1', line: 4 },
  },
  { event: 'send', node: 0, to: 1, message: 'd', method: 'push', params: { entries: [['pear']] } },
  { event: 'drop', node: 0, to: 1, message: 'd', method: 'push', why: 'cut' },
);
const PUT_MODEL = modelOf(PUT, [operationOf({ session: 9, line: 4 })], [0]);

function layoutOf(model: Model, order: Order = 'time', filter = { isControlShown: false }): Layout {
  return layOut(model, place(model, order, filter.isControlShown), filter);
}

function frameOf({ places }: Layout): Frame {
  const measures = { width: 1000, height: 400, gutter: 100, ruler: 24, laneHeight: 60, top: 0 };
  return { ...fitAll(places.width), ...measures };
}

const LAYOUT = layoutOf(PUT_MODEL);
const FRAME = frameOf(LAYOUT);

describe('the model', () => {
  it('has servers first, then clients, then the service if it has notes', () => {
    const model = modelOf(
      traceOf(
        { event: 'note', node: 'master', label: 'grow', detail: {} },
        { event: 'start', role: 'client', node: 3 },
        { ...START, node: 10 },
        { ...START, node: 2 },
      ),
    );
    expect(model.lanes.map(({ node }) => node)).toEqual([2, 10, 3, 'master']);
    expect(PUT_MODEL.lanes.map(({ node }) => node)).toEqual([0, 1, 9]);
  });

  it('joins sends with their receipts and losses, and a reply with its request', () => {
    expect([PUT_MODEL.sendOf[5], PUT_MODEL.sendOf[7], PUT_MODEL.sendOf[10]]).toEqual([4, 6, 9]);
    expect(PUT_MODEL.requestOf[6]).toBe(5);
    expect(PUT_MODEL.requestOf[4]).toBe(-1);
  });

  it('keeps every receipt of a message that came twice', () => {
    const model = modelOf(
      traceOf(
        { event: 'send', node: 0, to: 1, message: 'm', method: 'push' },
        { event: 'receive', node: 1, from: 0, message: 'm', method: 'push' },
        { event: 'receive', node: 1, from: 0, message: 'm', method: 'push' },
      ),
    );
    expect([...model.arrival]).toEqual([1, 2, -1]);
    expect(layoutOf(model).arrows.to).toEqual(Int32Array.of(1, 2));
  });

  it('finds the call and the answer of each operation, in the order of a session', () => {
    const call = (message: string, line: number) =>
      ({ event: 'receive', node: 9, from: 'master', message, method: 'get', line }) as const;
    const events = traceOf(call('m1', 4), call('m2', 4), call('m3', 6));
    const history = [
      operationOf({ session: 9, seq: 1, line: 4 }),
      operationOf({ session: 9, seq: 0, line: 4 }),
      operationOf({ session: 9, seq: 2, line: 5, outcome: 'fail' }),
      operationOf({ session: 9, seq: 3, line: 6 }),
    ];
    const { begin, end } = modelOf(events, history).operations;
    expect([...begin]).toEqual([1, 0, -1, 2]);
    expect([...end]).toEqual([-1, -1, -1, -1]);
    expect(PUT_MODEL.operations.end[0]).toBe(8);
  });
});

describe('operations as text', () => {
  it.each([
    [{ kind: 'put', value: '' }, 'put tea ""'],
    [{ kind: 'get', value: 'green' }, 'get tea -> green'],
    [{ kind: 'get', value: null, outcome: 'absent' }, 'get tea -> absent'],
    [{ kind: 'put', outcome: 'unknown' }, 'put tea green -> no answer'],
    [{ kind: 'delete', value: null }, 'delete tea'],
    [{ kind: 'cas', expected: 'a', value: 'b', isSet: false }, 'cas tea a b -> not set'],
    [{ kind: 'put', key: '\u202egnp\n', value: 'x' }, 'put \\u202egnp\\x0a x'],
  ] as const)('%o', (fields, text) => {
    expect(showOperation(operationOf({ session: 9, ...fields }))).toBe(text);
  });
});

describe('bands', () => {
  it('last from a cut to the link, or to the end of a life', () => {
    const model = modelOf(
      traceOf(
        { ...START, node: 0 },
        { ...START, node: 1 },
        { event: 'link', node: 1, peer: 0 },
        { event: 'cut', node: 1, peer: 0 },
        { event: 'pause', node: 0 },
        { event: 'link', node: 0, peer: 1 },
        { event: 'resume', node: 0 },
        { event: 'mute', node: 1, peer: 0 },
        { event: 'crash', node: 0 },
      ),
    );
    const { list, healed } = findBands(model);
    const shown = list.map(({ kind, lane, from, to }) => [kind, lane, from, to]);
    expect(shown).toEqual([
      ['outage', 0, 3, 5],
      ['outage', 1, 3, 5],
      ['pause', 0, 4, 6],
      ['life', 0, 0, 8],
      ['outage', 1, 7, 8],
      ['life', 1, 1, -1],
    ]);
    expect(list[0]?.text).toBe('no link to 1');
    expect([...healed]).toEqual([5]);
  });
});

describe.each(['time', 'causal'] as const)('events placed by %s', (order) => {
  it.each([1, 2, 3])('never go back in a lane, nor from a cause to its effect, seed %i', (seed) => {
    const model = modelOf(randomTrace(seed, 300));
    const { x } = layoutOf(model, order).places;
    const last = new Map<number, number>();
    for (const [index, place] of x.entries()) {
      const lane = model.lane[index] as number;
      expect(place).toBeGreaterThanOrEqual(last.get(lane) ?? 0);
      last.set(lane, place);
      const send = model.sendOf[index] as number;
      if (send !== -1) expect(place).toBeGreaterThan(x[send] as number);
    }
  });
});

describe('filters', () => {
  const shownWith = (filter: Parameters<typeof layOut>[2]): number[] => {
    const { isShown } = layOut(PUT_MODEL, place(PUT_MODEL, 'time', false), filter);
    return [...isShown.keys()].filter((index) => isShown[index] === 1);
  };

  it("hide the master's calls unless they are asked for", () => {
    expect(shownWith({ isControlShown: false })).toEqual([0, 1, 2, 4, 5, 6, 7, 9, 10]);
    expect(shownWith({ isControlShown: true })).toHaveLength(11);
  });

  it('by key have the reply of a request with the key, and keys within arrays', () => {
    expect(shownWith({ isControlShown: false, key: 'tea' })).toEqual([0, 1, 2, 4, 5, 6, 7]);
    expect(shownWith({ isControlShown: false, key: 'pear' })).toEqual([0, 1, 2, 9, 10]);
  });

  it('by method and by node', () => {
    expect(shownWith({ isControlShown: false, method: 'push' })).toEqual([0, 1, 2, 9, 10]);
    expect(shownWith({ isControlShown: false, nodes: new Set([1]) })).toEqual([1]);
  });
});

describe('moves', () => {
  it('go over hidden events', () => {
    expect(neighbour(LAYOUT, 2, 1)).toBe(4);
    expect(neighbour(LAYOUT, 4, -1)).toBe(2);
    expect(neighbour(LAYOUT, 5, 1, 1)).toBe(-1);
    expect(neighbour(LAYOUT, 0, 1, 0)).toBe(5);
  });

  it('find the event before a place, and the stretch of a line', () => {
    const { x } = LAYOUT.places;
    expect(eventAt(LAYOUT, x[5] as number)).toBe(5);
    expect(eventAt(LAYOUT, (x[5] as number) - 0.01)).toBe(4);
    expect(eventAt(LAYOUT, -1)).toBe(-1);
    expect(extentOfLine(LAYOUT, 4)).toEqual({ from: x[3], to: x[8] });
    expect(extentOfLine(LAYOUT, 77)).toBeUndefined();
  });

  it('search in methods, keys, values, notes and nodes, round the end', () => {
    expect(new Search(LAYOUT, 'PUSH').count()).toBe(2);
    expect(new Search(LAYOUT, 'pear').next(0, 1)).toBe(9);
    expect(new Search(LAYOUT, 'pear').next(9, 1)).toBe(9);
    expect(new Search(LAYOUT, 'green').next(0, 1)).toBe(3);
    expect(new Search(LAYOUT, 'client 9').count()).toBe(3);
    expect(new Search(LAYOUT, 'nowhere').next(0, 1)).toBe(-1);
  });
});

describe('the scene', () => {
  const styles = (layout: Layout, highlights = {}) =>
    toScene(layout, frameOf(layout), highlights).batches.map(({ style, isDim }) =>
      isDim ? `dim ${style}` : style,
    );

  it('draws requests, replies, losses and the witness each in its style', () => {
    expect(styles(LAYOUT)).toEqual(
      expect.arrayContaining(['request', 'reply', 'lost', 'lostEnd', 'witness', 'start', 'lane']),
    );
    const { texts } = toScene(LAYOUT, FRAME, {});
    expect(texts.map(({ text }) => text)).toContain('line 4: put tea green');
  });

  it('writes no text over another, where operations of a client overlap', () => {
    const events = traceOf(
      { event: 'start', role: 'client', node: 9 },
      { ...START, node: 0, at: 100 },
    );
    const history = Array.from({ length: 12 }, (_, index) =>
      operationOf({ session: 9, seq: index, invokedAt: 4 * index, returnedAt: 50 + 4 * index }),
    );
    const layout = layoutOf(modelOf(events, history));
    const { texts } = toScene(layout, frameOf(layout), {});
    const boxes = texts.map(({ x, y, text }) => ({ y, from: x, to: x + widthOf(text) }));
    expect(texts.some(({ text }) => text.startsWith('put'))).toBe(true);
    for (const [at, box] of boxes.entries()) {
      const over = boxes.slice(0, at).filter(({ y, from, to }) => {
        return y === box.y && from < box.to && box.from < to;
      });
      expect(over).toEqual([]);
    }
  });

  it('dims what is neither before nor after the focus', () => {
    const relation = Uint8Array.from({ length: PUT.length }, (_, index) => (index < 9 ? 1 : 0));
    const drawn = styles(LAYOUT, { relation, focus: 8 });
    expect(drawn).toContain('dim lost');
    expect(drawn).not.toContain('lost');
    expect(drawn).toContain('request');
  });

  it('draws columns and a part of the messages where there are too many', () => {
    const layout = layoutOf(modelOf(randomTrace(5, 12_000)));
    const { batches, oneOf } = toScene(layout, frameOf(layout), {});
    expect(oneOf).toBeGreaterThan(1);
    expect(batches.some(({ style }) => style === 'density')).toBe(true);
    const numbers = batches.reduce((sum, batch) => sum + batch.numbers.length, 0);
    expect(numbers).toBeLessThan(40_000);
  });
});

describe('findAt', () => {
  const { x } = LAYOUT.places;
  const at = (event: number, row: number) => ({
    x: toPixel(FRAME, x[event] as number),
    y: toY(FRAME, row),
  });

  it('finds an event, a bar, an arrow by its sending, and nothing', () => {
    expect(findAt(LAYOUT, FRAME, at(5, 0))).toEqual({ event: 5 });
    const [a, b] = [at(4, 2), at(5, 0)];
    expect(findAt(LAYOUT, FRAME, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })).toEqual({ event: 4 });
    const inside = { x: (at(5, 2).x + at(7, 2).x) / 2, y: toY(FRAME, 2) };
    expect(findAt(LAYOUT, FRAME, inside)).toEqual({ event: 3, operation: 0 });
    expect(findAt(LAYOUT, FRAME, { x: 990, y: toY(FRAME, 1) })).toBeUndefined();
    expect(findAt(LAYOUT, FRAME, { x: 5, y: toY(FRAME, 1) })).toBeUndefined();
  });

  it('has a read selected by its answer', () => {
    const model = modelOf(PUT, [operationOf({ session: 9, line: 4, kind: 'get' })]);
    expect(mainEvent({ model }, 0)).toBe(8);
    expect(mainEvent({ model: PUT_MODEL }, 0)).toBe(3);
  });
});

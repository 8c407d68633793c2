// Where nodes are drawn, and the lines between them.
import { describe, expect, it } from 'vitest';
import { type Point, placeNodes } from '../../src/web/cursor/circle.ts';
import { across, along, arrowHead, between } from '../../src/web/cursor/line.ts';
import { changes, start } from './support/traces.ts';

/** A run with so many servers, and clients that are linked with them in turn. */
function run(servers: number, clients: number) {
  const ids = Array.from({ length: servers }, (_, id) => id);
  const own = Array.from({ length: clients }, (_, index) => 100 + index);
  return [
    ...ids.map((id) => start(id)),
    ...own.map((id) => start(id, 'client')),
    ...own.map((id, index) => changes('link', id, index % servers)),
  ];
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** What the page has for the picture in a window of this width, beside other panels. */
const ROOMS = [
  ['360', { w: 310, h: 209 }],
  ['1280', { w: 290, h: 190 }],
  ['1600', { w: 380, h: 290 }],
  ['1280, enlarged', { w: 290, h: 560 }],
] as const;

/** Half the height of a node with its label, and half the width of the label. */
const TALL = { above: 25, below: 34 };
const WIDE = 20;

describe.each(ROOMS)('the places of nodes at %s pixels', (_width, room) => {
  it.each([
    [1, 0],
    [2, 2],
    [3, 3],
    [4, 0],
    [5, 4],
    [7, 7],
    [9, 9],
    [12, 30],
    [20, 30],
    [1, 40],
  ])('do not overlap and are within the box: %i servers, %i clients', (servers, clients) => {
    const { byId, box, nodeRadius } = placeNodes(run(servers, clients), room);
    const points = [...byId.values()];
    expect(points.length).toBe(servers + clients);
    expect(box.w / box.h).toBeCloseTo(room.w / room.h);
    for (const [index, a] of points.entries()) {
      expect(a.x - WIDE).toBeGreaterThan(box.x);
      expect(a.x + WIDE).toBeLessThan(box.x + box.w);
      expect(a.y - TALL.above).toBeGreaterThan(box.y);
      expect(a.y + TALL.below).toBeLessThan(box.y + box.h);
      for (const b of points.slice(0, index)) {
        expect(distance(a, b)).toBeGreaterThan(2.4 * nodeRadius);
      }
    }
  });

  it.each([2, 3, 4, 5, 6, 7, 8, 9])('can be read with %i servers and clients', (count) => {
    const { box } = placeNodes(run(count, count), room);
    // The numbers in the nodes have 13 pixels.
    expect((13 * room.w) / box.w).toBeGreaterThan(8.5);
  });

  it('are the same for the same run, and a client is nearest to its server', () => {
    const events = run(5, 5);
    const { byId } = placeNodes(events, room);
    expect(placeNodes([...events], room).byId).toEqual(byId);
    for (let id = 0; id < 5; id += 1) {
      const client = byId.get(100 + id) as Point;
      const nearest = [0, 1, 2, 3, 4].sort(
        (a, b) => distance(client, byId.get(a) as Point) - distance(client, byId.get(b) as Point),
      );
      expect(nearest[0]).toBe(id);
    }
  });
});

describe('a line between two nodes', () => {
  const line = between({ x: 0, y: 0 }, { x: 100, y: 0 }, 10);

  it('ends at their edges', () => {
    expect(line).toEqual({ from: { x: 10, y: 0 }, to: { x: 90, y: 0 } });
    expect(along(line, 0.5)).toEqual({ x: 50, y: 0 });
  });

  it('has bars across it and an arrow at its end', () => {
    expect(across(line, 0.5, 5)).toEqual({ from: { x: 50, y: -5 }, to: { x: 50, y: 5 } });
    expect(arrowHead(line, 10)).toBe('90,0 80,-4.5 80,4.5');
  });

  it('is no NaN between nodes that touch', () => {
    const none = between({ x: 0, y: 0 }, { x: 0, y: 0 }, 10);
    expect(arrowHead(none, 10)).not.toContain('NaN');
  });
});

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

describe('the places of nodes', () => {
  it.each([
    [1, 0],
    [2, 2],
    [3, 3],
    [5, 4],
    [12, 30],
    [40, 60],
    [1, 40],
  ])('do not overlap and are within the box: %i servers, %i clients', (servers, clients) => {
    const { byId, box, nodeRadius } = placeNodes(run(servers, clients));
    const points = [...byId.values()];
    expect(points.length).toBe(servers + clients);
    for (const [index, a] of points.entries()) {
      expect(a.x).toBeGreaterThan(box.x + nodeRadius);
      expect(a.y).toBeLessThan(box.y + box.h - nodeRadius);
      for (const b of points.slice(0, index)) {
        expect(distance(a, b)).toBeGreaterThan(2 * nodeRadius);
      }
    }
  });

  it('are the same for the same run, and a client is nearest to its server', () => {
    const events = run(5, 5);
    const { byId } = placeNodes(events);
    expect(placeNodes([...events]).byId).toEqual(byId);
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

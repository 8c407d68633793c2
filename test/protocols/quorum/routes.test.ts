import { describe, expect, it } from 'vitest';
import { type Route, routesFrom } from '../../../src/protocols/quorum/routes.ts';

/** The tree 0 - 1 - 2 - 3, and 0 - 4. */
const ROUTES: readonly Route[] = [[1], [1, 2], [1, 2, 3], [4]];
const LINKS = new Set(['0 1', '1 0', '1 2', '2 1', '2 3', '3 2', '0 4', '4 0']);

describe('the routes of a round', () => {
  it('are those of the root for the root', () => {
    expect(routesFrom(0, [], ROUTES)).toEqual(ROUTES);
  });

  it('lead every server to every other, over links of the tree', () => {
    for (const own of [[], ...ROUTES]) {
      const self = own.at(-1) ?? 0;
      const routes = routesFrom(0, own, ROUTES);
      expect(routes.map((route) => route.at(-1)).sort()).toEqual(
        [0, 1, 2, 3, 4].filter((id) => id !== self),
      );
      for (const route of routes) {
        for (const [place, to] of route.entries()) {
          expect(LINKS).toContain(`${route[place - 1] ?? self} ${to}`);
        }
      }
    }
  });
});
